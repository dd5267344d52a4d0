/**
 * Orders, inventory and payments together, with shoppers, operators and a gateway that do anything
 * at any time: the invariants hold after every step, and when all is quiet the money balances.
 */
import fc from 'fast-check';
import type { Order, OrderId } from '#schemas/orders';
import { isFinal, orderStatuses, paymentIdOf } from '#schemas/orders';
import type { CommandId, CommandReply } from '#schemas/replies';
import { paidBy, returned } from '../payments/payment.ts';
import { canMove, firstStatuses, transitions } from './order-states.ts';
import type { SimulatedShop } from './simulated-shop.ts';
import { orderIds, Story, stepsOfAStory } from './simulated-story.ts';

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
  for (let seed = 0; seed < 300; seed += 1) {
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
