import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WarehouseId } from '#schemas/serviceability';
import { stockItem, type TestShop, tea, testShop } from '../testing/test-shop.ts';

const warehouseId = 'BLR' as WarehouseId;
let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
  stockItem(shop, tea, 5);
  shop.tables.serviceability.warehouses.put(warehouseId, { id: warehouseId } as never);
});
afterAll(() => shop.app.close());

const adjust = (body: object) =>
  shop.call({
    method: 'POST',
    url: `/v1/inventory/${tea}/adjustments`,
    headers: shop.as('olga', 'operator'),
    body: { warehouseId, reason: 'counted', ...body },
  });

test('an adjustment changes what is on hand, and answers it', async () => {
  const answer = await adjust({ delta: -2 });
  expect(answer.statusCode).toBe(201);
  expect(answer.json()).toMatchObject({
    sku: tea,
    onHand: 3,
    warehouses: [{ id: 'BLR', onHand: 3, reserved: 0, available: 3 }],
  });
});

test('an adjustment below nothing is refused and changes nothing', async () => {
  const answer = await adjust({ delta: -9 });
  expect(answer.statusCode).toBe(409);
  expect(answer.json().code).toBe('stock-below-reserved');
  expect(shop.tables.inventory.rows.get(tea)?.warehouses['BLR']?.onHand).toBe(3);
});

test('an adjustment in a warehouse that does not exist is refused', async () => {
  const answer = await adjust({ delta: 1, warehouseId: 'MARS' });
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'warehouse-unknown']);
});
