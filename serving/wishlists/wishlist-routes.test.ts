import { expect, test } from '@jest/globals';
import { stockItem, tea, testShop } from '../testing/test-shop.ts';

test('a wish that was added is listed until it is taken away', async () => {
  const shop = await testShop();
  stockItem(shop, tea, 3);
  const wish = (method: 'PUT' | 'DELETE') =>
    shop.call({ method, url: `/v1/wishlist/${tea}`, headers: shop.as('anna') });
  expect((await wish('PUT')).json().lines).toMatchObject([{ sku: tea }]);
  const after = await wish('DELETE');
  expect([after.statusCode, after.json().lines]).toEqual([200, []]);
  await shop.app.close();
});
