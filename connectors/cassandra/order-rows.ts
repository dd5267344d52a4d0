/**
 * Writes orders. The row by id says where the order is in its user's list, and is written last: until
 * then a list's old row can be found and taken out, also by whoever begins the batch again.
 */
import type { Order, OrderId } from '#schemas/orders';
import type { Change } from '../views/view.ts';
import type { Advance } from './advances.ts';
import type { CassandraClient, Statement } from './cassandra-client.ts';
import { deleted, documentOf, isKey, refusalOf } from './documents.ts';
import { type Deadline, inParallel } from './in-parallel.ts';
import { KnownBuckets } from './known-buckets.ts';
import { bucketOf, latestMs, orderTableNames, type Place, placeOf } from './order-tables.ts';
import { type Flips, flipsAfter, flipsSince, isPresentAt } from './presence.ts';
import type { RowWriter } from './view-writer.ts';

/** What the tables have of an order, maybe from beyond the view's position. */
interface StoredOrder {
  readonly offset: bigint;
  readonly flips: Flips;
  readonly place: Place | undefined;
}

/** The changes of one order in a batch, in order. */
interface OrderChanges {
  readonly id: OrderId;
  readonly changes: readonly Change<OrderId, Order>[];
  readonly last: Change<OrderId, Order>;
}

/** As much of the client as tests stand in for. */
export type OrderStore = Pick<CassandraClient, 'keyspace' | 'read' | 'write'>;

const concurrency = 128;
/** Orders that are looked up with one statement. */
const idsAtOnce = 40;

export function orderRows(client: OrderStore): RowWriter<OrderId, Order> {
  const known = new KnownBuckets();
  return {
    refusal: refusalOfOrder,
    async write(generation, advances, deadline) {
      const orders = advances.map(changesByOrder);
      const ids = orders.flatMap((some) => some.map(({ id }) => id));
      const stored = await storedOrders(client, generation, ids, deadline);
      const lists: Statement[] = [];
      const rows: Statement[] = [];
      const differences = advances.map((advance, index) => {
        let difference = 0;
        for (const order of orders[index] ?? []) {
          const before = stored.get(order.id);
          const flips = flipsOf(order, before);
          const was = isPresentAt(flips, advance.from ?? 0n);
          difference += Number(isPresentAt(flips, advance.nextOffset)) - Number(was);
          // Who wrote a newer row had made the lists right before.
          if (before !== undefined && before.offset >= order.last.offset) continue;
          lists.push(...listStatements(client, generation, order, before));
          rows.push(rowStatement(client, generation, order, flipsSince(flips, advance.from ?? 0n)));
        }
        return difference;
      });
      const options = { concurrency, deadline };
      const write = ({ query, params }: Statement) => client.write(query, params);
      const places = orders.flat().flatMap(({ last }) => placeOf(last.value) ?? []);
      await known.add(generation, places, async (unknown) => {
        await inParallel(
          unknown.map((it) => bucketStatement(client, generation, it)),
          options,
          write,
        );
      });
      await inParallel(lists, options, write);
      await inParallel(rows, options, write);
      return differences;
    },
  };
}

function refusalOfOrder(id: OrderId, order: Order | null): string | undefined {
  const reason = refusalOf(id, order);
  if (reason !== undefined || order === null) return reason;
  if (!isKey(order.userId)) return `its user's id is no key`;
  const { createdAt } = order;
  const isTime = Number.isInteger(createdAt) && Math.abs(createdAt) <= latestMs;
  return isTime ? undefined : `its time ${createdAt} is none`;
}

function changesByOrder({ changes }: Advance<OrderId, Order>): OrderChanges[] {
  const byId = new Map<OrderId, Change<OrderId, Order>[]>();
  for (const change of changes) {
    const known = byId.get(change.key);
    if (known === undefined) byId.set(change.key, [change]);
    else known.push(change);
  }
  return Array.from(byId, ([id, own]) => ({
    id,
    changes: own,
    last: own.at(-1) as (typeof own)[0],
  }));
}

