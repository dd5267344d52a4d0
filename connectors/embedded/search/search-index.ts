/**
 * The index as it is written: documents, their words, the vocabulary and the columns. Rows change
 * inside the sink's transaction; the arrays in memory follow after its commit, so that a rollback
 * leaves them right.
 */
import type { StockLevel } from '#schemas/inventory';
import type { Item, ItemId, Sku } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';
import { stockingWarehouses } from '../../search/stocking-warehouses.ts';
import { namingWords, textsOf, titleWordCount } from '../../search/texts.ts';
import type { Database } from '../database.ts';
import { DocumentColumns } from './document-columns.ts';
import { Postings, postingsSchema } from './postings.ts';
import { Vocabulary, vocabularySchema } from './vocabulary.ts';

export const searchSchema = `
  CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    item_id TEXT NOT NULL UNIQUE,
    sku TEXT NOT NULL,
    title TEXT NOT NULL,
    brand TEXT NOT NULL,
    category TEXT NOT NULL,
    price INTEGER NOT NULL,
    currency TEXT NOT NULL,
    image_url TEXT,
    weight_grams INTEGER NOT NULL,
    cash_on_delivery INTEGER NOT NULL,
    listed_at INTEGER NOT NULL,
    title_words INTEGER NOT NULL,
    texts TEXT NOT NULL
  ) STRICT;
  CREATE INDEX documents_by_sku ON documents (sku);
  CREATE TABLE stocked (
    sku TEXT PRIMARY KEY,
    warehouse_ids TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  ${postingsSchema}
  ${vocabularySchema}`;

/** A row of `documents` with the JSON list of warehouses that stock it. */
export interface DocumentRow {
  readonly id: number;
  readonly item_id: ItemId;
  readonly sku: Sku;
  readonly title: string;
  readonly brand: string;
  readonly category: string;
  readonly price: number;
  readonly currency: string;
  readonly image_url: string | null;
  readonly weight_grams: number;
  readonly cash_on_delivery: number;
  readonly listed_at: number;
  readonly title_words: number;
  readonly warehouse_ids: string;
}

const selectDocuments = `
  SELECT id, item_id, documents.sku, title, brand, category, price, currency, image_url,
         weight_grams, cash_on_delivery, listed_at, title_words,
         coalesce(warehouse_ids, '[]') AS warehouse_ids
  FROM documents LEFT JOIN stocked ON stocked.sku = documents.sku`;

const loadChunk = 1_000;

export class SearchIndex {
  readonly columns = new DocumentColumns();
  readonly postings: Postings;
  readonly vocabulary: Vocabulary;
  readonly #database: Database;
  readonly #changed = new Set<number>();

  constructor(database: Database) {
    this.#database = database;
    this.postings = new Postings(database);
    this.vocabulary = new Vocabulary(database);
    this.#loadColumns();
  }

  readonly transaction = {
    beforeCommit: (): void => this.vocabulary.flush(),
    committed: (): void => {
      for (const row of this.documents([...this.#changed])) this.#show(row);
      this.#changed.clear();
    },
    rolledBack: (): void => {
      this.#changed.clear();
      this.vocabulary.discard();
    },
  };

  putItem(id: ItemId, item: Item): void {
    const texts = textsOf(item);
    const joined = texts.join('\n');
    const before = this.#textsOf(id);
    const document = this.#writeDocument(id, item, joined);
    this.#changed.add(document);
    if (before?.joined === joined) return; // Only price, stock or the like: no word has changed.
    this.postings.replace(document, before?.texts ?? [], texts);
    if (before !== undefined) this.vocabulary.count(namingWords(before.texts), -1);
    this.vocabulary.count(namingWords(texts), 1);
  }

  deleteItem(id: ItemId): void {
    const before = this.#textsOf(id);
    if (before === undefined) return;
    this.#database.run('DELETE FROM documents WHERE id = ?', [before.document]);
    this.postings.delete(before.document, before.texts);
    this.vocabulary.count(namingWords(before.texts), -1);
    this.#changed.add(before.document);
  }

  putStock(sku: Sku, level: StockLevel): void {
    const changes = this.#database.run(
      `INSERT INTO stocked VALUES (?, ?) ON CONFLICT DO UPDATE
       SET warehouse_ids = excluded.warehouse_ids
       WHERE warehouse_ids <> excluded.warehouse_ids`,
      [sku, JSON.stringify(stockingWarehouses(level))],
    );
    if (changes > 0) this.#changedSku(sku);
  }

  deleteStock(sku: Sku): void {
    this.#database.run('DELETE FROM stocked WHERE sku = ?', [sku]);
    this.#changedSku(sku);
  }

  /** By id, ascending; those that exist. */
  documents(
    ids: readonly number[],
  ): (DocumentRow | { readonly id: number; readonly gone: true })[] {
    const rows = this.#database.all<DocumentRow & Record<string, never>>(
      `${selectDocuments} WHERE id IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(ids)],
    );
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? { id, gone: true });
  }

  #show(row: DocumentRow | { readonly id: number; readonly gone: true }): void {
    if ('gone' in row) {
      this.columns.delete(row.id);
      return;
    }
    this.columns.put(row.id, {
      itemId: row.item_id,
      brand: row.brand,
      category: row.category,
      price: row.price,
      weightGrams: row.weight_grams,
      listedAt: row.listed_at,
      titleWords: row.title_words,
      warehouseIds: JSON.parse(row.warehouse_ids) as WarehouseId[],
    });
  }

  #loadColumns(): void {
    let after = 0;
    for (;;) {
      const rows = this.#database.all<DocumentRow & Record<string, never>>(
        `${selectDocuments} WHERE id > ? ORDER BY id LIMIT ${loadChunk}`,
        [after],
      );
      for (const row of rows) this.#show(row);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.id;
    }
  }

  #writeDocument(id: ItemId, item: Item, texts: string): number {
    const row = this.#database.get<{ id: number }>(
      `INSERT INTO documents (item_id, sku, title, brand, category, price, currency, image_url,
         weight_grams, cash_on_delivery, listed_at, title_words, texts)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (item_id) DO UPDATE SET sku = excluded.sku, title = excluded.title,
         brand = excluded.brand, category = excluded.category, price = excluded.price,
         currency = excluded.currency, image_url = excluded.image_url,
         weight_grams = excluded.weight_grams, cash_on_delivery = excluded.cash_on_delivery,
         listed_at = excluded.listed_at, title_words = excluded.title_words,
         texts = excluded.texts
       RETURNING id`,
      [
        id,
        item.sku,
        item.title,
        item.brand,
        item.category,
        item.price.amount,
        item.price.currency,
        item.imageUrl,
        item.weightGrams,
        item.cashOnDelivery ? 1 : 0,
        item.listedAt,
        titleWordCount(item),
        texts,
      ],
    );
    return (row as { id: number }).id;
  }

  #textsOf(id: ItemId) {
    const row = this.#database.get<{ id: number; texts: string }>(
      'SELECT id, texts FROM documents WHERE item_id = ?',
      [id],
    );
    return row && { document: row.id, joined: row.texts, texts: row.texts.split('\n') };
  }

  #changedSku(sku: Sku): void {
    const rows = this.#database.all<{ id: number }>('SELECT id FROM documents WHERE sku = ?', [
      sku,
    ]);
    for (const { id } of rows) this.#changed.add(id);
  }
}
