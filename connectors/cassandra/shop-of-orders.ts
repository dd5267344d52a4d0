/**
 * A log of orders for tests: few orders that come, change, move to another time or user, are refused,
 * go and come again; and what a view must hold that has read up to an offset.
 */
import type { Order, OrderId } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { sampleOrder } from '../views/sample-values.ts';
import type { Change, ChangeBatch } from '../views/view.ts';
import type { CassandraViews } from './cassandra-views.ts';

export type OrderLog = readonly Change<OrderId, Order>[];

const topic = 'contract.state';
const dayMs = 24 * 3_600_000;
const users = ['user-anna', 'user-ben'] as UserId[];

/** The same for the same seed. */
export function orderLog(length: number, seed: number): OrderLog {
  const random = randomOf(seed);
  const below = (count: number) => Math.floor(random() * count);
  return Array.from({ length }, (_, offset) => {
    const key = `order-${below(9)}` as OrderId;
    const kind = below(10);
    const value =
      kind < 2
        ? null
        : sampleOrder(key, {
            version: offset,
            userId: users[kind < 4 ? below(2) : 0] as UserId,
            // Several buckets, and equal times.
            createdAt: kind < 6 ? below(8) * 10 * dayMs : 1_000,
            status: kind === 9 ? 'rejected' : 'completed',
          });
    return { key, value, timestampMs: 1_000 + offset, offset: BigInt(offset) };
  });
}

/** What the log has from one offset to another. */
export function batchBetween(log: OrderLog, from: number, to: number): ChangeBatch<OrderId, Order> {
  const ends = { fromOffset: BigInt(from), nextOffset: BigInt(Math.min(to, log.length)) };
  return { topic, partition: 0, changes: log.slice(from, to), ...ends };
}

export interface Shown {
  readonly orders: readonly Order[];
  readonly lists: readonly (readonly Order[])[];
  readonly count: number;
}

/** What is shown by a view that has read the log below `end`. */
export function foldOf(log: OrderLog, end: number): Shown {
  const byId = new Map<OrderId, Order>();
  for (const { key, value } of log.slice(0, end)) {
    if (value === null) byId.delete(key);
    else byId.set(key, value);
  }
  const orders = [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const lists = users.map((userId) =>
    orders
      .filter((order) => order.userId === userId && order.status !== 'rejected')
      .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)),
  );
  return { orders, lists, count: orders.length };
}

export async function shownBy({ orderHistory }: CassandraViews): Promise<Shown> {
  const { reader, entries } = orderHistory;
  const orders: Order[] = [];
  for await (const [, order] of entries()) orders.push(order);
  const lists = await Promise.all(users.map((user) => reader.ofUser(user, { limit: 100 })));
  return {
    orders: orders.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    lists: lists.map(({ items }) => items),
    count: await reader.count(),
  };
}

/** mulberry32 */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
