/**
 * The shop of the order tests: a small catalogue, and the three rule sets (orders, inventory,
 * payments) joined by queues that a seeded generator drains in any order that a log allows: records
 * of one key stay in order, everything else may overtake, and anything may come twice.
 */
import type {
  AppliedStockCommand,
  InventoryCommand,
  InventoryEvent,
  Reservation,
  ReservationOutcome,
  StockLevel,
} from '#schemas/inventory';
import type { Item, ItemId, Sku, SupplierId } from '#schemas/items';
import type { Money } from '#schemas/money';
import type { OrderTimer } from '#schemas/order-entry';
import {
  type OrderCommand,
  type OrderEvent,
  type OrderId,
  type PaymentId,
  type PaymentMethod,
  type PlaceOrder,
  paymentIdOf,
} from '#schemas/orders';
import type { GatewayRequest, Payment, PaymentCommand } from '#schemas/payments';
import type { CommandId, CommandReply } from '#schemas/replies';
import type {
  CourierId,
  DispatchRules,
  Pincode,
  PincodeRoutes,
  Route,
  WarehouseId,
} from '#schemas/serviceability';
import type { Address, AddressId, UserId } from '#schemas/users';
import { appliedOnceId, decideStock, reservingOrder } from '../inventory/decide-stock.ts';
import { emptyLevel } from '../inventory/stock.ts';
import { decide as decidePayment, unrequested } from '../payments/payment.ts';
import { decideOrder, decideTimer, type OrderInput, type OrderMemory } from './decide-order.ts';
import type { OrderEffect } from './decision.ts';
import type { Catalogue } from './quote.ts';

export const delhi = 'delhi' as WarehouseId;
export const mumbai = 'mumbai' as WarehouseId;
export const tea = 'TEA-250' as Sku;
export const cups = 'CUPS-6' as Sku;
export const stove = 'STOVE-1' as Sku;
export const bangalore = '560001' as Pincode;
export const rupees = (amount: number): Money => ({ amount, currency: 'INR' });

export const paymentDeadlineMs = 900_000;
export const returnWindowMs = 604_800_000;
const rules = { paymentDeadlineMs, returnWindowMs };

/** Monday, 2026-11-23, 10:00 in India. */
export const mondayMs = Date.UTC(2026, 10, 23, 4, 30);

const itemOf = (sku: Sku, change: Partial<Item> = {}): Item => ({
  id: sku as string as ItemId,
  sku,
  supplierId: 'supplier' as SupplierId,
  title: `The ${sku}`,
  description: '',
  brand: '',
  category: 'Kitchen',
  attributes: {},
  price: rupees(10_000),
  weightGrams: 400,
  cashOnDelivery: true,
  imageUrl: null,
  version: 1,
  listedAt: 0,
  updatedAt: 0,
  ...change,
});

const routeOf = (warehouseId: WarehouseId, change: Partial<Route> = {}): Route => ({
  warehouseId,
  courierId: 'swift' as CourierId,
  transitDays: 2,
  fee: 4_000,
  feePerKg: 1_000,
  currency: 'INR',
  maxWeightGrams: 5_000,
  cashOnDelivery: true,
  deliveryDays: [1, 2, 3, 4, 5, 6],
  ...change,
});

export const dispatchRulesOf = (warehouseId: WarehouseId): DispatchRules => ({
  warehouseId,
  city: warehouseId,
  timeZone: 'Asia/Kolkata',
  workingDays: [1, 2, 3, 4, 5, 6],
  holidays: [],
  cutOffMinute: 960,
  handlingDays: 0,
  active: true,
});

export const itemsForSale: readonly Item[] = [
  itemOf(tea),
  itemOf(cups, { price: rupees(25_000), weightGrams: 900 }),
  itemOf(stove, { price: rupees(80_000), weightGrams: 4_500, cashOnDelivery: false }),
];

/** Mumbai is a day nearer to Bangalore than Delhi, and dearer. */
export const routesToBangalore: PincodeRoutes = {
  pincode: bangalore,
  routes: [routeOf(delhi, { transitDays: 3 }), routeOf(mumbai, { fee: 6_000 })],
};

export const catalogue: Catalogue = {
  item: (id) => itemsForSale.find((item) => item.id === id),
  routes: (pincode) => (pincode === bangalore ? routesToBangalore : undefined),
  dispatchRules: (id) => ([delhi, mumbai].includes(id) ? dispatchRulesOf(id) : undefined),
};

export const anna = 'user_anna' as UserId;

export const homeAddress: Address = {
  id: 'home' as AddressId,
  name: 'Anna',
  lines: ['1 MG Road'],
  city: 'Bengaluru',
  pincode: bangalore,
  phone: '',
};

let nextPlacing = 0;

/** An order as the shopper's page makes it: at the prices that it shows. */
export function placing(
  quantities: Readonly<Record<string, number>>,
  paymentMethod: PaymentMethod = 'prepaid',
  userId = anna,
): PlaceOrder {
  const lines = Object.entries(quantities).map(([sku, quantity]) => {
    const unitPrice = catalogue.item(sku as ItemId)?.price ?? rupees(1);
    return { sku: sku as Sku, quantity, unitPrice };
  });
  const commandId = `place-${nextPlacing++}` as CommandId;
  return { type: 'PlaceOrder', commandId, userId, address: homeAddress, paymentMethod, lines };
}

type Message =
  | { readonly to: 'order'; readonly key: OrderId; readonly value: OrderInput }
  | { readonly to: 'stock'; readonly key: Sku; readonly value: InventoryCommand }
  | { readonly to: 'payment'; readonly key: PaymentId; readonly value: PaymentCommand };

