import { produced } from '../contract/contract-fixture.ts';
import { MemoryStorage } from '../memory/memory-storage.ts';
import { InProcessLog } from './in-process-log.ts';
import type { TableWrite } from './ordered-storage.ts';

/** Counts transactions, holds them back and fails them as a test says. */
class ControlledStorage extends MemoryStorage {
  transactions = 0;
  failing = false;
  #gate: Promise<void> = Promise.resolve();

  hold(): () => void {
    let open = () => {};
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  }

  override async write(writes: readonly TableWrite[]): Promise<void> {
    await this.#gate;
    if (this.failing) throw new Error('no space left on device');
    this.transactions += 1;
    return super.write(writes);
  }
}

const topic = { name: 't', partitions: 1, cleanupPolicy: 'delete', retentionMs: -1 } as const;

async function open() {
  const storage = new ControlledStorage();
  const log = new InProcessLog(storage, {
    maxRecordBytes: 1_000,
    rebalanceTimeoutMs: 1_000,
    cleanIntervalMs: 60_000,
    tombstoneRetentionMs: 1_000,
    now: () => 0,
    commitsState: true,
    readOnly: false,
  });
  await log.createTopics([topic]);
  storage.transactions = 0;
  return { storage, log };
}

test('appends that wait for a transaction share the next one', async () => {
  const { storage, log } = await open();
  const release = storage.hold();
  const first = log.append([produced(topic, 'a')]);
  await new Promise((resolve) => setImmediate(resolve));
  const waiting = Array.from({ length: 100 }, () => log.append([produced(topic, 'b')]));
  release();
  await Promise.all([first, ...waiting]);
  expect(storage.transactions).toBe(2);
  await log.close();
});

test('nothing is visible before it is durable', async () => {
  const { storage, log } = await open();
  const reader = log.openReader();
  reader.assign([{ topic: 't', partition: 0, offset: 0n }]);
  const release = storage.hold();
  const append = log.append([produced(topic, 'a')]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await reader.poll({ maxWaitMs: 0 })).toEqual([]);
  expect((await log.describeTopic('t')).offsets[0]?.end).toBe(0n);
  release();
  await append;
  expect(await reader.poll({ maxWaitMs: 0 })).toHaveLength(1);
  await log.close();
});

test('a transaction that fails takes its offsets back and can be tried again', async () => {
  const { storage, log } = await open();
  await log.append([produced(topic, 'a')]);
  storage.failing = true;
  await expect(log.append([produced(topic, 'b')])).rejects.toMatchObject({
    code: 'STREAMS_LOG_UNAVAILABLE',
    retryable: true,
  });
  storage.failing = false;
  expect((await log.append([produced(topic, 'c')]))[0]?.offset).toBe(1n);
  await log.close();
});

test('closing waits for what was asked before, and refuses what comes after', async () => {
  const { storage, log } = await open();
  const release = storage.hold();
  const append = log.append([produced(topic, 'a')]);
  const closed = log.close();
  await expect(log.append([produced(topic, 'b')])).rejects.toMatchObject({
    code: 'STREAMS_LOG_CLOSED',
  });
  release();
  expect((await append)[0]?.offset).toBe(0n);
  await closed;
});
