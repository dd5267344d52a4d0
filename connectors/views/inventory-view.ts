/** Stock by SKU and warehouse. Fed by `inventory.levels`; refuses a level that breaks invariant 1. */
import type { StockLevel } from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { ViewReader, ViewWriter } from './view.ts';

export interface InventoryView extends ViewReader {
  get(sku: Sku): Promise<StockLevel | undefined>;
  getMany(skus: readonly Sku[]): Promise<readonly StockLevel[]>;
}

export interface InventoryWriter extends ViewWriter<Sku, StockLevel> {}
