/** Taking orders, with inventory and payments as they are. */

import type { OrderId, PlaceOrder } from '#schemas/orders';
import { rankedPromises } from '#schemas/promise';
import type { CommandReply } from '#schemas/replies';
import type { Pincode } from '#schemas/serviceability';
import type { UserId } from '#schemas/users';
import {
  bangalore,
  catalogue,
  cups,
  delhi,
  homeAddress,
  mondayMs,
  mumbai,
  paymentDeadlineMs,
  placing,
  routesToBangalore,
  rupees,
  SimulatedShop,
  stove,
  tea,
} from './simulated-shop.ts';

const first = 'order-1' as OrderId;

/** A shop with 5 units of everything in Mumbai and 3 in Delhi. */
function openShop(): SimulatedShop {
  const shop = new SimulatedShop();
  for (const sku of [tea, cups, stove]) {
    shop.receive(sku, mumbai, 5);
    shop.receive(sku, delhi, 3);
  }
  shop.settle();
  return shop;
}

function place(shop: SimulatedShop, command: PlaceOrder, orderId = first) {
  shop.command(orderId, command);
  shop.settle();
  const order = shop.orders.get(orderId)?.entry?.order;
  if (order === undefined) throw new Error(`no order '${orderId}'`);
  return { order, reply: shop.replies.at(-1) as CommandReply };
}

function reservedUnits(shop: SimulatedShop): number {
  return [...shop.levels.values()]
    .flatMap((level) => Object.values(level.warehouses))
    .reduce((sum, stock) => sum + stock.reserved, 0);
}

test('reserves every line, asks for the payment, and answers with the version that says so', () => {
  const shop = openShop();
  const { order, reply } = place(shop, placing({ [tea]: 2, [cups]: 1 }));
  expect(order).toMatchObject({
    status: 'awaiting_payment',
    itemsTotal: rupees(45_000),
    deliveryFee: rupees(7_000),
    total: rupees(52_000),
    payment: { status: 'awaiting', expiresAt: mondayMs + paymentDeadlineMs },
  });
  expect(reply).toMatchObject({ outcome: 'accepted', version: order.version });
  expect(shop.gatewayCalls).toEqual([
    {
      paymentId: 'pay_order-1',
      request: {
        type: 'OpenCharge',
        orderId: first,
        amount: rupees(52_000),
        expiresAt: mondayMs + paymentDeadlineMs,
      },
    },
  ]);
  expect(order.timeline.map((entry) => entry.status)).toEqual(['reserving', 'awaiting_payment']);
});

test('answers only when every reservation has its outcome', () => {
  const shop = openShop();
  shop.command(first, placing({ [tea]: 1, [cups]: 1 }));
  shop.step(0); // the order
  shop.step(0); // the tea
  shop.step(0); // the cups
  shop.step(0); // the first outcome
  expect(shop.replies.map((reply) => reply.commandId)).not.toContainEqual(
    expect.stringMatching(/^place-/),
  );
  shop.settle();
  expect(shop.replies.at(-1)).toMatchObject({ outcome: 'accepted' });
});

test('records the promise that search made for the warehouse that has the goods', () => {
  const shop = openShop();
  const { order } = place(shop, placing({ [tea]: 2 }));
  const [promised] = rankedPromises({
    routes: routesToBangalore,
    dispatchRules: catalogue.dispatchRules,
    stocks: (warehouse) => warehouse === mumbai,
    nowMs: mondayMs,
    weightGrams: 800,
    cashOnDelivery: false,
  });
  expect(order.shipments).toEqual([
    {
      id: 'order-1-1',
      warehouseId: mumbai,
      courierId: promised?.courierId,
      status: 'reserved',
      lines: [{ sku: tea, quantity: 2 }],
      fee: promised?.fee,
      promisedBy: promised?.promisedByMs,
    },
  ]);
});

test('an order that no warehouse has whole is sent in a shipment from each, each with its fee', () => {
  const { order } = place(openShop(), placing({ [tea]: 7 }));
  expect(order.shipments.map(({ fee, lines, warehouseId }) => [warehouseId, lines, fee])).toEqual([
    [mumbai, [{ sku: tea, quantity: 5 }], rupees(7_000)],
    [delhi, [{ sku: tea, quantity: 2 }], rupees(4_000)],
  ]);
  expect(order.deliveryFee).toEqual(rupees(11_000));
});

test('what is too heavy for one courier goes from one warehouse in several parcels', () => {
  const { order } = place(openShop(), placing({ [stove]: 1, [tea]: 1, [cups]: 1 }));
  expect(order.shipments.map(({ id, lines, warehouseId }) => [id, warehouseId, lines])).toEqual([
    [
      'order-1-1',
      mumbai,
      [
        { sku: stove, quantity: 1 },
        { sku: tea, quantity: 1 },
      ],
    ],
    ['order-1-2', mumbai, [{ sku: cups, quantity: 1 }]],
  ]);
});

test('cash on delivery is placed at once and asks for no payment', () => {
  const shop = openShop();
  const { order } = place(shop, placing({ [tea]: 1 }, 'cash_on_delivery'));
  expect(order).toMatchObject({ status: 'placed', payment: { status: 'not_needed' } });
  expect(shop.gatewayCalls).toEqual([]);
});

test('one line that is out of stock rejects the order, and the others are released', () => {
  const shop = openShop();
  const { order, reply } = place(shop, placing({ [cups]: 2, [tea]: 12 }));
  expect(order).toMatchObject({
    status: 'rejected',
    shipments: [],
    failedLines: [{ sku: tea, code: 'out-of-stock', requested: 12, available: 8 }],
  });
  expect(reply).toMatchObject({
    outcome: 'rejected',
    code: 'out-of-stock',
    version: order.version,
    details: [{ sku: tea, code: 'out-of-stock', requested: '12', available: '8' }],
  });
  expect(reservedUnits(shop)).toBe(0);
});

