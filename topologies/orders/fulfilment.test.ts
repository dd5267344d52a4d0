/** Shipments, returns and the end of an order, with inventory and payments as they are. */
import { type OrderCommand, type OrderId, paymentIdOf } from '#schemas/orders';
import type { ChargeId } from '#schemas/payments';
import type { CommandId } from '#schemas/replies';
import {
  delhi,
  mumbai,
  placing,
  returnWindowMs,
  rupees,
  SimulatedShop,
  tea,
} from './simulated-shop.ts';

const first = 'order-1' as OrderId;
type Shipped = Extract<OrderCommand, { type: 'RecordShipmentEvent' }>;

/** Seven units: five from Mumbai (7,000 delivery), two from Delhi (4,000); paid. */
function paidShop(): SimulatedShop {
  const shop = new SimulatedShop();
  shop.receive(tea, mumbai, 5);
  shop.receive(tea, delhi, 3);
  shop.command(first, placing({ [tea]: 7 }));
  shop.settle();
  const { amount } = shop.payments.get(paymentIdOf(first)) ?? { amount: rupees(0) };
  const ids = { commandId: 'paid' as CommandId, eventId: 'paid', chargeId: 'charge-1' as ChargeId };
  const of = { gateway: 'sandbox', kind: 'captured' as const, refundId: '', at: 0 };
  const value = { type: 'RecordGatewayEvent' as const, ...ids, ...of, amount };
  shop.send({ to: 'payment', key: paymentIdOf(first), value });
  shop.settle();
  return shop;
}

let nextCommand = 0;
/** `1 packed`: the first shipment is packed. */
function tell(shop: SimulatedShop, ...told: string[]): void {
  for (const each of told) {
    const [shipment, event] = each.split(' ') as [string, Shipped['event']];
    shop.command(first, {
      type: 'RecordShipmentEvent',
      commandId: `ship-${nextCommand++}` as CommandId,
      shipmentId: `order-1-${shipment}` as Shipped['shipmentId'],
      event,
      at: shop.nowMs,
    });
  }
  shop.settle();
}

function giveBack(shop: SimulatedShop, quantity: number, sku = tea): void {
  const commandId = `return-${nextCommand++}` as CommandId;
  const lines = [{ sku, quantity }];
  shop.command(first, { type: 'ReturnLines', commandId, reason: 'dented', lines });
  shop.settle();
}

function orderOf(shop: SimulatedShop) {
  const order = shop.orders.get(first)?.entry?.order;
  if (order === undefined) throw new Error('the order is gone');
  return order;
}

function refundsAsked(shop: SimulatedShop): number[] {
  return shop.gatewayCalls.flatMap(({ request }) =>
    request.type === 'RefundCharge' ? [request.amount.amount] : [],
  );
}

const whole = (event: string) => [`1 ${event}`, `2 ${event}`];
const allDelivered = [...whole('packed'), ...whole('shipped'), ...whole('delivered')];

test.each`
  told                                                                  | status
  ${['1 packed']}                                                       | ${'placed'}
  ${['1 packed', '1 shipped']}                                          | ${'partly_shipped'}
  ${whole('packed')}                                                    | ${'packed'}
  ${[...whole('packed'), '2 shipped']}                                  | ${'partly_shipped'}
  ${[...whole('packed'), ...whole('shipped')]}                          | ${'shipped'}
  ${[...whole('packed'), ...whole('shipped'), '2 delivered']}           | ${'partly_delivered'}
  ${['1 packed', '1 shipped', '1 delivered']}                           | ${'partly_delivered'}
  ${allDelivered}                                                       | ${'delivered'}
  ${[...whole('packed'), ...whole('shipped'), '1 lost']}                | ${'shipped'}
  ${[...whole('packed'), ...whole('shipped'), '1 lost', '2 delivered']} | ${'delivered'}
  ${[...whole('packed'), ...whole('shipped'), ...whole('lost')]}        | ${'cancelled'}
`('after $told the order is $status', ({ told, status }) => {
  const shop = paidShop();
  tell(shop, ...told);
  expect(orderOf(shop).status).toBe(status);
  expect(shop.replies.at(-1)).toMatchObject({ outcome: 'accepted' });
});

test('a shipment that leaves takes its units from its warehouse, and only those', () => {
  const shop = paidShop();
  tell(shop, '1 packed', '1 shipped');
  expect(shop.levels.get(tea)?.warehouses).toMatchObject({
    mumbai: { onHand: 0, reserved: 0, shipped: 5 },
    delhi: { onHand: 3, reserved: 2, shipped: 0 },
  });
});