export interface GatewayCall {
  readonly paymentId: PaymentId;
  readonly request: GatewayRequest;
}

export class SimulatedShop {
  nowMs = mondayMs;
  readonly orders = new Map<OrderId, OrderMemory>();
  readonly levels = new Map<Sku, StockLevel>();
  readonly reservations = new Map<string, Reservation>();
  readonly applied = new Map<string, AppliedStockCommand>();
  readonly payments = new Map<PaymentId, Payment>();
  /** Outcomes and stock events as their topics would have them. */
  readonly outcomes: ReservationOutcome[] = [];
  readonly stockEvents: { readonly sku: Sku; readonly event: InventoryEvent }[] = [];
  readonly replies: CommandReply[] = [];
  readonly events: OrderEvent[] = [];
  readonly tookFromCart: OrderId[] = [];
  readonly timers: OrderTimer[] = [];
  /** What the gateway has been asked and has not been made to answer. */
  readonly gatewayCalls: GatewayCall[] = [];
  /** One queue for each receiver and key. */
  readonly #queues = new Map<string, Message[]>();

  send(message: Message): void {
    const name = `${message.to} ${message.key}`;
    const queue = this.#queues.get(name);
    if (queue) queue.push(message);
    else this.#queues.set(name, [message]);
  }

  command(orderId: OrderId, command: OrderCommand): void {
    this.send({ to: 'order', key: orderId, value: command });
  }

  receive(sku: Sku, warehouseId: WarehouseId, quantity: number): void {
    const commandId = `receive-${sku}-${warehouseId}` as CommandId;
    const of = { commandId, warehouseId, quantity, reference: '' };
    this.send({ to: 'stock', key: sku, value: { type: 'ReceiveStock', ...of } });
  }

  get isQuiet(): boolean {
    return this.#queues.size === 0;
  }

  /** Lets one record of one queue be processed; `pick` is in [0, 1). `twice`: it comes again. */
  step(pick: number, twice = false): void {
    const names = [...this.#queues.keys()];
    const name = names[Math.floor(pick * names.length)];
    const queue = name === undefined ? undefined : this.#queues.get(name);
    const message = queue?.shift();
    if (name === undefined || queue === undefined || message === undefined) return;
    if (queue.length === 0) this.#queues.delete(name);
    this.#process(message);
    if (twice) this.send(message);
  }

  /** Processes everything there is, oldest queue first. */
  settle(): void {
    while (!this.isQuiet) this.step(0);
  }

  /** Moves the clock on and lets what has come due happen. */
  passTime(ms: number): void {
    this.nowMs += ms;
    const due = this.timers.filter((timer) => timer.dueMs <= this.nowMs);
    for (const timer of due) {
      this.timers.splice(this.timers.indexOf(timer), 1);
      const { effects, memory } = decideTimer(this.memory(timer.orderId), timer, this.nowMs);
      this.#keep(timer.orderId, memory, effects);
    }
  }

  memory(orderId: OrderId): OrderMemory {
    return this.orders.get(orderId) ?? { entry: undefined, archived: undefined };
  }

  #process(message: Message): void {
    switch (message.to) {
      case 'order': {
        const { key, value } = message;
        const before = this.memory(key);
        const decided = decideOrder(key, before, value, catalogue, rules, this.nowMs);
        this.#keep(key, decided.memory, decided.effects);
        break;
      }
      case 'stock':
        this.#processStock(message.key, message.value);
        break;
      case 'payment':
        this.#processPayment(message.key, message.value);
        break;
    }
  }

  #processStock(sku: Sku, command: InventoryCommand): void {
    const orderId = reservingOrder(command);
    const commandId = appliedOnceId(command);
    const level = this.levels.get(sku) ?? emptyLevel(sku);
    const reservation = this.reservations.get(`${sku}|${orderId}`);
    const applied = this.applied.get(`${sku}|${commandId}`);
    const decision = decideStock({ level, reservation }, applied, command, this.nowMs);

    this.levels.set(sku, decision.stock.level);
    if (decision.stock.reservation) {
      this.reservations.set(`${sku}|${orderId}`, decision.stock.reservation);
    }
    if (decision.applied) this.applied.set(`${sku}|${commandId}`, decision.applied);
    this.stockEvents.push(...decision.events.map((event) => ({ sku, event })));
    for (const outcome of decision.outcomes) {
      this.outcomes.push(outcome);
      this.send({ to: 'order', key: outcome.orderId, value: outcome });
    }
  }

  #processPayment(paymentId: PaymentId, command: PaymentCommand): void {
    const before = this.payments.get(paymentId) ?? unrequested(paymentId);
    const { outcomes, payment, requests } = decidePayment(before, command, this.nowMs);
    this.payments.set(paymentId, payment);
    for (const value of outcomes) this.send({ to: 'order', key: payment.orderId, value });
    this.gatewayCalls.push(...requests.map((request) => ({ paymentId, request })));
  }

  #keep(orderId: OrderId, memory: OrderMemory, effects: readonly OrderEffect[]): void {
    this.orders.set(orderId, memory);
    for (const effect of effects) this.#perform(orderId, effect);
  }

  #perform(orderId: OrderId, effect: OrderEffect): void {
    switch (effect.to) {
      case 'state':
        break;
      case 'event':
        this.events.push(effect.event);
        break;
      case 'reply':
        this.replies.push(effect.reply);
        break;
      case 'inventory':
        this.send({ to: 'stock', key: effect.sku, value: effect.command });
        break;
      case 'payment':
        this.send({ to: 'payment', key: paymentIdOf(orderId), value: effect.command });
        break;
      case 'cart':
        this.tookFromCart.push(orderId);
        break;
      case 'timer':
        this.timers.push(effect.timer);
        break;
    }
  }
}
