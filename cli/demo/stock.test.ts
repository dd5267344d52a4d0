import type { Sku } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';
import { demoStock } from './stock.ts';

const skus = Array.from({ length: 2_000 }, (_, index) => `SKU-${index}` as Sku);
const warehouses = ['a', 'b', 'c', 'd', 'e', 'f'] as WarehouseId[];
const stock = [...demoStock({ skus, warehouses, seed: 7 })];

test('makes the same stock from the same seed', () => {
  expect([...demoStock({ skus, warehouses, seed: 7 })]).toEqual(stock);
});

test('stocks each SKU in one to four warehouses, each once', () => {
  const places = new Map<Sku, WarehouseId[]>();
  for (const { sku, command } of stock) {
    places.set(sku, [...(places.get(sku) ?? []), command.warehouseId]);
  }
  for (const there of places.values()) {
    expect(new Set(there).size).toBe(there.length);
    expect(there.length).toBeLessThanOrEqual(4);
  }
});

test('leaves about one in twenty out of stock', () => {
  const out = skus.length - new Set(stock.map(({ sku }) => sku)).size;
  expect(out / skus.length).toBeGreaterThan(0.03);
  expect(out / skus.length).toBeLessThan(0.07);
});

test('brings 1 to 200 units, under a command id that is the same each time and unique', () => {
  for (const { command } of stock) {
    expect(command.quantity).toBeGreaterThanOrEqual(1);
    expect(command.quantity).toBeLessThanOrEqual(200);
  }
  expect(new Set(stock.map(({ command }) => command.commandId)).size).toBe(stock.length);
});

test('copes with fewer warehouses than it would use', () => {
  const one = ['only'] as WarehouseId[];
  const there = [...demoStock({ skus, warehouses: one, seed: 7 })];
  expect(there.every(({ command }) => command.warehouseId === one[0])).toBe(true);
});
