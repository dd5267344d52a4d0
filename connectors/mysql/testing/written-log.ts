/** A log of stock and orders that never ends, written into views, and what they should then hold. */
import type { StockLevel } from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { Order, OrderId } from '#schemas/orders';
import { sampleLevel, sampleOrder } from '../../views/sample-values.ts';
import type { ChangeBatch, Position } from '../../views/view.ts';
import { batchOf } from '../../views/view-writer-contract.ts';
import type { MysqlViews } from '../mysql-views.ts';

const keys = 20;
/** Each seventh change is a tombstone. */
const isTombstone = (offset: number) => offset % 7 === 6;
const keyAt = (offset: number) => `key-${offset % keys}`;

function levelAt(offset: number): StockLevel | null {
  if (isTombstone(offset)) return null;
  return sampleLevel(
    keyAt(offset),
    { PUNE: [offset + 2, 1], DELHI: [1 + (offset % 3), 1] },
    offset,
  );
}

export function levelsOf(from: number, count: number): ChangeBatch<Sku, StockLevel> {
  const offsets = Array.from({ length: count }, (_, index) => from + index);
  return batchOf(
    from,
    offsets.map((offset) => [keyAt(offset) as Sku, levelAt(offset)]),
  );
}

function ordersOf(from: number, count: number): ChangeBatch<OrderId, Order> {
  const offsets = Array.from({ length: count }, (_, index) => from + index);
  return batchOf(
    from,
    offsets.map((offset) => [
      keyAt(offset) as OrderId,
      isTombstone(offset) ? null : sampleOrder(keyAt(offset), { version: offset }),
    ]),
  );
}

/** Goes on from where the views stand, up to `end`, in batches of five. */
export async function writeOn(
  { inventory, liveOrders }: Pick<MysqlViews, 'inventory' | 'liveOrders'>,
  end: number,
  onWritten: (end: number) => void,
): Promise<void> {
  const size = 5;
  for (let from = endOf(await inventory.writer.positions()); from < end; from += size) {
    // The orders stand where the stock stands, or one batch behind it or before it.
    const ordersFrom = Math.min(from, endOf(await liveOrders.writer.positions()));
    await liveOrders.writer.apply([ordersOf(ordersFrom, from + size - ordersFrom)]);
    await inventory.writer.apply([levelsOf(from, size)]);
    onWritten(from + size);
  }
}

export function endOf([position]: readonly Position[]): number {
  return Number(position?.nextOffset ?? 0);
}

/** The version of each key that the changes below `end` leave. */
export function foldUpTo(end: number): ReadonlyMap<string, number> {
  const versions = new Map<string, number>();
  for (let offset = 0; offset < end; offset += 1) {
    if (isTombstone(offset)) versions.delete(keyAt(offset));
    else versions.set(keyAt(offset), offset);
  }
  return versions;
}

/** Both views are the fold of the log up to where they stand. */
export async function expectTheFold({
  inventory,
  liveOrders,
}: Pick<MysqlViews, 'inventory' | 'liveOrders'>): Promise<void> {
  const levels = new Map<string, number>();
  for await (const [sku, level] of inventory.entries()) {
    expect(level).toEqual(levelAt(level.version));
    levels.set(sku, level.version);
  }
  const stockEnd = endOf(await inventory.writer.positions());
  expect([...levels].sort()).toEqual([...foldUpTo(stockEnd)].sort());

  const orders = new Map<string, number>();
  for await (const [id, order] of liveOrders.entries()) orders.set(id, order.version);
  const ordersEnd = endOf(await liveOrders.writer.positions());
  expect([...orders].sort()).toEqual([...foldUpTo(ordersEnd)].sort());
}
