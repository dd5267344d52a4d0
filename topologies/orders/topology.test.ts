/** The wiring of orders: what comes in by which topic goes out by which, and in time. */
import { readFileSync } from 'node:fs';
import { cartCommands } from '#schemas/carts';
import {
  inventoryCommands,
  type ReservationOutcome,
  reservationOutcomes,
} from '#schemas/inventory';
import { items } from '#schemas/items';
import {
  type OrderCommand,
  type OrderId,
  orderCommands,
  orderEvents,
  orders,
  paymentIdOf,
} from '#schemas/orders';
import { paymentCommands, paymentOutcomes } from '#schemas/payments';
import { type CommandId, commandReplies } from '#schemas/replies';
import { dispatchRules, pincodeRoutes } from '#schemas/serviceability';
import { TopologyTestDriver } from '#streams/testing';
import {
  anna,
  bangalore,
  delhi,
  dispatchRulesOf,
  itemsForSale,
  mondayMs,
  mumbai,
  placing,
  routesToBangalore,
  rupees,
  tea,
} from './simulated-shop.ts';
import { ordersTopology } from './topology.ts';

const first = 'order-1' as OrderId;
const paymentId = paymentIdOf(first);
const paymentDeadlineMs = 60_000;
const returnWindowMs = 120_000;

/** The topology with a catalogue, at ten o'clock on a Monday. */
function openOrders() {
  const topology = ordersTopology({ paymentDeadlineMs, returnWindowMs });
  const driver = new TopologyTestDriver(topology, { startMs: mondayMs, partitions: 2 });
  for (const item of itemsForSale) driver.input(items).pipe(item.id, item);
  driver.input(pincodeRoutes).pipe(bangalore, routesToBangalore);
  for (const id of [delhi, mumbai]) driver.input(dispatchRules).pipe(id, dispatchRulesOf(id));
  return driver;
}

type Driver = ReturnType<typeof openOrders>;

function command(driver: Driver, value: OrderCommand): void {
  driver.input(orderCommands).pipe(first, value);
}

function reserved(driver: Driver): void {
  const allocations = [{ warehouseId: mumbai, quantity: 2 }];
  const of = { sku: tea, orderId: first, quantity: 2, allocations };
  const outcome: ReservationOutcome = { type: 'StockReserved', ...of };
  driver.input(reservationOutcomes).pipe(first, outcome);
}

function captured(driver: Driver): void {
  const value = { type: 'PaymentCaptured' as const, paymentId, amount: rupees(26_000) };
  driver.input(paymentOutcomes).pipe(first, value);
}

function statuses(driver: Driver): (string | undefined)[] {
  return driver
    .output(orderEvents)
    .values()
    .map((event) => event?.status);
}

function ship(driver: Driver, ...events: ('packed' | 'shipped' | 'delivered')[]): void {
  const shipmentId = 'order-1-1' as Extract<
    OrderCommand,
    { type: 'RecordShipmentEvent' }
  >['shipmentId'];
  for (const event of events) {
    const of = { commandId: `ship-${event}` as CommandId, shipmentId, event, at: driver.nowMs };
    command(driver, { type: 'RecordShipmentEvent', ...of });
  }
}

test('is wired as topology.txt says', () => {
  const golden = readFileSync(new URL('./topology.txt', import.meta.url), 'utf8');
  expect(ordersTopology().describe()).toBe(golden);
});

test('asks inventory for each line by SKU, nearest warehouse first, and does not answer yet', () => {
  const driver = openOrders();
  command(driver, placing({ [tea]: 2 }));
  const [asked] = driver.output(inventoryCommands).records();
  expect(asked).toMatchObject({
    key: tea,
    value: { type: 'ReserveStock', orderId: first, quantity: 2, warehouses: [mumbai, delhi] },
  });
  expect(driver.output(commandReplies).records()).toEqual([]);
  expect(statuses(driver)).toEqual(['reserving']);
});

test('answers, asks for the payment and empties the cart when the stock is reserved', () => {
  const driver = openOrders();
  const place = placing({ [tea]: 2 });
  command(driver, place);
  reserved(driver);

  expect(driver.output(commandReplies).records()).toMatchObject([
    { key: first, value: { commandId: place.commandId, outcome: 'accepted', version: 2 } },
  ]);
  expect(driver.output(paymentCommands).records()).toMatchObject([
    {
      key: paymentId,
      value: {
        type: 'RequestPayment',
        amount: rupees(26_000),
        expiresAt: mondayMs + paymentDeadlineMs,
      },
    },
  ]);
  expect(driver.output(cartCommands).records()).toMatchObject([
    { key: anna, value: { type: 'RemoveOrdered', lines: [{ sku: tea, quantity: 2 }] } },
  ]);
  const states = driver.output(orders).values();
  expect(states.map((order) => [order?.version, order?.status])).toEqual([
    [1, 'reserving'],
    [2, 'awaiting_payment'],
  ]);
});