test('an outcome that is told twice while others are awaited counts once', () => {
  const shop = openShop();
  shop.command(first, placing({ [cups]: 1, [tea]: 12 }));
  shop.step(0);
  const told = { sku: tea, orderId: first, requested: 12, available: 8 };
  for (const _ of ['once', 'again']) {
    shop.send({ to: 'order', key: first, value: { type: 'ReservationRejected', ...told } });
  }
  shop.settle();
  expect(shop.orders.get(first)?.entry?.order.failedLines).toHaveLength(1);
  expect(reservedUnits(shop)).toBe(0);
});

test('only an accepted order takes its lines from the cart', () => {
  const shop = openShop();
  place(shop, placing({ [tea]: 12 }), 'order-too-many' as OrderId);
  expect(shop.tookFromCart).toEqual([]);
  place(shop, placing({ [tea]: 1 }));
  expect(shop.tookFromCart).toEqual([first]);
});

const elsewhere = { ...homeAddress, pincode: '110001' as Pincode };
const cheaper = (command: PlaceOrder): PlaceOrder => ({
  ...command,
  lines: command.lines.map((line) => ({ ...line, unitPrice: rupees(1) })),
});

test.each`
  what                                        | command                                             | code
  ${'an item that is not sold'}               | ${placing({ 'NO-SUCH': 1 })}                        | ${'unknown-item'}
  ${'a price that has changed'}               | ${cheaper(placing({ [tea]: 1 }))}                   | ${'price-changed'}
  ${'a pincode that nothing reaches'}         | ${{ ...placing({ [tea]: 1 }), address: elsewhere }} | ${'undeliverable'}
  ${'more of a line than a courier takes'}    | ${placing({ [stove]: 2 })}                          | ${'undeliverable'}
  ${'cash for what is sold for prepaid only'} | ${placing({ [stove]: 1 }, 'cash_on_delivery')}      | ${'no-cash-on-delivery'}
`('rejects $what at once, as $code, and reserves nothing', ({ code, command }) => {
  const shop = openShop();
  const { order, reply } = place(shop, command);
  expect(order).toMatchObject({ status: 'rejected', failedLines: [{ code }] });
  expect(reply).toMatchObject({ outcome: 'rejected', code, version: 1 });
  expect(reply.details).toMatchObject([{ code }]);
  expect(shop.reservations.size).toBe(0);
});

const line = { sku: tea, quantity: 1, unitPrice: rupees(10_000) };
const dollars = { sku: cups, quantity: 1, unitPrice: { amount: 1, currency: 'USD' } };
const many = Array.from({ length: 51 }, (_, n) => ({ ...line, sku: `SKU-${n}` }));

test.each`
  what                   | lines                           | message
  ${'no line'}           | ${[]}                           | ${/at least one line/}
  ${'51 lines'}          | ${many}                         | ${/at most 50 lines/}
  ${'a SKU twice'}       | ${[line, line]}                 | ${/add up the quantities/}
  ${'a quantity of 0'}   | ${[{ ...line, quantity: 0 }]}   | ${/quantity 0 of 'TEA-250' must be/}
  ${'a quantity of 100'} | ${[{ ...line, quantity: 100 }]} | ${/quantity 100 of 'TEA-250' must be/}
  ${'two currencies'}    | ${[line, dollars]}              | ${/one currency, not INR, USD/}
`('rejects an order with $what and says what is right', ({ lines, message }) => {
  const { order, reply } = place(openShop(), { ...placing({}), lines });
  expect(order).toMatchObject({ status: 'rejected', lines: [] });
  expect(reply.code).toBe('invalid-order');
  expect(reply.message).toMatch(message);
});

test('the same order again, while it is decided and after, is one order with one answer', () => {
  const shop = openShop();
  const command = placing({ [tea]: 1 });
  const again = placing({ [tea]: 1 });
  shop.command(first, command);
  shop.command(first, command);
  shop.command(first, again);
  shop.settle();
  shop.command(first, command);
  shop.settle();

  const answers = shop.replies.map(({ commandId, outcome, version }) => ({
    commandId,
    outcome,
    version,
  }));
  const answer = { outcome: 'accepted', version: 2 };
  expect(answers).toEqual([
    { commandId: command.commandId, ...answer },
    { commandId: again.commandId, ...answer },
    { commandId: command.commandId, ...answer },
  ]);
  expect(reservedUnits(shop)).toBe(1);
});

test('the id of another user’s order is refused and says nothing of it', () => {
  const shop = openShop();
  place(shop, placing({ [tea]: 1 }));
  const { order, reply } = place(shop, placing({ [tea]: 1 }, 'prepaid', 'ben' as UserId));
  expect(reply).toMatchObject({ outcome: 'rejected', code: 'order-id-taken', version: 0 });
  expect(order.userId).toBe('user_anna');
});

test('the promise is as of the moment of ordering, however late the stock answers', () => {
  const shop = openShop();
  shop.command(first, placing({ [tea]: 1 }));
  shop.step(0);
  shop.nowMs += 86_400_000;
  shop.settle();
  const promisedBy = shop.orders.get(first)?.entry?.order.shipments[0]?.promisedBy;
  const { order } = place(openShop(), placing({ [tea]: 1 }));
  expect(promisedBy).toBe(order.shipments[0]?.promisedBy);
  expect(order.address.pincode).toBe(bangalore);
});
