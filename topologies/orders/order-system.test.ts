/**
 * Orders, inventory and payments together, with shoppers, operators and a gateway that do anything
 * at any time: the invariants hold after every step, and when all is quiet the money balances.
 */
import fc from 'fast-check';
import type { Order, OrderId, PaymentId } from '#schemas/orders';
import { isFinal, orderStatuses, paymentIdOf } from '#schemas/orders';
import type { ChargeId, PaymentCommand } from '#schemas/payments';
import type { CommandId, CommandReply } from '#schemas/replies';
import { paidBy, returned } from '../payments/payment.ts';
import { canMove, deliveredUnits, firstStatuses, transitions } from './order-states.ts';
import {
  anna,
  cups,
  delhi,
  type GatewayCall,
  mumbai,
  paymentDeadlineMs,
  placing,
  returnWindowMs,
  rupees,
  SimulatedShop,
  stove,
  tea,
} from './simulated-shop.ts';

const orderIds = ['order-1', 'order-2', 'order-3', 'order-4', 'order-5'] as OrderId[];

/** Numbers in [0, 1) that a seed decides. @see mulberry32 */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One run: everybody acts as the seed says. */
class Story {
  readonly shop = new SimulatedShop();
  readonly #random: () => number;
  /** Orders whose shopper pays too late, or never. */
  readonly #slowPayers: ReadonlySet<PaymentId>;
  #acts = 0;

