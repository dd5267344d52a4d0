import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { itemIdOf } from '#schemas/items';
import { stockItem, type TestShop, tea, testShop } from '../testing/test-shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
  stockItem(shop, tea, 5);
  const body = { quantity: 4 };
  await shop.call({ method: 'PUT', url: `/v1/cart/lines/${tea}`, headers: anna(), body });
});
afterAll(() => shop.app.close());

const anna = () => shop.as('anna');
const cart = async () => (await shop.call({ url: '/v1/cart', headers: anna() })).json();
const codes = async () => (await cart()).notices.map(({ code }: { code: string }) => code);

test('a cart that can be had as it is has no notices', async () => {
  expect(await codes()).toEqual([]);
});

test('a price that has changed is said, and is what the line costs now', async () => {
  const item = shop.tables.items.rows.get(itemIdOf(tea));
  if (!item) throw new Error('the item is gone');
  shop.tables.items.put(item.id, { ...item, price: { amount: 10_000, currency: 'INR' } });
  expect(await codes()).toEqual(['price-changed']);
  expect((await cart()).total).toEqual({ amount: 40_000, currency: 'INR' });
  shop.tables.items.put(item.id, item);
});

test('too little stock is said, and none at all', async () => {
  stockItem(shop, tea, 3);
  expect(await codes()).toEqual(['low-stock']);
  stockItem(shop, tea, 0);
  expect(await codes()).toEqual(['unavailable']);
});

test('an item that is no longer sold is said and not counted', async () => {
  shop.tables.items.put(itemIdOf(tea), undefined);
  expect(await codes()).toEqual(['unavailable']);
  expect((await cart()).total.amount).toBe(0);
});
