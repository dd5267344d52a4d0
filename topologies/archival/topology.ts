/**
 * Archival: sends orders that have been at their end for a while to the history.
 *
 *   orders.state ──▶ archive-ended-orders ──▶ archival.orders
 *                       │  ▲
 *                       ▼  │
 *               ended-orders, archival-dates
 *
 * The history's sink confirms on `orders.commands`, and orders then leave the live state. An order
 * that changes after it was sent (a refund that was done late) is sent again when its time has come.
 */
import { archivedOrders, Order, OrderId, orders } from '#schemas/orders';
import {
  keyValueStore,
  type ProcessContext,
  type StreamRecord,
  StreamsBuilder,
  stringSerde,
  type Topology,
} from '#streams';
import { takeDue, timeKey } from '../time-index.ts';
import { archivalDateMs } from './archival-date.ts';

export interface ArchivalTopologyOptions {
  /** How long an order is at its end before it is archived. @defaultValue 2_592_000_000, 30 days */
  readonly archiveAfterMs?: number;
  /** How often the dates are looked at, in milliseconds. @defaultValue 1_000 */
  readonly checkEveryMs?: number;
}

const stores = {
  /** Ended, and not yet sent. */
  ended: keyValueStore('ended-orders', { key: OrderId, value: Order }),
  /** By time. */
  dates: keyValueStore('archival-dates', { key: stringSerde, value: OrderId }),
};

type Context = ProcessContext<OrderId, Order, typeof stores, {}>;

export function archivalTopology({
  archiveAfterMs = 2_592_000_000,
  checkEveryMs = 1_000,
}: ArchivalTopologyOptions = {}): Topology {
  const builder = new StreamsBuilder();

  builder
    .stream(orders)
    .process('archive-ended-orders', {
      stores,
      process: (record: StreamRecord<OrderId, Order | undefined>, context: Context) =>
        note(record, context, archiveAfterMs),
      punctuators: [{ time: 'wall-clock', everyMs: checkEveryMs, punctuate: archiveDue }],
    })
    .to(archivedOrders);

  return builder.build();
}

/** Keeps what has ended under its date. A change sets a new date; a tombstone ends the matter. */
function note(
  { key: orderId, value: order }: StreamRecord<OrderId, Order | undefined>,
  { stores }: Context,
  archiveAfterMs: number,
): void {
  const before = stores.ended.get(orderId);
  const beforeMs = before && archivalDateMs(before, archiveAfterMs);
  if (beforeMs !== undefined) stores.dates.delete(timeKey(beforeMs, orderId));

  const dateMs = order && archivalDateMs(order, archiveAfterMs);
  if (order && dateMs !== undefined) {
    stores.ended.put(orderId, order);
    stores.dates.put(timeKey(dateMs, orderId), orderId);
  } else if (before) {
    stores.ended.delete(orderId);
  }
}

function archiveDue(nowMs: number, { forward, stores }: Context): void {
  for (const orderId of takeDue(stores.dates, nowMs)) {
    const order = stores.ended.get(orderId);
    stores.ended.delete(orderId);
    if (order) forward({ key: orderId, value: order });
  }
}