  constructor(seed: number) {
    this.#random = generator(seed);
    const slow = orderIds.filter(() => this.#random() < 0.2);
    this.#slowPayers = new Set(slow.map(paymentIdOf));
    for (const sku of [tea, cups, stove]) {
      this.shop.receive(sku, delhi, this.#below(5));
      this.shop.receive(sku, mumbai, this.#below(5));
    }
    this.shop.settle();
    for (const orderId of orderIds) this.#placeTwice(orderId);
  }

  /** Something happens: mostly a record is processed, sometimes somebody acts. */
  step(): void {
    const chance = this.#random();
    if (chance < 0.7) this.shop.step(this.#random(), this.#random() < 0.1);
    else if (chance < 0.79) this.#gatewayActs();
    else if (chance < 0.91) this.#operatorActs();
    else if (chance < 0.98) this.#shopperActs();
    else this.shop.passTime(this.#below(paymentDeadlineMs / 4));
  }

  /** Everything that can still happen by itself happens. */
  finish(): void {
    for (let round = 0; round < 4; round += 1) {
      this.shop.settle();
      while (this.shop.gatewayCalls.length > 0) this.#answerRefund();
      this.shop.passTime(paymentDeadlineMs + returnWindowMs + 1);
    }
    this.shop.settle();
  }

  #placeTwice(orderId: OrderId): void {
    const quantities = Object.fromEntries(
      [tea, cups, stove]
        .filter(() => this.#random() < 0.6)
        .map((sku) => [sku, 1 + this.#below(4)] as const),
    );
    const inCash = this.#random() < 0.2;
    const command = placing(quantities, inCash ? 'cash_on_delivery' : 'prepaid');
    this.shop.command(orderId, command);
    if (this.#random() < 0.3) this.shop.command(orderId, command);
  }

  #gatewayActs(): void {
    const { gatewayCalls } = this.shop;
    const at = this.#below(gatewayCalls.length);
    const call = gatewayCalls[at];
    if (call === undefined) return;
    if (call.request.type === 'RefundCharge') {
      gatewayCalls.splice(at, 1);
      this.#refundDone(call, this.#random() < 0.3);
      return;
    }
    const payment = this.shop.payments.get(call.paymentId);
    if (this.#slowPayers.has(call.paymentId) && payment?.status === 'awaiting') return;
    // The page of a charge stays open: cards are tried again, and the shop hears it in any order.
    const { amount } = call.request;
    const wrong = this.#random() < 0.1 ? rupees(amount.amount - 1) : amount;
    const kind = this.#random() < 0.15 ? 'declined' : 'captured';
    const chargeId = `charge-${call.paymentId}-${this.#below(3)}` as ChargeId;
    const event = this.#eventOf(call.paymentId, kind, chargeId, wrong);
    this.#tell(call.paymentId, event, this.#random() < 0.3);
  }

  #answerRefund(): void {
    const call = this.shop.gatewayCalls.shift();
    if (call?.request.type === 'RefundCharge') this.#refundDone(call, false);
    this.shop.settle();
  }

  #refundDone({ paymentId, request }: GatewayCall, twice: boolean): void {
    if (request.type !== 'RefundCharge') return;
    const { amount, chargeId, refundId } = request;
    const event = this.#eventOf(paymentId, 'refunded', chargeId, amount);
    this.#tell(paymentId, { ...event, refundId }, twice);
  }

  #eventOf(
    _paymentId: PaymentId,
    kind: 'captured' | 'declined' | 'refunded',
    chargeId: ChargeId,
    amount: { amount: number; currency: string },
  ) {
    const eventId = `event-${this.#acts++}`;
    const commandId = eventId as CommandId;
    const of = { kind, chargeId, amount, refundId: '', at: this.shop.nowMs };
    return { type: 'RecordGatewayEvent' as const, commandId, gateway: 'sandbox', eventId, ...of };
  }

  #tell(key: PaymentId, value: PaymentCommand, twice: boolean): void {
    this.shop.send({ to: 'payment', key, value });
    if (twice) this.shop.send({ to: 'payment', key, value });
  }

  #operatorActs(): void {
    const order = this.#anyOrder();
    const shipment = order?.shipments[this.#below(order.shipments.length)];
    if (order === undefined || shipment === undefined) return;
    const next = { reserved: 'packed', packed: 'shipped', shipped: 'delivered' } as const;
    const likely = shipment.status in next ? next[shipment.status as 'reserved'] : undefined;
    const any = (['packed', 'shipped', 'lost', 'lost'] as const)[this.#below(4)];
    const event = (this.#random() < 0.75 ? likely : any) ?? 'lost';
    const commandId = `operator-${this.#acts++}` as CommandId;
    const of = { commandId, shipmentId: shipment.id, event, at: this.shop.nowMs };
    this.shop.command(order.id, { type: 'RecordShipmentEvent', ...of });
  }

  #shopperActs(): void {
    const order = this.#anyOrder();
    const line = order?.lines[this.#below(order.lines.length)];
    if (order === undefined || line === undefined) return;
    const commandId = `shopper-${this.#acts++}` as CommandId;
    if (this.#random() < 0.15) {
      this.shop.command(order.id, { type: 'CancelOrder', commandId, by: anna, reason: 'mind' });
      return;
    }
    const left = deliveredUnits(order, line.sku) - line.returned;
    const quantity = this.#random() < 0.7 ? left : 1 + this.#below(2);
    const lines = [{ sku: line.sku, quantity }];
    this.shop.command(order.id, { type: 'ReturnLines', commandId, reason: 'dented', lines });
  }

  #anyOrder(): Order | undefined {
    const orderId = orderIds[this.#below(orderIds.length)];
    return orderId && this.shop.orders.get(orderId)?.entry?.order;
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }
}

function orderOf(shop: SimulatedShop, orderId: OrderId): Order | undefined {
  return shop.orders.get(orderId)?.entry?.order;
}

/** Invariants 1 and 2, as a list of what is wrong: `expect` is too slow for every step. */
function stockFaults(shop: SimulatedShop): string[] {
  const faults: string[] = [];
  for (const [sku, level] of shop.levels) {
    const parts = [...shop.reservations.values()]
      .filter((reservation) => reservation.sku === sku)
      .flatMap((reservation) => reservation.parts);
    for (const [warehouseId, stock] of Object.entries(level.warehouses)) {
      const open = parts
        .filter((part) => part.warehouseId === warehouseId && part.state === 'open')
        .reduce((sum, part) => sum + part.quantity, 0);
      const isBalanced = stock.received + stock.adjusted === stock.onHand + stock.shipped;
      if (stock.reserved !== open || stock.onHand < open || open < 0 || !isBalanced) {
        faults.push(`${sku} in ${warehouseId}: ${open} open, ${JSON.stringify(stock)}`);
      }
    }
  }
  return faults;
}

/** Invariant 3: the story of each order is a way through the table, and ends once. */
function expectLawfulStories(shop: SimulatedShop): void {
  for (const orderId of orderIds) {
    const story = shop.events.filter((event) => event.orderId === orderId);
    story.forEach((event, at) => {
      const before = story[at - 1]?.status ?? null;
      expect(event.before).toBe(before);
      expect(before ? canMove(before, event.status) : firstStatuses.includes(event.status)).toBe(
        true,
      );
    });
    expect(story.filter((event) => isFinal(event.status)).length).toBeLessThanOrEqual(1);
    expect(orderOf(shop, orderId)?.timeline.map((entry) => entry.status) ?? []).toEqual(
      story.map((event) => event.status),
    );
  }
}

/** Invariant 5: one charge an order; and nothing goes back that did not come in. */
function chargeFaults(shop: SimulatedShop): string[] {
  const faults: string[] = [];
  for (const payment of shop.payments.values()) {
    const accepted = payment.charges.filter((charge) => charge.accepted).length;
    if (accepted > 1) faults.push(`${payment.id} has ${accepted} accepted charges`);
    for (const charge of payment.charges) {
      const asked = payment.refunds
        .filter((refund) => refund.chargeId === charge.id)
        .reduce((sum, refund) => sum + refund.amount.amount, 0);
      if (asked > charge.amount.amount) faults.push(`${charge.id} goes back ${asked}`);
    }
  }
  const { tookFromCart } = shop;
  if (new Set(tookFromCart).size < tookFromCart.length) faults.push('a cart was emptied twice');
  return faults;
}

function expectSound(shop: SimulatedShop): void {
  const faults = [...stockFaults(shop), ...chargeFaults(shop)];
  if (faults.length > 0) expect(faults).toEqual([]);
}

/** Invariant 4, when nothing is on its way. */
function expectMoneyBalances(shop: SimulatedShop): void {
  for (const orderId of orderIds) {
    const order = orderOf(shop, orderId);
    const payment = shop.payments.get(paymentIdOf(orderId));
    if (order === undefined) throw new Error(`order '${orderId}' was lost`);
    const paid = payment && paidBy(payment);
    const kept = payment && paid ? paid.amount.amount - returned(payment, paid.id) : 0;

    for (const charge of payment?.charges ?? []) {
      if (!charge.accepted)
        expect(returned(payment as never, charge.id)).toBe(charge.amount.amount);
    }
    expect(order.payment.captured.amount - order.payment.refunded.amount).toBe(kept);
    expect(order.payment.status).not.toBe('refunding');
    expect(kept).toBe(order.paymentMethod === 'prepaid' ? owed(order) : 0);
  }
}

/** What the shop may keep of an order. */
function owed(order: Order): number {
  if (['rejected', 'cancelled', 'expired'].includes(order.status)) return 0;
  const lost = order.shipments.filter((shipment) => shipment.status === 'lost');
  const priceOf = (sku: string) =>
    order.lines.find((line) => line.sku === sku)?.unitPrice.amount ?? 0;
  const lostGoods = lost
    .flatMap((shipment) => shipment.lines)
    .reduce((sum, line) => sum + priceOf(line.sku) * line.quantity, 0);
  const lostFees = lost.reduce((sum, shipment) => sum + shipment.fee.amount, 0);
  const returnedGoods = order.lines.reduce(
    (sum, line) => sum + line.unitPrice.amount * line.returned,
    0,
  );
  return order.total.amount - lostGoods - lostFees - returnedGoods;
}

/** What an order holds on the shelves is what it has not shipped yet. */
function expectReservationsFollowOrders(shop: SimulatedShop): void {
  for (const orderId of orderIds) {
    const order = orderOf(shop, orderId);
    const open = [...shop.reservations.values()]
      .filter((reservation) => reservation.orderId === orderId)
      .flatMap((reservation) => reservation.parts)
      .filter((part) => part.state === 'open')
      .reduce((sum, part) => sum + part.quantity, 0);
    const unshipped = (order?.shipments ?? [])
      .filter((shipment) => shipment.status === 'reserved' || shipment.status === 'packed')
      .flatMap((shipment) => shipment.lines)
      .reduce((sum, line) => sum + line.quantity, 0);
    expect(open).toBe(unshipped);
  }
}

const stepsOfAStory = 350;

test('whatever happens in whatever order, stock and money balance and each order ends once', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const story = new Story(seed);
      for (let step = 0; step < stepsOfAStory; step += 1) {
        story.step();
        expectSound(story.shop);
      }
      expectLawfulStories(story.shop);
      story.finish();

      expectSound(story.shop);
      expectLawfulStories(story.shop);
      expectMoneyBalances(story.shop);
      expectReservationsFollowOrders(story.shop);
    }),
    { numRuns: 150 },
  );
});

test('the stories go everywhere: every way of the table is taken by some', () => {
  const taken = new Set<string>();
  for (let seed = 0; seed < 500; seed += 1) {
    const story = new Story(seed);
    for (let step = 0; step < stepsOfAStory; step += 1) story.step();
    story.finish();
    for (const { before, status } of story.shop.events) taken.add(`${before} -> ${status}`);
  }
  const drawn = orderStatuses.flatMap((from) => transitions[from].map((to) => `${from} -> ${to}`));
  expect(drawn.filter((way) => !taken.has(way))).toEqual([]);
});

test('every command is answered, and its repeats alike', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const story = new Story(seed);
      for (let step = 0; step < stepsOfAStory; step += 1) story.step();
      story.finish();
      const byId = repliesById(story.shop);
      for (const [, [first, ...repeats]] of byId) {
        for (const repeat of repeats) expect(repeat).toEqual(first);
      }
      for (const orderId of orderIds) {
        expect(story.shop.orders.get(orderId)?.entry?.placed).not.toBeNull();
      }
    }),
    { numRuns: 100 },
  );
});

function repliesById({ replies }: SimulatedShop): Map<CommandId, CommandReply[]> {
  const byId = new Map<CommandId, CommandReply[]>();
  for (const reply of replies) {
    byId.set(reply.commandId, [...(byId.get(reply.commandId) ?? []), reply]);
  }
  return byId;
}
