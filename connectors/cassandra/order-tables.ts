/**
 * The tables of archived orders: by id, and each user's by time.
 *
 * A user's orders are in buckets of 30 days, so that a partition stays small however long the user
 * stays: an order has 1 to 6 kB, so 16,000 orders of one user in 30 days, 22 in every hour, are the
 * 100 MB that a partition should have at most. `_buckets` has which buckets a user has any orders in.
 */
import type { Order, OrderId } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { deleted } from './documents.ts';
import { markName, tableName, type ViewTables } from './view-tables.ts';

const bucketMs = 30 * 24 * 3_600_000;
/** Within what a date can be, so that a bucket is an `int`. */
export const latestMs = 8.64e15;

/** Where an order is in its user's list. */
export interface Place {
  readonly userId: UserId;
  readonly createdAt: number;
  readonly id: OrderId;
}

export const orderTables: ViewTables = {
  prefix: 'order_history',
  definitions: (keyspace, generation) => {
    const { byId, byUser, buckets } = orderTableNames(keyspace, generation);
    return [
      `CREATE TABLE IF NOT EXISTS ${byId} (
        id text PRIMARY KEY, value text, change_offset bigint, flips frozen<list<bigint>>,
        user_id text, created_at bigint)`,
      `CREATE TABLE IF NOT EXISTS ${byUser} (
        user_id text, bucket int, created_at bigint, id text, value text,
        PRIMARY KEY ((user_id, bucket), created_at, id)
      ) WITH CLUSTERING ORDER BY (created_at DESC, id DESC)`,
      `CREATE TABLE IF NOT EXISTS ${buckets} (
        user_id text, bucket int, PRIMARY KEY (user_id, bucket)
      ) WITH CLUSTERING ORDER BY (bucket DESC)`,
    ];
  },
  marks: (keyspace, generation) => {
    const { byId, byUser, buckets } = orderTableNames(keyspace, generation);
    const none = { value: deleted };
    const list = { user_id: markName, bucket: 0 };
    return [
      { table: byId, key: { id: markName }, value: none },
      { table: byUser, key: { ...list, created_at: 0n, id: markName }, value: none },
      { table: buckets, key: list },
    ];
  },
};

export function orderTableNames(keyspace: string, generation: number) {
  const name = (suffix: string) => tableName(keyspace, orderTables, generation, suffix);
  return { byId: name('_by_id'), byUser: name('_by_user'), buckets: name('_buckets') };
}

export function bucketOf(createdAt: number): number {
  return Math.floor(createdAt / bucketMs);
}

/** `undefined` for what no list shows: a deleted order, and one that was never placed. */
export function placeOf(order: Order | null): Place | undefined {
  if (order === null || order.status === 'rejected') return undefined;
  const { userId, createdAt, id } = order;
  return { userId, createdAt, id };
}
