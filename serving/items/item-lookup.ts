/** Items together with their stock, as the routes that list items need them. */
import type { StockLevel } from '#schemas/inventory';
import type { Item, ItemId, Sku } from '#schemas/items';
import type { InventoryView } from '#views/inventory-view';
import type { ItemsView } from '#views/items-view';
import type { AskPart } from '../partial-answer.ts';

/** `undefined`: the shop has never had any; `unknown`: it cannot be looked up at the moment. */
export type KnownStock = StockLevel | undefined | 'unknown';

export interface StockedItem {
  readonly item: Item;
  readonly level: KnownStock;
}

interface ItemPorts {
  readonly items: ItemsView;
  readonly inventory: InventoryView;
}

/** In the order asked, each once; what does not exist is left out. At most 200. */
export async function stockedItems(
  { items, inventory }: ItemPorts,
  ids: readonly ItemId[],
  ask: AskPart,
): Promise<StockedItem[]> {
  if (ids.length === 0) return [];
  const found = await items.getMany([...new Set(ids)]);
  const skus = found.map(({ sku }) => sku);
  const levels = await ask('inventory', () => inventory.getMany(skus));
  if (levels === undefined) return found.map((item) => ({ item, level: 'unknown' }));
  const bySku = new Map(levels.map((level) => [level.sku, level]));
  return found.map((item) => ({ item, level: bySku.get(item.sku) }));
}

/** The other way round than `itemIdOf`: an item's id is its SKU. */
export function skuOf(id: ItemId): Sku {
  return id as string as Sku;
}
