import { readFileSync } from 'node:fs';
import type { Sku } from '#schemas/items';
import { type Notification, type NotificationId, notifications } from '#schemas/notifications';
import { type OrderEvent, type OrderId, type OrderStatus, orderEvents } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { input, scenario, TopologyTestDriver } from '#streams/testing';
import { notificationsTopology } from './topology.ts';

const anna = 'anna' as UserId;
const orderId = 'order-1' as OrderId;
const dayMs = 86_400_000;

const event = (status: OrderStatus, at = 1_000): OrderEvent => ({
  orderId,
  userId: anna,
  status,
  before: null,
  total: { amount: 129_900, currency: 'INR' },
  skus: ['TEA' as Sku, 'POT' as Sku],
  at,
  version: 1,
});
const told = (status: OrderStatus, at?: number) =>
  input(orderEvents, orderId, event(status, at), at ?? 1_000);

const placed: Notification = {
  id: 'order-1:placed' as NotificationId,
  userId: anna,
  kind: 'order-placed',
  title: 'Thank you for your order',
  body: 'We are getting your 2 items ready, ₹1,299.00 in all. We tell you when they are on their way.',
  orderId,
  at: 1_000,
};

test('the topology is as written down', () => {
  const written = readFileSync(new URL('./topology.txt', import.meta.url), 'utf8');
  expect(notificationsTopology().describe()).toBe(written);
});

test('tells a shopper that the order is placed, by user', () => {
  scenario(notificationsTopology())
    .when(told('placed'))
    .thenEmitsRecords(notifications, [[anna, placed]]);
});

test('tells each thing once, whatever is replayed', () => {
  scenario(notificationsTopology())
    .given(told('placed'), told('shipped'))
    .when(told('placed'), told('shipped'), told('placed'))
    .thenEmits(notifications, []);
});

test('forgets after ninety days of stream time what it has told', () => {
  const driver = new TopologyTestDriver(notificationsTopology());
  const orders = driver.input(orderEvents);
  orders.pipe(orderId, event('placed'), { timestampMs: 1_000 });
  orders.pipe('order-2' as OrderId, event('packed'), { timestampMs: 80 * dayMs });
  expect(driver.store('notified').all()).toHaveLength(1);
  orders.pipe('order-2' as OrderId, event('packed'), { timestampMs: 100 * dayMs });
  expect(driver.store('notified').all()).toEqual([]);
});