function flipsOf({ changes }: OrderChanges, before: StoredOrder | undefined): Flips {
  const offset = before?.offset ?? -1n;
  const newer = changes.filter((change) => change.offset > offset);
  return flipsAfter(
    before?.flips ?? [],
    newer.map((change) => ({ offset: change.offset, isPresent: change.value !== null })),
  );
}

async function storedOrders(
  client: OrderStore,
  generation: number,
  ids: readonly OrderId[],
  deadline: Deadline,
): Promise<ReadonlyMap<OrderId, StoredOrder>> {
  const { byId } = orderTableNames(client.keyspace, generation);
  const query = `SELECT id, change_offset, flips, user_id, created_at FROM ${byId} WHERE id IN ?`;
  const stored = new Map<OrderId, StoredOrder>();
  const chunks = Array.from({ length: Math.ceil(ids.length / idsAtOnce) }, (_, index) =>
    ids.slice(index * idsAtOnce, (index + 1) * idsAtOnce),
  );
  await inParallel(chunks, { concurrency: 8, deadline }, async (chunk) => {
    for (const row of await client.read(query, [chunk], { timeoutMs: 5_000 })) {
      const id = row['id'] as OrderId;
      const userId = row['user_id'] as Place['userId'];
      stored.set(id, {
        offset: row['change_offset'] as bigint,
        flips: row['flips'] as bigint[],
        // '' stands for none: a null would be one of Cassandra's tombstones.
        place:
          userId === ''
            ? undefined
            : { userId, createdAt: Number(row['created_at'] as bigint), id },
      });
    }
  });
  return stored;
}

/**
 * Puts the order where it is now, and takes it out of wherever it was: as the tables say, and by every
 * change of the batch, which another process may have written by itself.
 */
function listStatements(
  client: OrderStore,
  generation: number,
  { changes, last }: OrderChanges,
  before: StoredOrder | undefined,
): Statement[] {
  const now = placeOf(last.value);
  const places = [before?.place, ...changes.map(({ value }) => placeOf(value))];
  const gone = new Map<string, Place>();
  for (const place of places) {
    if (place !== undefined && !isSame(place, now)) {
      gone.set(`${place.createdAt} ${place.userId}`, place);
    }
  }
  const table = orderTableNames(client.keyspace, generation).byUser;
  const query =
    `INSERT INTO ${table} (user_id, bucket, created_at, id, value) VALUES (?, ?, ?, ?, ?) ` +
    'USING TIMESTAMP ?';
  const statement = ({ userId, createdAt, id }: Place, value: string): Statement => ({
    query,
    params: [userId, bucketOf(createdAt), BigInt(createdAt), id, value, timestampOf(last)],
  });
  const out = Array.from(gone.values(), (place) => statement(place, deleted));
  return now === undefined ? out : [...out, statement(now, documentOf(last.value))];
}

function rowStatement(
  client: OrderStore,
  generation: number,
  { id, last }: OrderChanges,
  flips: Flips,
): Statement {
  const place = placeOf(last.value);
  return {
    query:
      `INSERT INTO ${orderTableNames(client.keyspace, generation).byId} ` +
      '(id, value, change_offset, flips, user_id, created_at) VALUES (?, ?, ?, ?, ?, ?) ' +
      'USING TIMESTAMP ?',
    params: [
      ...[id, documentOf(last.value), last.offset, [...flips]],
      ...[place?.userId ?? '', BigInt(place?.createdAt ?? 0), timestampOf(last)],
    ],
  };
}

function bucketStatement(
  client: OrderStore,
  generation: number,
  { userId, createdAt }: Place,
): Statement {
  const { buckets } = orderTableNames(client.keyspace, generation);
  return {
    // Always the same: it is never taken back.
    query: `INSERT INTO ${buckets} (user_id, bucket) VALUES (?, ?) USING TIMESTAMP 1`,
    params: [userId, bucketOf(createdAt)],
  };
}

/** All changes of an order are in one partition, so their offsets say which is newer. */
function timestampOf({ offset }: { readonly offset: bigint }): bigint {
  return offset + 1n;
}

function isSame(place: Place, other: Place | undefined): boolean {
  return place.userId === other?.userId && place.createdAt === other.createdAt;
}
