/** Each kind of difference is planted and found; what is only on its way is not. */
import { readFileSync } from 'node:fs';
import {
  inventoryEvents,
  type ReservationOutcome,
  reservationOutcomes,
  stockLevels,
} from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import { archivedOrders, type Order, type OrderId, orders, paymentIdOf } from '#schemas/orders';
import { type ChargeId, type Payment, payments } from '#schemas/payments';
import { type Finding, findings } from '#schemas/reconciliation';
import type { WarehouseId } from '#schemas/serviceability';
import type { UserId } from '#schemas/users';
import { type Input, input, TopologyTestDriver, tombstone } from '#streams/testing';
import { reconciliationTopology } from './topology.ts';

const orderId = 'order-1' as OrderId;
const tea = 'TEA-250' as Sku;
const delhi = 'delhi' as WarehouseId;
const graceMs = 60_000;
const rupees = (amount: number) => ({ amount, currency: 'INR' });
const total = rupees(24_000);
const address = { id: '', name: '', lines: [], city: '', pincode: '560001', phone: '' };

const placed: Order = {
  id: orderId,
  userId: 'anna' as UserId,
  status: 'placed',
  lines: [
    {
      sku: tea,
      itemId: 'TEA-250' as Order['lines'][number]['itemId'],
      title: 'Tea',
      quantity: 2,
      unitPrice: rupees(10_000),
      lineTotal: rupees(20_000),
      returned: 0,
    },
  ],
  shipments: [
    {
      id: 'order-1-1' as Order['shipments'][number]['id'],
      warehouseId: delhi,
      courierId: 'swift' as Order['shipments'][number]['courierId'],
      status: 'reserved',
      lines: [{ sku: tea, quantity: 2 }],
      fee: rupees(4_000),
      promisedBy: 0,
    },
  ],
  address: address as unknown as Order['address'],
  paymentMethod: 'prepaid',
  payment: {
    id: paymentIdOf(orderId),
    status: 'captured',
    expiresAt: 900_000,
    captured: total,
    refunded: rupees(0),
  },
  itemsTotal: rupees(20_000),
  deliveryFee: rupees(4_000),
  total,
  failedLines: [],
  timeline: [],
  cancelReason: null,
  version: 3,
  createdAt: 0,
  updatedAt: 0,
};
const expired: Order = {
  ...placed,
  status: 'expired',
  shipments: placed.shipments.map((shipment) => ({ ...shipment, status: 'cancelled' })),
};
const awaiting: Order = { ...placed, status: 'awaiting_payment' };

const captured: Payment = {
  id: paymentIdOf(orderId),
  orderId,
  userId: 'anna' as UserId,
  status: 'captured',
  amount: total,
  expiresAt: 900_000,
  charges: [{ id: 'charge-1' as ChargeId, amount: total, at: 0, accepted: true }],
  refunds: [],
  declinedChargeIds: [],
  abandoned: false,
  eventIds: [],
  version: 2,
  updatedAt: 0,
};
const wrong: Payment = {
  ...captured,
  charges: [
    ...captured.charges,
    { id: 'charge-2' as ChargeId, amount: rupees(1), at: 0, accepted: false },
  ],
};
const wrongReturned: Payment = {
  ...wrong,
  refunds: [
    {
      id: 'charge-2-returned',
      chargeId: 'charge-2' as ChargeId,
      amount: rupees(1),
      status: 'done',
      reason: '',
    },
  ],
};

const allocations = [{ warehouseId: delhi, quantity: 2 }];
const reserved: ReservationOutcome = {
  type: 'StockReserved',
  sku: tea,
  orderId,
  quantity: 2,
  allocations,
};
const released: ReservationOutcome = {
  type: 'ReservationReleased',
  sku: tea,
  orderId,
  allocations,
  reason: '',
};

const order = (of: Order) => input(orders, orderId, of);
const payment = (of: Payment) => input(payments, of.id, of);
const outcome = (of: ReservationOutcome) => input(reservationOutcomes, orderId, of);
const received = (quantity: number) =>
  input(inventoryEvents, tea, {
    type: 'StockReceived',
    warehouseId: delhi,
    quantity,
    reference: '',
  });
const level = (onHand: number, reservedUnits: number) =>
  input(stockLevels, tea, {
    sku: tea,
    warehouses: {
      delhi: { onHand, reserved: reservedUnits, received: 5, adjusted: 0, shipped: 0 },
    },
    version: 1,
    updatedAt: 0,
  });

class Reconciled {
  readonly #driver = new TopologyTestDriver(reconciliationTopology({ graceMs }));

