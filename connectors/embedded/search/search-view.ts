/**
 * Search of the embedded profile. FTS5 keeps the words, arrays in memory hold what is filtered,
 * counted and sorted by:
 *
 *   text ─▶ terms (singular, corrected) ─▶ postings ─▶ intersection ─▶ filters ─▶ facets, page
 */
import type { StockLevel } from '#schemas/inventory';
import type { Item, ItemId, Sku } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';
import { questionOf, requireQuestion } from '../../search/question.ts';
import { rarity } from '../../search/ranking.ts';
import { stockingWarehouses } from '../../search/stocking-warehouses.ts';
import { type QueryWord, queryWordsOf } from '../../search/words.ts';
import { decodeCursor, encodeCursor } from '../../views/cursor.ts';
import type { SearchHit, SearchQuery, SearchResult } from '../../views/search-view.ts';
import type { StoredSearch } from '../../views/shop-views.ts';
import { AppliedSignal, type ViewFile } from '../view-file.ts';
import { itemEntries, searchedItem, stockEntries } from './audited-search.ts';
import { countShared, type Matches, matchAll } from './match.ts';
import { type Place, type PlacedDocument, type SelectedPage, selectPage } from './page.ts';
import type { Term } from './postings.ts';
import { type DocumentRow, SearchIndex } from './search-index.ts';

/** More say nothing that the first do not. */
const maxQueryWords = 24;
/** Completions of the last word that are tried together with the words before it. */
const triedCompletions = 40;

/** An item takes about 0.3 ms. */
const itemsAtOnce = 20;

export function embeddedSearch(file: ViewFile): StoredSearch {
  const signal = new AppliedSignal();
  const index = new SearchIndex(file.database);
  return {
    reader: {
      onApplied: (listener) => signal.onApplied(listener),
      search: async (query) => search(index, query),
      suggest: async (prefix, limit) => suggest(index, prefix, limit),
      count: async () => index.columns.count,
    },
    indexed: {
      items: {
        entries: () => itemEntries(file.database, index.postings),
        expected: searchedItem,
      },
      stock: { entries: () => stockEntries(file.database), expected: stockingWarehouses },
    },
    writers: {
      items: file.writer<ItemId, Item>({
        name: 'search.items',
        signal,
        preferredChanges: itemsAtOnce,
        put: (id, item) => index.putItem(id, item),
        delete: (id) => index.deleteItem(id),
        transaction: index.transaction,
      }),
      stock: file.writer<Sku, StockLevel>({
        name: 'search.stock',
        signal,
        put: (sku, level) => index.putStock(sku, level),
        delete: (sku) => index.deleteStock(sku),
        transaction: index.transaction,
      }),
    },
  };
}

interface UnderstoodText {
  readonly terms: readonly Term[];
  /** `null` when nothing was corrected. */
  readonly correctedText: string | null;
}

function search(index: SearchIndex, query: SearchQuery): SearchResult {
  const { terms, correctedText } = understand(index, query.text);
  const start = startOf(index, terms, query);
  const page = selectPage(
    index.columns,
    matchesOf(index, terms, start.weights, query.text),
    query,
    start.after,
  );
  return {
    hits: hitsOf(index, page.documents),
    total: page.total,
    facets: page.facets,
    correctedText,
    nextCursor: nextCursorOf(page, query, start.weights),
  };
}

/** The last word counts as a beginning unless it is a word of its own; misspelt ones are corrected. */
function understand(index: SearchIndex, text: string): UnderstoodText {
  const words = queryWordsOf(text, maxQueryWords);
  const shown: string[] = [];
  let corrected = false;
  const terms = words.map(({ typed, word }, at): Term => {
    const term = termOf(index, word, at === words.length - 1);
    const isMeant = term.word !== word;
    corrected ||= isMeant;
    shown.push(isMeant ? term.word : typed);
    return term;
  });
  return { terms, correctedText: corrected ? shown.join(' ') : null };
}

