/** A sink that was thought dead and its successor write one view. */
import type { Order, OrderId } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import type { SinkError } from '../sink-error.ts';
import { sampleOrder } from '../views/sample-values.ts';
import type { ChangeBatch } from '../views/view.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { advancesOf } from './advances.ts';
import type { CassandraViews } from './cassandra-views.ts';
import { orderHistoryName } from './order-history.ts';
import { type OrderStore, orderRows } from './order-rows.ts';
import {
  batchBetween,
  foldOf,
  type OrderLog,
  orderLog,
  randomOf,
  shownBy,
} from './shop-of-orders.ts';
import type { TestTools } from './test-tools.ts';

const anna = 'user-anna' as UserId;
const id = 'a' as OrderId;
const later = { atMs: Number.POSITIVE_INFINITY };
const order = (createdAt: number) => sampleOrder('a', { userId: anna, createdAt });

export function twoWritersTests(tools: TestTools): void {
  test('rows of the one that was left behind do not win over newer ones', async () => {
    const views = await tools.under().open();
    const { reader, writer } = views.orderHistory;
    const older = batchOf(0, [[id, order(1)]]);
    const late = await heldBack(tools, older);
    await writer.apply([older]);
    await writer.apply([batchOf(1, [[id, order(2)]])]);
    await late.arrive();
    expect(await reader.get(id)).toEqual(order(2));
    expect((await reader.ofUser(anna, { limit: 5 })).items).toEqual([order(2)]);
    expect(await reader.count()).toBe(1);
  });

  test('rows of the one that was left behind do not bring a deleted order back', async () => {
    const views = await tools.under().open();
    const { reader, writer } = views.orderHistory;
    const older = batchOf(0, [[id, order(1)]]);
    const late = await heldBack(tools, older);
    await writer.apply([older]);
    await writer.apply([batchOf<OrderId, Order>(1, [[id, null]])]);
    await late.arrive();
    expect(await shownBy(views)).toEqual({ orders: [], lists: [[], []], count: 0 });
    expect(await reader.get(id)).toBeUndefined();
  });

  test('an order that came again is not taken out by a delete that arrives late', async () => {
    const views = await tools.under().open();
    const { writer } = views.orderHistory;
    await writer.apply([batchOf(0, [[id, order(1)]])]);
    const gone = batchOf<OrderId, Order>(1, [[id, null]]);
    const late = await heldBack(tools, gone, 1n);
    await writer.apply([gone]);
    await writer.apply([batchOf(2, [[id, order(1)]])]);
    await late.arrive();
    expect(await shownBy(views)).toEqual({ orders: [order(1)], lists: [[order(1)], []], count: 1 });
  });

  test('a place that was only ever written late is taken out', async () => {
    const views = await tools.under().open();
    const { reader, writer } = views.orderHistory;
    // Its batch ended in the middle of the other's.
    const late = await heldBack(tools, batchOf(0, [[id, order(1)]]));
    const both = batchOf(0, [
      [id, order(1)],
      [id, order(2)],
    ]);
    await writer.apply([both]);
    await late.arrive();
    expect((await reader.ofUser(anna, { limit: 5 })).items).toEqual([order(2)]);
  });

  atOnceTests(tools);
  positionTests(tools);
}

function positionTests(tools: TestTools): void {
  test('a position does not go back, nor on from where it does not stand', async () => {
    const views = await tools.under().open();
    const { writer } = views.orderHistory;
    await writer.apply([batchOf(0, [[id, order(1)]])]);
    const register = tools.under().register(orderHistoryName);
    const { live } = await register.state();
    const move = (generation: number, from: bigint | undefined) => {
      const step = { topic: 'contract.state', partition: 0, from, nextOffset: 9n, entryCount: 7n };
      return register.advance(generation, 'live', [step]);
    };
    expect(await move(live, undefined)).toBe(false);
    expect(await move(live, 0n)).toBe(false);
    expect(await move(live + 1, 1n)).toBe(false);
    expect(await writer.positions()).toEqual([
      { topic: 'contract.state', partition: 0, nextOffset: 1n },
    ]);
  });
}

function atOnceTests(tools: TestTools): void {
  test.each([1, 2, 3, 4, 5, 6])(
    'at once, in any batches, make what the log says (seed %i)',
    async (seed) => {
      const log = orderLog(60, seed);
      const random = randomOf(seed);
      const writers = await Promise.all([tools.under().open(), tools.under().open()]);
      const leftBehind = async () => {
        for (let turn = 0; turn < 6; turn += 1) {
          const from = Math.floor(random() * log.length);
          const known = await endOf(writers[0]);
          // Never from beyond the position: nobody has read so far.
          const begin = Math.min(from, known);
          const to = begin + 1 + Math.floor(random() * 20);
          await writeRowsOnly(tools, [batchBetween(log, begin, to)], BigInt(begin));
        }
      };
      await Promise.all([
        ...writers.map((views) => writeAll(tools, views, log, random)),
        leftBehind(),
      ]);
      expect(await shownBy(writers[1])).toEqual(foldOf(log, log.length));
    },
  );
}

/** Applies the log in batches from wherever the view stands; at each step the count must be right. */
async function writeAll(
  tools: TestTools,
  views: CassandraViews,
  log: OrderLog,
  random: () => number,
): Promise<void> {
  for (;;) {
    const end = await endOf(views);
    if (end >= log.length) return;
    const to = end + 1 + Math.floor(random() * 12);
    try {
      await views.orderHistory.writer.apply([batchBetween(log, end, to)]);
    } catch (error) {
      // Both can be in each other's way for long; the sink tries again, and so do we.
      if (!(error as SinkError).retryable) throw error;
    }
    await expectCount(tools, log);
  }
}

async function expectCount(tools: TestTools, log: OrderLog): Promise<void> {
  const { positions } = await tools.under().register(orderHistoryName).state();
  for (const { nextOffset, entryCount } of positions) {
    expect(Number(entryCount)).toBe(foldOf(log, Number(nextOffset)).count);
  }
}

async function endOf({ orderHistory }: CassandraViews): Promise<number> {
  const [position] = await orderHistory.writer.positions();
  return Number(position?.nextOffset ?? 0);
}

/** A writer that has read what it needs and whose writes are under way: none has arrived. */
async function heldBack(
  tools: TestTools,
  batch: ChangeBatch<OrderId, Order>,
  from?: bigint,
): Promise<{ readonly arrive: () => Promise<void> }> {
  const { client } = tools.under();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let reached = () => {};
  const writing = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const store: OrderStore = {
    keyspace: client.keyspace,
    read: (...parameters) => client.read(...parameters),
    write: async (...parameters) => {
      reached();
      await released;
      await client.write(...parameters);
    },
  };
  const done = writeRowsOnly(tools, [batch], from, store);
  await writing;
  return {
    arrive: async () => {
      release();
      await done;
    },
  };
}

/** The rows of batches and not their position, whatever the position is meanwhile. */
async function writeRowsOnly(
  tools: TestTools,
  batches: readonly ChangeBatch<OrderId, Order>[],
  from?: bigint,
  store: OrderStore = tools.under().client,
): Promise<void> {
  const position = { topic: 'contract.state', partition: 0 };
  const positions = from === undefined ? [] : [{ ...position, nextOffset: from }];
  const { live } = await tools.under().register(orderHistoryName).state();
  const advances = advancesOf('left behind', batches, positions);
  await orderRows(store).write(live, advances, later);
}