  after(...inputs: Input[]): this {
    for (const { record, topic } of inputs) {
      this.#driver
        .input(topic)
        .pipe(record.key as never, record.value as never, { timestampMs: 0 });
    }
    expect(this.#driver.deadLetters()).toEqual([]);
    return this;
  }

  wait(ms: number): this {
    this.#driver.advanceWallClock(ms);
    return this;
  }

  found(): Finding[] {
    return this.#driver.output(findings).values() as Finding[];
  }
}

const reconciled = (...inputs: Input[]) => new Reconciled().after(...inputs);

test('is wired as topology.txt says', () => {
  const golden = readFileSync(new URL('./topology.txt', import.meta.url), 'utf8');
  expect(reconciliationTopology().describe()).toBe(golden);
});

test('finds nothing where all agree', () => {
  const all = reconciled(
    outcome(reserved),
    order(placed),
    payment(captured),
    received(5),
    level(5, 0),
  );
  expect(all.wait(10 * graceMs).found()).toEqual([]);
});

test.each`
  planted                                      | inputs                                                                       | kind                            | subject
  ${'a reservation of no order'}               | ${[outcome(reserved)]}                                                       | ${'reservation_without_order'}  | ${orderId}
  ${'an order without its stock'}              | ${[order(placed), payment(captured)]}                                        | ${'order_without_reservation'}  | ${orderId}
  ${'an order whose stock was given away'}     | ${[outcome(reserved), outcome(released), order(placed), payment(captured)]}  | ${'order_without_reservation'}  | ${orderId}
  ${'an order that is decided for ever'}       | ${[order({ ...placed, status: 'reserving', shipments: [] })]}                | ${'order_without_reservation'}  | ${orderId}
  ${'an ended order that still holds stock'}   | ${[outcome(reserved), order(expired)]}                                       | ${'reservation_open_after_end'} | ${orderId}
  ${'a payment of no order'}                   | ${[payment(captured)]}                                                       | ${'payment_without_order'}      | ${orderId}
  ${'a paid order that waits for its payment'} | ${[outcome(reserved), order(awaiting), payment(captured)]}                   | ${'captured_but_not_placed'}    | ${orderId}
  ${'a placed order that nobody paid'}         | ${[outcome(reserved), order(placed)]}                                        | ${'placed_but_not_captured'}    | ${orderId}
  ${'an expired order whose money was kept'}   | ${[outcome(reserved), outcome(released), order(expired), payment(captured)]} | ${'refund_missing'}             | ${orderId}
  ${'on hand that no movement explains'}       | ${[received(5), level(4, 0)]}                                                | ${'stock_out_of_balance'}       | ${tea}
  ${'reserved that no order explains'}         | ${[received(5), level(5, 2)]}                                                | ${'stock_out_of_balance'}       | ${tea}
  ${'a level that lost its events'}            | ${[level(5, 0)]}                                                             | ${'stock_out_of_balance'}       | ${tea}
  ${'events that never reached the level'}     | ${[received(5)]}                                                             | ${'stock_out_of_balance'}       | ${tea}
`('finds $planted as $kind, once its grace is over', ({ inputs, kind, subject }) => {
  const shop = reconciled(...inputs);
  expect(shop.wait(graceMs - 1_000).found()).toEqual([]);
  const found = shop.wait(1_000).found();
  expect(found.map((finding) => finding.id)).toEqual([`${kind}:${subject}`]);
  expect(found[0]).toMatchObject({ kind, subject, foundAt: graceMs, resolvedAt: null, version: 1 });
  expect(shop.wait(10 * graceMs).found()).toEqual([]);
});

test('a wrong charge is a finding at once, and resolved when it has gone back', () => {
  const shop = reconciled(outcome(reserved), order(placed), payment(wrong));
  expect(shop.found()).toMatchObject([{ id: 'wrong_charge:order-1', resolvedAt: null }]);
  shop.wait(1_000).after(payment(wrongReturned));
  expect(shop.found()).toMatchObject([{ id: 'wrong_charge:order-1', resolvedAt: 1_000 }]);
});

test('what arrives within the grace is no finding', () => {
  const shop = reconciled(outcome(reserved)).wait(graceMs - 1);
  expect(
    shop
      .after(order(placed), payment(captured))
      .wait(10 * graceMs)
      .found(),
  ).toEqual([]);
});

test('a finding whose difference is gone is resolved, and comes back under the same id', () => {
  const shop = reconciled(received(5), level(4, 0)).wait(graceMs);
  expect(shop.found()).toMatchObject([{ version: 1, resolvedAt: null }]);
  expect(shop.after(level(5, 0)).found()).toMatchObject([{ version: 2, resolvedAt: graceMs }]);
  expect(shop.after(level(4, 0)).found()).toEqual([]);
  expect(shop.wait(graceMs).found()).toMatchObject([
    { id: 'stock_out_of_balance:TEA-250', version: 3, foundAt: 2 * graceMs, resolvedAt: null },
  ]);
});

test('a finding says what was expected, what was found, and what to do', () => {
  const [finding] = reconciled(outcome(reserved), order(expired)).wait(graceMs).found();
  expect(finding).toMatchObject({
    message: '2 units are still reserved; the order is expired and needs 0',
    evidence: { status: 'expired', open: '2', needed: '0' },
    remedy: 'release what is open: send ReleaseReservation for each SKU',
  });
});

test('a payment whose order is in the history is no payment without order', () => {
  const shop = reconciled(payment(captured), input(archivedOrders, orderId, placed));
  expect(shop.wait(10 * graceMs).found()).toEqual([]);
});

test('an order in the history is compared no more', () => {
  const shop = reconciled(outcome(reserved), order(expired)).wait(graceMs);
  expect(shop.found()).toHaveLength(1);
  shop.after(tombstone(orders, orderId), payment(captured));
  expect(shop.found()).toMatchObject([{ resolvedAt: graceMs }]);
  expect(shop.wait(10 * graceMs).found()).toEqual([]);
});
