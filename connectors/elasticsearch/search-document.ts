/** The document of search: what an item says, and which warehouses stock it, put together. */
import type { Item, ItemId, Sku } from '#schemas/items';
import { titleFit } from '../search/ranking.ts';
import { namingWords, textsOf, titleWordCount } from '../search/texts.ts';
import { wordFields } from './search-schema.ts';

/** All that search keeps of an item. */
export interface SearchedItem {
  readonly sku: Sku;
  readonly title: string;
  readonly brand: string;
  readonly category: string;
  /** Minor units. */
  readonly price: number;
  readonly currency: string;
  readonly imageUrl: string | null;
  readonly weightGrams: number;
  readonly cashOnDelivery: boolean;
  readonly listedAt: number;
  readonly titleFit: number;
  readonly titleWords: string;
  readonly brandWords: string;
  readonly categoryWords: string;
  readonly attributeWords: string;
  readonly descriptionWords: string;
  readonly namingWord: readonly string[];
}

export function searchedItem(item: Item): SearchedItem {
  const { sku, title, brand, category, price, imageUrl, weightGrams, cashOnDelivery } = item;
  const texts = textsOf(item);
  const words = Object.fromEntries(wordFields.map((field, at) => [field, texts[at] ?? '']));
  return {
    ...{ sku, title, brand, category, imageUrl, weightGrams, cashOnDelivery },
    price: price.amount,
    currency: price.currency,
    listedAt: item.listedAt,
    titleFit: titleFit(titleWordCount(item)),
    ...(words as Pick<SearchedItem, (typeof wordFields)[number]>),
    namingWord: [...namingWords(texts)],
  };
}

/** The latest change of a key, as far as it was seen. Versions only grow; 0: there was none. */
export interface Source<T> {
  readonly version: number;
  /** `null`: deleted, or never written. */
  readonly value: T | null;
}

export type ItemSource = Source<SearchedItem>;
export type StockSource = Source<readonly string[]>;

/** From which changes a document was made. */
export interface SourceVersions {
  readonly itemVersion: number;
  readonly stockVersion: number;
}

export interface SearchDocument extends Partial<SearchedItem>, SourceVersions {
  readonly itemId: ItemId;
  readonly listed: boolean;
  readonly stocked: boolean;
  readonly warehouseIds: readonly string[];
}

/**
 * A deleted item keeps its document, without words and not `listed`: Elasticsearch forgets after a
 * minute at what version a document was deleted, and an older one could come back then.
 */
export function documentOf(itemId: ItemId, item: ItemSource, stock: StockSource): SearchDocument {
  return {
    itemId,
    listed: item.value !== null,
    stocked: stock.value !== null,
    itemVersion: item.version,
    stockVersion: stock.version,
    warehouseIds: stock.value ?? [],
    ...item.value,
  };
}
