/**
 * Search over the items, their stock by warehouse in the document, so that what cannot be delivered
 * is filtered inside the query and totals, facets and pages are exact. Fed by `items.state` and
 * `inventory.levels`.
 */
import type { StockLevel } from '#schemas/inventory';
import type { Item, ItemId, Sku } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';
import type { ViewReader, ViewWriter } from './view.ts';

export type SearchSort = 'relevance' | 'price-ascending' | 'price-descending' | 'newest';

/** How much a set of warehouses can carry: an item matches when one of them stocks it. */
export interface ReachableWarehouses {
  readonly warehouseIds: readonly WarehouseId[];
  /** The heaviest parcel any courier takes from these, in grams. */
  readonly maxWeightGrams: number;
}

export interface SearchQuery {
  /** Words as the shopper typed them; empty matches everything. */
  readonly text: string;
  /** A category path or the beginning of one. */
  readonly category?: string | undefined;
  readonly brand?: string | undefined;
  /** Minor units, inclusive. */
  readonly minPrice?: number | undefined;
  readonly maxPrice?: number | undefined;
  /**
   * Only items that one of these groups can deliver; `undefined`: do not filter. Warehouses are
   * grouped by what they can carry.
   */
  readonly deliverableFrom?: readonly ReachableWarehouses[] | undefined;
  readonly sort: SearchSort;
  /** 1 to 100. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface SearchHit {
  readonly itemId: ItemId;
  readonly sku: Sku;
  readonly title: string;
  readonly brand: string;
  readonly category: string;
  readonly price: { readonly amount: number; readonly currency: string };
  readonly imageUrl: string | null;
  readonly weightGrams: number;
  readonly cashOnDelivery: boolean;
  /** Warehouses with at least one unit to promise. */
  readonly warehouseIds: readonly WarehouseId[];
  readonly score: number;
}

export interface Facet {
  readonly value: string;
  readonly count: number;
}

export interface SearchResult {
  readonly hits: readonly SearchHit[];
  /** Exact. */
  readonly total: number;
  /** Most frequent first, at most 20 of each; over all matches, not only this page. */
  readonly facets: { readonly category: readonly Facet[]; readonly brand: readonly Facet[] };
  /** The words that were searched for instead of misspelt ones; `null` when none was. */
  readonly correctedText: string | null;
  readonly nextCursor: string | null;
}

export interface SearchView extends ViewReader {
  /** @throws ViewError `VIEW_CURSOR_INVALID` */
  search(query: SearchQuery): Promise<SearchResult>;
  /** Completions of a prefix, best first. */
  suggest(prefix: string, limit: number): Promise<readonly string[]>;
  count(): Promise<number>;
}

/** Two feeds write one view. */
export interface SearchWriters {
  readonly items: ViewWriter<ItemId, Item>;
  readonly stock: ViewWriter<Sku, StockLevel>;
}
