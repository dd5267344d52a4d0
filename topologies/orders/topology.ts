/**
 * Orders: takes them, waits for stock and money, follows the goods, ends them in time.
 *
 *   orders.commands ─────────┐                  ┌──▶ orders.state, orders.events
 *   inventory.reservations ──┼─▶ decide-orders ─┼──▶ commands.replies
 *   payments.outcomes ───────┘      │  ▲        ├──▶ inventory.commands  (by SKU)
 *                                   ▼  │        ├──▶ payments.commands   (by payment)
 *              order-entries, archived-orders,  └──▶ carts.commands      (by user)
 *              order-timers
 *
 * Items, routes and dispatch rules are global tables. A wall-clock punctuator ends unpaid orders and
 * completes delivered ones.
 */
import { cartCommands } from '#schemas/carts';
import { inventoryCommands, reservationOutcomes } from '#schemas/inventory';
import { items } from '#schemas/items';
import { ArchivedOrder, OrderEntry, OrderTimer } from '#schemas/order-entry';
import { OrderId, orderCommands, orderEvents, orders, paymentIdOf } from '#schemas/orders';
import { paymentCommands, paymentOutcomes } from '#schemas/payments';
import { commandReplies } from '#schemas/replies';
import { dispatchRules, pincodeRoutes } from '#schemas/serviceability';
import {
  keyValueStore,
  type ProcessContext,
  type StreamRecord,
  StreamsBuilder,
  stringSerde,
  type Topology,
} from '#streams';
import { takeDue, timeKey } from '../time-index.ts';
import {
  decideOrder,
  decideTimer,
  type OrderDecision,
  type OrderInput,
  type OrderMemory,
  type OrderRules,
} from './decide-order.ts';
import type { OrderEffect } from './decision.ts';
import type { Catalogue } from './quote.ts';

export interface OrdersTopologyOptions {
  /** How long an order waits for its payment, in milliseconds. @defaultValue 900_000 */
  readonly paymentDeadlineMs?: number;
  /** How long after its last delivery an order can be returned. @defaultValue 604_800_000 */
  readonly returnWindowMs?: number;
  /** How often the deadlines are looked at, in milliseconds. @defaultValue 500 */
  readonly checkEveryMs?: number;
}

const stores = {
  entries: keyValueStore('order-entries', { key: OrderId, value: OrderEntry }),
  archived: keyValueStore('archived-orders', { key: OrderId, value: ArchivedOrder }),
  /** What comes due, by time. */
  timers: keyValueStore('order-timers', { key: stringSerde, value: OrderTimer }),
};

type Tables = ReturnType<typeof referenceTables>;
type Context = ProcessContext<OrderId, OrderEffect, typeof stores, Tables>;

export function ordersTopology({
  paymentDeadlineMs = 900_000,
  returnWindowMs = 604_800_000,
  checkEveryMs = 500,
}: OrdersTopologyOptions = {}): Topology {
  const builder = new StreamsBuilder();
  const rules = { paymentDeadlineMs, returnWindowMs };
  const tables = referenceTables(builder);

  const effects = builder
    .stream(orderCommands)
    .merge(builder.stream(reservationOutcomes))
    .merge(builder.stream(paymentOutcomes))
    .process('decide-orders', {
      stores,
      tables,
      process: (record: StreamRecord<OrderId, OrderInput>, context: Context) =>
        decideRecord(record, context, rules),
      punctuators: [{ time: 'wall-clock', everyMs: checkEveryMs, punctuate: endWhatIsDue }],
    });

  effects
    .filter(goesTo('event'))
    .mapValues(({ event }) => event)
    .to(orderEvents);
  effects
    .filter(goesTo('state'))
    .mapValues(({ order }) => order)
    .to(orders);
  effects
    .filter(goesTo('reply'))
    .mapValues(({ reply }) => reply)
    .to(commandReplies);
  effects
    .filter(goesTo('inventory'))
    .map(({ value: { command, sku } }) => ({ key: sku, value: command }))
    .to(inventoryCommands);
  effects
    .filter(goesTo('payment'))
    .map(({ key, value: { command } }) => ({ key: paymentIdOf(key), value: command }))
    .to(paymentCommands);
  effects
    .filter(goesTo('cart'))
    .map(({ value: { command, userId } }) => ({ key: userId, value: command }))
    .to(cartCommands);

  return builder.build();
}

function referenceTables(builder: StreamsBuilder) {
  return {
    items: builder.globalTable(items, 'items'),
    routes: builder.globalTable(pincodeRoutes, 'pincode-routes'),
    dispatchRules: builder.globalTable(dispatchRules, 'dispatch-rules'),
  };
}

function decideRecord(
  { key: orderId, value: input, timestampMs }: StreamRecord<OrderId, OrderInput>,
  context: Context,
  rules: OrderRules,
): void {
  const memory = memoryOf(orderId, context);
  const catalogue = catalogueOf(context);
  const decision = decideOrder(orderId, memory, input, catalogue, rules, timestampMs);
  carryOut(orderId, memory, decision, context);
}

function endWhatIsDue(nowMs: number, context: Context): void {
  for (const timer of takeDue(context.stores.timers, nowMs)) {
    const memory = memoryOf(timer.orderId, context);
    carryOut(timer.orderId, memory, decideTimer(memory, timer, nowMs), context);
  }
}

function memoryOf(orderId: OrderId, { stores }: Context): OrderMemory {
  return { entry: stores.entries.get(orderId), archived: stores.archived.get(orderId) };
}

function catalogueOf({ tables }: Context): Catalogue {
  return {
    item: (id) => tables.items.get(id),
    routes: (pincode) => tables.routes.get(pincode),
    dispatchRules: (id) => tables.dispatchRules.get(id),
  };
}

function carryOut(
  orderId: OrderId,
  before: OrderMemory,
  { effects, memory }: OrderDecision,
  { forward, stores }: Context,
): void {
  if (memory.entry === undefined) {
    if (before.entry) stores.entries.delete(orderId);
  } else if (memory.entry !== before.entry) {
    stores.entries.put(orderId, memory.entry);
  }
  if (memory.archived && memory.archived !== before.archived) {
    stores.archived.put(orderId, memory.archived);
  }
  for (const effect of effects) {
    if (effect.to === 'timer') setTimer(effect.timer, stores);
    else forward({ key: orderId, value: effect });
  }
}

function setTimer(timer: OrderTimer, { timers }: Context['stores']): void {
  timers.put(timeKey(timer.dueMs, `${timer.orderId}|${timer.kind}`), timer);
}

function goesTo<To extends OrderEffect['to']>(to: To) {
  return (effect: OrderEffect): effect is Extract<OrderEffect, { to: To }> => effect.to === to;
}