test.each`
  before                       | impossible       | code
  ${[]}                        | ${'1 shipped'}   | ${'impossible-transition'}
  ${[]}                        | ${'1 delivered'} | ${'impossible-transition'}
  ${['1 packed']}              | ${'1 lost'}      | ${'impossible-transition'}
  ${['1 packed']}              | ${'1 packed'}    | ${'impossible-transition'}
  ${['1 packed', '1 shipped']} | ${'1 packed'}    | ${'impossible-transition'}
  ${allDelivered}              | ${'1 lost'}      | ${'impossible-transition'}
  ${[]}                        | ${'3 packed'}    | ${'shipment-unknown'}
`('after $before it refuses $impossible as $code, and nothing changes', (row) => {
  const shop = paidShop();
  tell(shop, ...row.before);
  const { version } = orderOf(shop);
  tell(shop, row.impossible);
  expect(shop.replies.at(-1)).toMatchObject({ outcome: 'rejected', code: row.code, version });
  expect(orderOf(shop).version).toBe(version);
});

test('says what the shipment is and what it cannot be', () => {
  const shop = paidShop();
  tell(shop, '1 delivered');
  expect(shop.replies.at(-1)?.message).toBe(
    "shipment 'order-1-1' is reserved in an order that is placed: it cannot be delivered",
  );
});

test('nothing can be cancelled once anything has left', () => {
  const shop = paidShop();
  tell(shop, '1 packed', '1 shipped');
  const of = { commandId: 'cancel' as CommandId, by: orderOf(shop).userId, reason: '' };
  shop.command(first, { type: 'CancelOrder', ...of });
  shop.settle();
  expect(shop.replies.at(-1)).toMatchObject({ code: 'order-not-cancellable' });
});

test('a lost shipment is refunded with its fee; the last one to be lost cancels the order', () => {
  const shop = paidShop();
  tell(shop, ...whole('packed'), ...whole('shipped'), '2 lost');
  expect(refundsAsked(shop)).toEqual([24_000]);
  tell(shop, '1 lost');
  expect(refundsAsked(shop)).toEqual([24_000, 57_000]);
  expect(orderOf(shop)).toMatchObject({
    status: 'cancelled',
    cancelReason: 'lost in transit',
    total: rupees(81_000),
  });
});

test('returned units go back to the warehouses they came from, and their price to the shopper', () => {
  const shop = paidShop();
  tell(shop, ...allDelivered);
  giveBack(shop, 6);
  expect(orderOf(shop)).toMatchObject({ status: 'partly_returned', lines: [{ returned: 6 }] });
  expect(refundsAsked(shop)).toEqual([60_000]);
  giveBack(shop, 1);
  expect(orderOf(shop).status).toBe('returned');
  expect(refundsAsked(shop)).toEqual([60_000, 10_000]);
  expect(shop.levels.get(tea)?.warehouses).toMatchObject({
    mumbai: { onHand: 5, received: 10, shipped: 5 },
    delhi: { onHand: 3, received: 5, shipped: 2 },
  });
});

test('only what is with the shopper can be returned', () => {
  const shop = paidShop();
  giveBack(shop, 1);
  expect(shop.replies.at(-1)).toMatchObject({ code: 'order-not-returnable' });
  tell(shop, ...whole('packed'), ...whole('shipped'), '2 delivered');
  for (const quantity of [0, 3]) {
    giveBack(shop, quantity);
    expect(shop.replies.at(-1)).toMatchObject({
      code: 'invalid-return',
      message: `${quantity} of 'TEA-250' cannot be returned: 2 are with the shopper`,
    });
  }
});

test('an order is complete when its return window is over, and takes nothing back after it', () => {
  const shop = paidShop();
  tell(shop, ...allDelivered);
  shop.passTime(returnWindowMs - 1);
  expect(orderOf(shop).status).toBe('delivered');
  shop.passTime(1);
  expect(orderOf(shop).status).toBe('completed');
  giveBack(shop, 1);
  expect(shop.replies.at(-1)).toMatchObject({ code: 'order-not-returnable' });
});

test('the return window begins when the last shipment arrives', () => {
  const shop = paidShop();
  tell(shop, ...whole('packed'), ...whole('shipped'), '2 delivered');
  shop.passTime(returnWindowMs);
  giveBack(shop, 1);
  tell(shop, '1 delivered');
  expect(orderOf(shop).status).toBe('partly_returned');
  shop.passTime(returnWindowMs);
  expect(orderOf(shop).status).toBe('completed');
});
