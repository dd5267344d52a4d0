import { newest, withoutOrdered } from './held-cart.ts';
import type { Cart } from './wire.ts';

const rupees = (amount: number) => ({ amount: amount * 100, currency: 'INR' });
const line = (sku: string, quantity: number) => ({
  sku,
  itemId: sku,
  title: sku,
  quantity,
  unitPrice: rupees(10),
  lineTotal: rupees(10 * quantity),
});
const cartOf = (version: number, ...lines: Cart['lines']): Cart => ({
  lines,
  total: rupees(lines.reduce((sum, each) => sum + 10 * each.quantity, 0)),
  notices: [],
  version,
});
const held = (userId: string, cart: Cart) => ({ userId, cart });

test('an answer that was overtaken on its way is not shown', () => {
  const known = held('asha', cartOf(5));
  expect(newest(known, held('asha', cartOf(4, line('TEA', 2))))).toBe(known);
});

test('the same version is shown again, since prices and stock may differ', () => {
  const again = held('asha', cartOf(5, line('TEA', 1)));
  expect(newest(held('asha', cartOf(5)), again)).toBe(again);
});

test("another user's cart is no older version of this one", () => {
  const own = held('asha', cartOf(1, line('TEA', 1)));
  expect(newest(held('guest_1', cartOf(9)), own)).toBe(own);
  expect(newest(null, own)).toBe(own);
});

test('what was ordered leaves the cart at once, and the cart before it cannot come back', () => {
  const before = cartOf(3, line('TEA', 2), line('CUP', 3));
  const after = withoutOrdered(before, [line('TEA', 2), line('CUP', 1)]);
  expect(after).toEqual(cartOf(4, line('CUP', 2)));
  expect(newest(held('asha', after), held('asha', before)).cart).toBe(after);
});

test('an order of other things leaves the cart and its version as they are', () => {
  const cart = cartOf(3, line('TEA', 2));
  expect(withoutOrdered(cart, [line('CUP', 1)])).toBe(cart);
});
