import fc from 'fast-check';
import type { Sku } from '#schemas/items';
import { type OrderEvent, type OrderId, type OrderStatus, orderStatuses } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { formatMoney, notificationOf } from './words.ts';

const event = (status: OrderStatus, of: Partial<OrderEvent> = {}): OrderEvent => ({
  orderId: 'order-1' as OrderId,
  userId: 'anna' as UserId,
  status,
  before: 'placed',
  total: { amount: 129_900, currency: 'INR' },
  skus: ['TEA' as Sku],
  at: 1_000,
  version: 2,
  ...of,
});

test('tells of what a shopper waits for, and of nothing else', () => {
  const told = orderStatuses.filter((status) => notificationOf(event(status)) !== undefined);
  expect(told).toEqual([
    'placed',
    'partly_shipped',
    'shipped',
    'partly_delivered',
    'delivered',
    'cancelled',
    'expired',
    'partly_returned',
    'returned',
  ]);
});

test('speaks of one item and of many as a person would', () => {
  const skus = ['TEA', 'POT', 'CUP'] as Sku[];
  expect(notificationOf(event('delivered'))?.body).toContain('delivered your item.');
  expect(notificationOf(event('delivered', { skus }))?.body).toContain('delivered your 3 items.');
});

test('makes the id from the order and its status alone', () => {
  const any = fc.record({ at: fc.nat(), version: fc.nat() });
  fc.assert(
    fc.property(fc.constantFrom(...orderStatuses), any, any, (status, a, b) => {
      expect(notificationOf(event(status, a))?.id).toBe(notificationOf(event(status, b))?.id);
    }),
  );
  expect(notificationOf(event('partly_shipped'))).toMatchObject({
    id: 'order-1:partly_shipped',
    kind: 'order-partly-shipped',
  });
});

test.each`
  amount        | currency | text
  ${129_900}    | ${'INR'} | ${'₹1,299.00'}
  ${12_345_678} | ${'INR'} | ${'₹1,23,456.78'}
  ${5}          | ${'INR'} | ${'₹0.05'}
  ${1_299}      | ${'JPY'} | ${'JP¥1,299'}
`('writes $amount minor units of $currency as $text', ({ amount, currency, text }) => {
  expect(formatMoney({ amount, currency })).toBe(text);
});
