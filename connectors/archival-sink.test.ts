import { archivedOrders, type Order, type OrderId, orderCommands } from '#schemas/orders';
import { type MemoryLog, memoryLog, memoryRegistry } from '#streams';
import { archivalWriter, confirmationId } from './archival-sink.ts';
import { type EmbeddedViews, openEmbeddedViews } from './embedded/embedded-views.ts';
import { temporaryDirectories } from './embedded/temporary-directory.ts';
import { SinkError } from './sink-error.ts';
import { changeDecoder, sinkFeed } from './sink-feed.ts';
import { sampleOrder } from './views/sample-values.ts';
import { batchOf } from './views/view-writer-contract.ts';

const newDirectory = temporaryDirectories();
const registry = memoryRegistry();
const timing = { nowMs: () => 1_000 };
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const archived = (id: string, version = 1) =>
  [id as OrderId, sampleOrder(id, { version })] as const;

async function open() {
  const log = memoryLog();
  const views = openEmbeddedViews({ directory: newDirectory() });
  closing.push(
    () => log.close(),
    () => views.close(),
  );
  const { name, partitions, cleanupPolicy, retentionMs } = orderCommands;
  await log.createTopics([{ name, partitions, cleanupPolicy, retentionMs }]);
  return { log, views };
}

function writerOver(log: Pick<MemoryLog, 'append'>, views: EmbeddedViews) {
  return archivalWriter({
    log: log as MemoryLog,
    registry,
    history: views.orderHistory.writer,
    confirmations: views.archivalConfirmations,
    timing,
  });
}

async function confirmed(log: MemoryLog): Promise<unknown[]> {
  const reader = log.openReader();
  const { name, partitions } = orderCommands;
  reader.assign(
    Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition, offset: 0n })),
  );
  const writer = { name: '', positions: async () => [], apply: async () => {} };
  const decoder = await changeDecoder(sinkFeed(orderCommands, writer), registry);
  const found: unknown[] = [];
  for (;;) {
    const batches = await reader.poll({ maxWaitMs: 0 });
    if (batches.length === 0) break;
    for (const { records } of batches) {
      for (const record of records) {
        const { key, value } = await decoder.decode(record);
        found.push({ key, value });
      }
    }
  }
  await reader.close();
  return found;
}

const confirmation = (id: string, version = 1) => ({
  key: id,
  value: { type: 'ConfirmArchived', commandId: confirmationId(id as OrderId, version), version },
});

test('confirms an order when the history has it', async () => {
  const { log, views } = await open();
  const writer = await writerOver(log, views);
  await writer.apply([batchOf(0, [archived('o1', 7), archived('o2')])]);
  expect(await views.orderHistory.reader.get('o1' as OrderId)).toEqual(archived('o1', 7)[1]);
  expect(new Set(await confirmed(log))).toEqual(
    new Set([confirmation('o1', 7), confirmation('o2')]),
  );
});

test('confirms nothing that the history refused', async () => {
  const { log, views } = await open();
  const refusing = {
    ...views.orderHistory.writer,
    apply: async () => {
      throw new SinkError('SINK_REJECTED', 'no');
    },
  };
  const writer = await archivalWriter({
    log,
    registry,
    history: refusing,
    confirmations: views.archivalConfirmations,
    timing,
  });
  const applied = writer.apply([batchOf(0, [archived('o1')])]);
  await expect(applied).rejects.toMatchObject({ code: 'SINK_REJECTED' });
  expect(await confirmed(log)).toEqual([]);
  expect(await writer.positions()).toEqual([]);
});

test('is read again where it was not confirmed yet, after a crash between the two', async () => {
  const { log, views } = await open();
  const crashing = await writerOver({ append: () => Promise.reject(new Error('killed')) }, views);
  const batch = batchOf<OrderId, Order>(0, [archived('o1')]);
  await expect(crashing.apply([batch])).rejects.toThrow('killed');
  expect(await crashing.positions()).toEqual([]);

  const writer = await writerOver(log, views);
  await writer.apply([batch]);
  expect(await confirmed(log)).toEqual([confirmation('o1')]);
  expect(await writer.positions()).toEqual([{ topic: batch.topic, partition: 0, nextOffset: 1n }]);
});

test('confirms an order once when its batch is written again', async () => {
  const { log, views } = await open();
  const writer = await writerOver(log, views);
  await writer.apply([batchOf(0, [archived('o1')])]);
  await writer.apply([batchOf(0, [archived('o1'), archived('o2')])]);
  expect(await confirmed(log)).toHaveLength(2);
});

test('takes a tombstone out of the history and confirms nothing', async () => {
  const { log, views } = await open();
  const writer = await writerOver(log, views);
  await writer.apply([batchOf<OrderId, Order>(0, [['o1' as OrderId, null]])]);
  expect(await confirmed(log)).toEqual([]);
  expect(await views.orderHistory.reader.count()).toBe(0);
});

test('is a writer of the topic of archived orders', async () => {
  const { log, views } = await open();
  expect(sinkFeed(archivedOrders, await writerOver(log, views)).writer.name).toBe('order-history');
});
