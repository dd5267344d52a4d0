import { readFileSync } from 'node:fs';
import { archivedOrders, type Order, type OrderId, orders, paymentIdOf } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { input, scenario, tombstone } from '#streams/testing';
import { archivalTopology } from './topology.ts';

const hourMs = 3_600_000;
const orderId = 'order-1' as OrderId;
const rupees = (amount: number) => ({ amount, currency: 'INR' });

const address = { id: '', name: '', lines: [], city: '', pincode: '560001', phone: '' };

const cancelled: Order = {
  id: orderId,
  userId: 'anna' as UserId,
  status: 'cancelled',
  lines: [],
  shipments: [],
  address: address as unknown as Order['address'],
  paymentMethod: 'prepaid',
  payment: {
    id: paymentIdOf(orderId),
    status: 'abandoned',
    expiresAt: null,
    captured: rupees(0),
    refunded: rupees(0),
  },
  itemsTotal: rupees(0),
  deliveryFee: rupees(0),
  total: rupees(0),
  failedLines: [],
  timeline: [],
  cancelReason: null,
  version: 3,
  createdAt: 0,
  updatedAt: 0,
};
const refunding: Order = { ...cancelled, payment: { ...cancelled.payment, status: 'refunding' } };
const refunded: Order = {
  ...cancelled,
  payment: { ...cancelled.payment, status: 'refunded' },
  version: 4,
  updatedAt: 5 * hourMs,
};

const archivesAfterAnHour = () => scenario(archivalTopology({ archiveAfterMs: hourMs }));
const state = (order: Order) => input(orders, orderId, order, order.updatedAt);

test('is wired as topology.txt says', () => {
  const golden = readFileSync(new URL('./topology.txt', import.meta.url), 'utf8');
  expect(archivalTopology().describe()).toBe(golden);
});

test('archives an order once it has been at its end for long enough, and once', () => {
  archivesAfterAnHour()
    .given(state(cancelled))
    .whenTimePasses(hourMs - 1)
    .thenEmits(archivedOrders, [])
    .whenTimePasses(60_001)
    .thenEmitsRecords(archivedOrders, [[orderId, cancelled]])
    .whenTimePasses(30 * hourMs)
    .thenEmits(archivedOrders, []);
});

test.each`
  name                            | order
  ${'that goes on'}               | ${{ ...cancelled, status: 'delivered' }}
  ${'whose refund is on its way'} | ${refunding}
`('leaves an order alone $name', ({ order }) => {
  archivesAfterAnHour()
    .given(state(order))
    .whenTimePasses(100 * hourMs)
    .thenEmits(archivedOrders, []);
});

test('an order that changed after it was archived is archived again as it is now', () => {
  archivesAfterAnHour()
    .given(state(cancelled))
    .whenTimePasses(2 * hourMs)
    .thenEmits(archivedOrders, [cancelled])
    .when(state(refunded))
    .whenTimePasses(3 * hourMs)
    .thenEmits(archivedOrders, [])
    .whenTimePasses(hourMs + 60_000)
    .thenEmits(archivedOrders, [refunded]);
});

test('a change before its time moves the date', () => {
  archivesAfterAnHour()
    .given(state(cancelled), state(refunded))
    .whenTimePasses(5 * hourMs)
    .thenEmits(archivedOrders, [])
    .whenTimePasses(hourMs + 60_000)
    .thenEmits(archivedOrders, [refunded]);
});

test('an order that has left is not archived again', () => {
  archivesAfterAnHour()
    .given(state(cancelled), tombstone(orders, orderId))
    .whenTimePasses(2 * hourMs)
    .thenEmits(archivedOrders, []);
});
