import fc from 'fast-check';
import type { BehaviourEvent } from '#schemas/behaviour';
import type { CartLine } from '#schemas/carts';
import type { ItemId, Sku } from '#schemas/items';
import { type OrderEvent, type OrderId, type OrderStatus, orderStatuses } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { fromCart, fromOrder, fromWishlist } from './derived-events.ts';
import { addMeasured, measuresOf, measuresOfOrder, noTally } from './measures.ts';

const tea = 'TEA' as Sku;
const line: CartLine = {
  sku: tea,
  itemId: 'TEA' as ItemId,
  title: 'Tea',
  quantity: 3,
  unitPrice: { amount: 100, currency: 'INR' },
  addedAt: 1,
};
const set = (quantityBefore: number, reason: 'shopper' | 'merged' | 'ordered') =>
  fromCart({ type: 'CartLineSet', line, quantityBefore, reason });
const order = (status: OrderStatus): OrderEvent => ({
  orderId: 'o1' as OrderId,
  userId: 'anna' as UserId,
  status,
  before: null,
  total: { amount: 700, currency: 'INR' },
  skus: [tea],
  at: 1,
  version: 1,
});

test('a line that grows by hand is an addition of the difference', () => {
  expect(set(0, 'shopper')).toEqual([{ type: 'AddedToCart', sku: tea, quantity: 3 }]);
  expect(set(2, 'shopper')).toEqual([{ type: 'AddedToCart', sku: tea, quantity: 1 }]);
});

test('a line that shrinks, is merged or was ordered is no addition', () => {
  expect(set(3, 'shopper')).toEqual([]);
  expect(set(5, 'shopper')).toEqual([]);
  expect(set(0, 'merged')).toEqual([]);
  expect(set(5, 'ordered')).toEqual([]);
});

test('only a removal by hand is a removal', () => {
  const removed = (reason: 'shopper' | 'cleared' | 'ordered') =>
    fromCart({ type: 'CartLineRemoved', sku: tea, quantityBefore: 1, reason });
  expect(removed('shopper')).toEqual([{ type: 'RemovedFromCart', sku: tea }]);
  expect(removed('cleared')).toEqual([]);
  expect(removed('ordered')).toEqual([]);
});

test('a wish counts when it is added', () => {
  const { quantity: _, unitPrice: __, ...wish } = line;
  expect(fromWishlist({ type: 'WishAdded', line: wish })).toEqual([
    { type: 'AddedToWishlist', sku: tea },
  ]);
  expect(fromWishlist({ type: 'WishRemoved', sku: tea })).toEqual([]);
});

test('an order counts once, when it is placed', () => {
  const counted = orderStatuses.filter((status) => fromOrder(order(status)).length > 0);
  expect(counted).toEqual(['placed']);
  const ended = orderStatuses.flatMap((status) => measuresOfOrder(order(status)));
  expect(ended.map(({ measure }) => measure)).toEqual([
    'orders-delivered',
    'orders-rejected',
    'orders-cancelled',
    'orders-expired',
    'orders-returned',
  ]);
});

test.each<[BehaviourEvent, string[]]>([
  [{ type: 'Searched', query: 'tea', pincode: null, total: 3 }, ['searches']],
  [
    { type: 'Searched', query: 'tee', pincode: null, total: 0 },
    ['searches', 'searches-without-result'],
  ],
  [{ type: 'ItemViewed', itemId: 'TEA' as ItemId }, ['views']],
  [{ type: 'AddedToCart', sku: tea, quantity: 9 }, ['cart-adds']],
  [{ type: 'RemovedFromCart', sku: tea }, ['cart-removes']],
  [{ type: 'AddedToWishlist', sku: tea }, ['wishlist-adds']],
])('%j is measured as %j', (event, measures) => {
  expect(measuresOf(event).map(({ measure }) => measure)).toEqual(measures);
});

test('a tally is the number and the sum of what was measured, in any order', () => {
  const amounts = fc.array(fc.integer({ min: 0, max: 1_000_000 }));
  fc.assert(
    fc.property(amounts, (given) => {
      const measured = given.map((amount) => ({ measure: 'revenue', amount }));
      const sum = given.reduce((a, b) => a + b, 0);
      expect(measured.reduce(addMeasured, noTally)).toEqual({ count: given.length, amount: sum });
      expect(measured.reverse().reduce(addMeasured, noTally).amount).toBe(sum);
    }),
  );
});