function termOf(index: SearchIndex, word: string, isLast: boolean): Term {
  if (has(index, { word, isPrefix: false })) return { word, isPrefix: false };
  if (isLast && has(index, { word, isPrefix: true })) return { word, isPrefix: true };
  return { word: index.vocabulary.nearest(word) ?? word, isPrefix: false };
}

function has(index: SearchIndex, term: Term): boolean {
  return index.postings.of(term).documents.length > 0;
}

function matchesOf(
  index: SearchIndex,
  terms: readonly Term[],
  weights: readonly number[],
  text: string,
): Matches {
  if (text.trim() === '') {
    const documents = index.columns.all();
    return { documents, scores: new Float64Array(documents.length) };
  }
  // A text without a single word, for instance of emoji, asks for something, and finds nothing.
  return matchAll(
    terms.map((term, at) => ({ ...index.postings.of(term), weight: weights[at] as number })),
  );
}

interface Start {
  /** How much each term counts. The first page decides for all, so that scores stay comparable. */
  readonly weights: readonly number[];
  readonly after: Place | undefined;
}

function startOf(index: SearchIndex, terms: readonly Term[], query: SearchQuery): Start {
  if (query.cursor === undefined) {
    const weights = terms.map((term) =>
      rarity(index.postings.of(term).documents.length, index.columns.count),
    );
    return { weights, after: undefined };
  }
  const shape = ['number', 'number', 'string', ...terms.map(() => 'number' as const)] as const;
  const [question, rank, itemId, ...weights] = decodeCursor(query.cursor, shape);
  requireQuestion(question, query);
  return { weights: weights as number[], after: { rank, itemId } };
}

function nextCursorOf(
  { documents, hasMore }: SelectedPage,
  query: SearchQuery,
  weights: readonly number[],
): string | null {
  const last = documents.at(-1);
  if (!hasMore || last === undefined) return null;
  return encodeCursor([questionOf(query), last.rank, last.itemId, ...weights]);
}

function hitsOf(index: SearchIndex, places: readonly PlacedDocument[]): SearchHit[] {
  const rows = index.documents(places.map(({ document }) => document));
  return rows.flatMap((row, at) => {
    const place = places[at] as PlacedDocument;
    return 'gone' in row ? [] : [hitOf(row, place.score)];
  });
}

function hitOf(row: DocumentRow, score: number): SearchHit {
  return {
    itemId: row.item_id,
    sku: row.sku,
    title: row.title,
    brand: row.brand,
    category: row.category,
    price: { amount: row.price, currency: row.currency },
    imageUrl: row.image_url,
    weightGrams: row.weight_grams,
    cashOnDelivery: row.cash_on_delivery === 1,
    warehouseIds: JSON.parse(row.warehouse_ids) as WarehouseId[],
    score,
  };
}

/** Words that complete the last one, such that all words together find something. */
function suggest(index: SearchIndex, prefix: string, limit: number): string[] {
  const words = queryWordsOf(prefix, maxQueryWords);
  const last = words.at(-1);
  if (last === undefined) return [];
  const before = words.slice(0, -1);
  if (before.length === 0) return completionsOf(index, last, limit);

  const typed = before.map((word) => word.typed);
  const { documents } = matchAll(
    before.map(({ word }) => ({ ...index.postings.of(termOf(index, word, false)), weight: 1 })),
  );
  const found = completionsOf(index, last, triedCompletions).map((word) => {
    const completed = index.postings.of({ word, isPrefix: false });
    const count = countShared(documents, completed.documents);
    return { text: [...typed, word].join(' '), count };
  });
  return found
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, limit)
    .map(({ text }) => text);
}

/** Words are kept in the singular, so one that was typed in the plural is complete. */
function completionsOf(index: SearchIndex, { typed, word }: QueryWord, limit: number): string[] {
  const found = index.vocabulary.completions(typed, limit);
  return found.length > 0 ? found : index.vocabulary.completions(word, limit);
}
