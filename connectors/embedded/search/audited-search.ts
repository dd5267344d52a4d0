/**
 * The content of the search index as an audit reads it: what the documents show, and whether their
 * words can be found.
 */
import type { Item, ItemId, Sku } from '#schemas/items';
import { textsOf, titleWordCount } from '../../search/texts.ts';
import type { Database } from '../database.ts';
import type { Postings } from './postings.ts';

/** All that search knows of an item. */
export interface SearchedItem {
  readonly sku: Sku;
  readonly title: string;
  readonly brand: string;
  readonly category: string;
  readonly price: number;
  readonly currency: string;
  readonly imageUrl: string | null;
  readonly weightGrams: number;
  readonly cashOnDelivery: number;
  readonly listedAt: number;
  readonly titleWords: number;
  /** The words of each field, a field a line. */
  readonly texts: string;
  /** Whether the index finds the document by each of its words: 1 or 0. */
  readonly isFound: number;
}

/** What the index should have of an item. */
export function searchedItem(item: Item): SearchedItem {
  const { sku, title, brand, category, price, imageUrl, weightGrams, listedAt } = item;
  return {
    ...{ sku, title, brand, category, imageUrl, weightGrams, listedAt },
    price: price.amount,
    currency: price.currency,
    cashOnDelivery: item.cashOnDelivery ? 1 : 0,
    titleWords: titleWordCount(item),
    texts: textsOf(item).join('\n'),
    isFound: 1,
  };
}

const chunk = 200;

type DocumentRow = Omit<SearchedItem, 'isFound'> & { readonly id: number; readonly itemId: ItemId };

/** The words of a document that is gone. */
export const orphan = 'orphan';

/** Every document, then the index entries of documents that are gone, which there should not be. */
export async function* itemEntries(
  database: Database,
  postings: Postings,
): AsyncGenerator<readonly [ItemId, SearchedItem | typeof orphan]> {
  let after = 0;
  for (;;) {
    // One snapshot for the rows and their words: the shop may be writing.
    const documents = database.snapshot(() =>
      database
        .all<DocumentRow & Record<string, never>>(
          `SELECT id, item_id AS itemId, sku, title, brand, category, price, currency,
                  image_url AS imageUrl, weight_grams AS weightGrams,
                  cash_on_delivery AS cashOnDelivery, listed_at AS listedAt,
                  title_words AS titleWords, texts
           FROM documents WHERE id > ? ORDER BY id LIMIT ${chunk}`,
          [after],
        )
        .map((row) => ({
          ...row,
          isFound: postings.hasAll(row.id, row.texts.split('\n')) ? 1 : 0,
        })),
    );
    for (const { id, itemId, ...document } of documents) {
      yield [itemId, document];
      after = id;
    }
    if (documents.length === 0) break;
  }
  for (const document of postings.orphans()) yield [`document ${document}` as ItemId, orphan];
}

export async function* stockEntries(
  database: Database,
): AsyncGenerator<readonly [Sku, readonly string[]]> {
  let after = '';
  for (;;) {
    const rows = database.all<{ sku: Sku; warehouse_ids: string }>(
      `SELECT sku, warehouse_ids FROM stocked WHERE sku > ? ORDER BY sku LIMIT ${chunk}`,
      [after],
    );
    for (const { sku, warehouse_ids } of rows) {
      yield [sku, JSON.parse(warehouse_ids) as string[]];
      after = sku;
    }
    if (rows.length === 0) return;
  }
}
