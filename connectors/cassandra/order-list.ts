/** A user's orders, newest first, from bucket to bucket: only those that the user has any orders in. */
import type { Order } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { decodeCursor, pageOf } from '../views/cursor.ts';
import type { OrderPageRequest } from '../views/orders-view.ts';
import type { Page } from '../views/view.ts';
import type { CassandraClient } from './cassandra-client.ts';
import { isKey, parsed } from './documents.ts';
import { bucketOf, orderTableNames } from './order-tables.ts';

/** After the last order that was seen. */
interface After {
  readonly createdAt: bigint;
  readonly id: string;
}

/** Buckets whose names are asked for at once. */
const bucketsAtOnce = 32;
/** Buckets that are read at once: the first alone, since it often has all; then twice as many each time. */
const widestWave = 8;

/** @throws ViewError `VIEW_CURSOR_INVALID` */
export async function listOrders(
  client: CassandraClient,
  generation: number,
  userId: UserId,
  { limit, cursor }: OrderPageRequest,
): Promise<Page<Order>> {
  const after = cursor === undefined ? undefined : afterOf(cursor);
  if (!isKey(userId)) return { items: [], nextCursor: null };
  const found: Order[] = [];
  let wave = 1;
  for await (const buckets of bucketWaves(client, generation, userId, after, () => wave)) {
    const wanted = limit + 1 - found.length;
    const lists = await Promise.all(
      buckets.map((bucket) => ordersIn(client, generation, { userId, bucket }, after, wanted)),
    );
    found.push(...lists.flat());
    if (found.length > limit) break;
    wave = Math.min(wave * 2, widestWave);
  }
  return pageOf(found, limit, (last) => [last.createdAt, last.id]);
}

function afterOf(cursor: string): After {
  const [createdAt, id] = decodeCursor(cursor, ['number', 'string']);
  // A number that is no time of an order cannot come from us; as an end of the list it does no harm.
  return { createdAt: BigInt(Math.trunc(Math.min(Math.max(createdAt, -8.64e15), 8.64e15))), id };
}

/** The user's buckets from that of `after` on, newest first, so many at a time. */
async function* bucketWaves(
  client: CassandraClient,
  generation: number,
  userId: UserId,
  after: After | undefined,
  size: () => number,
): AsyncGenerator<readonly number[]> {
  const table = orderTableNames(client.keyspace, generation).buckets;
  let from = after === undefined ? 2 ** 31 - 1 : bucketOf(Number(after.createdAt));
  let isLast = false;
  while (!isLast) {
    const rows = await client.read(
      `SELECT bucket FROM ${table} WHERE user_id = ? AND bucket <= ? LIMIT ${bucketsAtOnce}`,
      [userId, from],
    );
    const buckets = rows.map((row) => row['bucket'] as number);
    isLast = buckets.length < bucketsAtOnce;
    from = (buckets.at(-1) ?? 0) - 1;
    while (buckets.length > 0) yield buckets.splice(0, size());
  }
}

/** At most `limit` of one bucket; rows that an order has left are passed over. */
async function ordersIn(
  client: CassandraClient,
  generation: number,
  partition: { readonly userId: UserId; readonly bucket: number },
  after: After | undefined,
  limit: number,
): Promise<Order[]> {
  const table = orderTableNames(client.keyspace, generation).byUser;
  const columns = `SELECT created_at, id, value FROM ${table} WHERE user_id = ? AND bucket = ?`;
  const found: Order[] = [];
  let from = after;
  for (;;) {
    const rows = await client.read(
      `${columns}${from === undefined ? '' : ' AND (created_at, id) < (?, ?)'} LIMIT ?`,
      [
        ...[partition.userId, partition.bucket],
        ...(from === undefined ? [] : [from.createdAt, from.id]),
        limit,
      ],
    );
    for (const row of rows) {
      const order = parsed<Order>(row['value']);
      if (order !== undefined && found.length < limit) found.push(order);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit || found.length >= limit) return found;
    from = { createdAt: last['created_at'] as bigint, id: last['id'] as string };
  }
}
