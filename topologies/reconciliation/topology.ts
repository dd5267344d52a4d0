/**
 * Reconciliation: what disagrees between orders, reservations, payments and stock, for longer than
 * a record may be on its way.
 *
 *   orders.state, archival.orders ────┐
 *   inventory.reservations ───────────┼──▶ compare-orders ──┐
 *   payments.state ──▶ (by order) ────┘                     ├──▶ reconciliation.findings
 *   inventory.events, inventory.levels ──▶ compare-stock ───┘
 */
import { inventoryEvents, reservationOutcomes, stockLevels } from '#schemas/inventory';
import { Sku } from '#schemas/items';
import { archivedOrders, type Order, OrderId, orders } from '#schemas/orders';
import { Payment, payments } from '#schemas/payments';
import { findings } from '#schemas/reconciliation';
import { StreamsBuilder, type Topology } from '#streams';
import { comparison } from './comparison.ts';
import {
  noteOrderFact,
  nothingOfOrder,
  type OrderFact,
  OrderFacts,
  orderDifferences,
} from './order-differences.ts';
import {
  noteStockFact,
  nothingOfStock,
  type StockFact,
  StockFacts,
  stockDifferences,
} from './stock-differences.ts';

export interface ReconciliationTopologyOptions {
  /** How long a difference lasts before it is a finding, in milliseconds. @defaultValue 60_000 */
  readonly graceMs?: number;
  /** How often suspicions are looked at, in milliseconds. @defaultValue 1_000 */
  readonly checkEveryMs?: number;
}

export function reconciliationTopology({
  graceMs = 60_000,
  checkEveryMs = 1_000,
}: ReconciliationTopologyOptions = {}): Topology {
  const builder = new StreamsBuilder();
  const times = { graceMs, checkEveryMs };

  const paymentsByOrder = builder
    .stream(payments)
    .selectKey((payment) => payment.orderId)
    .repartition('payments-by-order', { key: OrderId, value: Payment });
  const orderFacts = builder
    .stream(orders)
    // A tombstone says that the order is in the history.
    .mapValues((order: Order | undefined): OrderFact => ({ of: 'order', order }))
    .merge(
      builder
        .stream(reservationOutcomes)
        .mapValues((outcome): OrderFact => ({ of: 'reservation', outcome })),
    )
    .merge(builder.stream(archivedOrders).mapValues((): OrderFact => ({ of: 'history' })))
    .merge(paymentsByOrder.mapValues((payment): OrderFact => ({ of: 'payment', payment })));
  const stockFacts = builder
    .stream(inventoryEvents)
    .mapValues((event): StockFact => ({ of: 'event', event }))
    .merge(builder.stream(stockLevels).mapValues((level): StockFact => ({ of: 'level', level })));

  orderFacts
    .process(
      'compare-orders',
      comparison({
        name: 'order',
        subject: OrderId,
        facts: OrderFacts,
        nothing: nothingOfOrder,
        note: noteOrderFact,
        differences: orderDifferences,
        ...times,
      }),
    )
    .to(findings);
  stockFacts
    .process(
      'compare-stock',
      comparison({
        name: 'stock',
        subject: Sku,
        facts: StockFacts,
        nothing: nothingOfStock,
        note: noteStockFact,
        differences: stockDifferences,
        ...times,
      }),
    )
    .to(findings);

  return builder.build();
}