test('an unpaid order ends within a second of its deadline', () => {
  const driver = openOrders();
  command(driver, placing({ [tea]: 2 }));
  reserved(driver);
  driver.output(inventoryCommands).records();
  driver.output(paymentCommands).records();
  driver.advanceWallClock(paymentDeadlineMs - 1);
  expect(statuses(driver)).toEqual(['reserving', 'awaiting_payment']);
  driver.advanceWallClock(1_000);

  expect(statuses(driver)).toEqual(['expired']);
  expect(driver.output(inventoryCommands).values()).toMatchObject([{ type: 'ReleaseReservation' }]);
  expect(driver.output(paymentCommands).values()).toMatchObject([{ type: 'AbandonPayment' }]);
});

test('a paid order outlives its deadline, ships, and is complete after the return window', () => {
  const driver = openOrders();
  command(driver, placing({ [tea]: 2 }));
  reserved(driver);
  captured(driver);
  driver.advanceWallClock(2 * paymentDeadlineMs);
  ship(driver, 'packed', 'shipped', 'delivered');
  expect(driver.output(inventoryCommands).values().at(-1)).toEqual({
    type: 'CommitReservation',
    orderId: first,
    warehouseId: mumbai,
  });
  driver.advanceWallClock(returnWindowMs);
  const story = ['placed', 'packed', 'shipped', 'delivered', 'completed'];
  expect(statuses(driver)).toEqual(['reserving', 'awaiting_payment', ...story]);
});

test('success and expiry at the same instant: whichever record is first decides', () => {
  const paidFirst = openOrders();
  command(paidFirst, placing({ [tea]: 2 }));
  reserved(paidFirst);
  paidFirst
    .input(paymentOutcomes)
    .pipe(
      first,
      { type: 'PaymentCaptured', paymentId, amount: rupees(26_000) },
      { timestampMs: mondayMs + paymentDeadlineMs },
    );
  paidFirst.advanceWallClock(paymentDeadlineMs);
  expect(statuses(paidFirst).at(-1)).toBe('placed');

  const expiredFirst = openOrders();
  command(expiredFirst, placing({ [tea]: 2 }));
  reserved(expiredFirst);
  expiredFirst.advanceWallClock(paymentDeadlineMs);
  captured(expiredFirst);
  expect(statuses(expiredFirst).at(-1)).toBe('expired');
  expect(expiredFirst.output(orders).values().at(-1)?.payment.status).toBe('refunding');
});

test('a price that has changed is answered at once and reserves nothing', () => {
  const driver = openOrders();
  const place = placing({ [tea]: 2 });
  command(driver, { ...place, lines: [{ sku: tea, quantity: 2, unitPrice: rupees(9_999) }] });
  expect(driver.output(commandReplies).values()).toMatchObject([{ code: 'price-changed' }]);
  expect(driver.output(inventoryCommands).records()).toEqual([]);
  expect(driver.output(cartCommands).records()).toEqual([]);
});

test('an archived order leaves the live state by a tombstone and stays refused', () => {
  const driver = openOrders();
  const place = placing({ 'NO-SUCH': 1 });
  command(driver, place);
  const confirmation = { commandId: 'confirm' as CommandId, version: 1 };
  command(driver, { type: 'ConfirmArchived', ...confirmation });
  command(driver, place);

  expect(
    driver
      .output(orders)
      .records()
      .map(({ key, value }) => [key, value?.status]),
  ).toEqual([
    [first, 'rejected'],
    [first, undefined],
  ]);
  expect(
    driver
      .output(commandReplies)
      .values()
      .map((reply) => reply?.code),
  ).toEqual(['unknown-item', null, 'order-archived']);
  expect([...driver.store('order-entries').all()]).toEqual([]);
});

test('a command that cannot be decoded is set aside and the next one is taken', () => {
  const driver = openOrders();
  const key = new TextEncoder().encode(first);
  driver.input(orderCommands).pipeBytes(key, new Uint8Array([255, 255]));
  command(driver, placing({ [tea]: 2 }));
  expect(driver.deadLetters()).toHaveLength(1);
  expect(statuses(driver)).toEqual(['reserving']);
});
