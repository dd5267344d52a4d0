/**
 * Search as services read it:
 *
 *   text ─▶ words ─▶ terms (corrected, weighted) ─▶ one request: matches, filters, facets, page
 */
import type { estypes } from '@elastic/elasticsearch';
import type { ItemId } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';
import type { AppliedSignal } from '../applied-signal.ts';
import { questionOf, requireQuestion } from '../search/question.ts';
import type { QueryWord } from '../search/words.ts';
import { decodeCursor, encodeCursor } from '../views/cursor.ts';
import type {
  Facet,
  SearchHit,
  SearchQuery,
  SearchResult,
  SearchView,
} from '../views/search-view.ts';
import { aliasOf } from './generations.ts';
import type { Ask, Read } from './reading.ts';
import { type Place, type ShownDocument, searchRequest } from './search-request.ts';
import { suggest } from './suggestions.ts';
import {
  correctedTextOf,
  listedOnly,
  understand,
  type WeightedTerm,
  wordsAsked,
} from './understanding.ts';

export function searchReader(read: Read, namespace: string, signal: AppliedSignal): SearchView {
  const index = aliasOf(namespace, 'documents');
  return {
    onApplied: (listener) => signal.onApplied(listener),
    search: (query) => {
      const words = wordsAsked(query.text);
      return read('search', (ask) => search(ask, index, query, words));
    },
    suggest: (prefix, limit) => read('search', (ask) => suggest(ask, index, prefix, limit)),
    count: () =>
      read('search', async (ask) => {
        const { count } = await ask((client, options) =>
          client.count({ index, query: listedOnly }, options),
        );
        return count;
      }),
  };
}

const nothing: SearchResult = {
  hits: [],
  total: 0,
  facets: { category: [], brand: [] },
  correctedText: null,
  nextCursor: null,
};

interface Facets {
  readonly category: estypes.AggregationsStringTermsAggregate;
  readonly brand: estypes.AggregationsStringTermsAggregate;
}

async function search(
  ask: Ask,
  index: string,
  query: SearchQuery,
  words: readonly QueryWord[],
): Promise<SearchResult> {
  const { terms, after } =
    query.cursor === undefined
      ? { terms: await understand(ask, index, words, { mayEnd: true }), after: undefined }
      : readCursor(query, query.cursor, words);
  // A text without a single word, for instance of emoji, asks for something, and finds nothing.
  if (terms.length === 0 && query.text.trim() !== '') return nothing;

  const answer = await ask((client, options) =>
    client.search<ShownDocument, Facets>(searchRequest(index, query, terms, after), options),
  );
  const hits = answer.hits.hits ?? [];
  const page = hits.slice(0, query.limit);
  return {
    hits: page.map(hitOf),
    total: (answer.hits.total as estypes.SearchTotalHits).value,
    facets: {
      category: facetsOf(answer.aggregations?.category),
      brand: facetsOf(answer.aggregations?.brand),
    },
    correctedText: correctedTextOf(words, terms),
    nextCursor: hits.length > page.length ? cursorAfter(page.at(-1), query, terms) : null,
  };
}

/** How terms are written in a cursor. */
const beginningMark = '*';

/** Also says how the first page understood the text: the others go on with that. */
function cursorAfter(
  last: estypes.SearchHit<ShownDocument> | undefined,
  query: SearchQuery,
  terms: readonly WeightedTerm[],
): string | null {
  if (last === undefined) return null;
  const [rank, itemId] = last.sort as [number, string];
  const understood = terms.flatMap(({ word, isPrefix, weight }) => [
    isPrefix ? word + beginningMark : word,
    weight,
  ]);
  return encodeCursor([questionOf(query), rank, itemId, ...understood]);
}

function readCursor(
  query: SearchQuery,
  cursor: string,
  words: readonly QueryWord[],
): { readonly terms: WeightedTerm[]; readonly after: Place } {
  const shape = [
    ...(['number', 'number', 'string'] as const),
    ...words.flatMap(() => ['string', 'number'] as const),
  ] as const;
  const [question, rank, itemId, ...understood] = decodeCursor(cursor, shape) as [
    number,
    number,
    string,
    ...(string | number)[],
  ];
  requireQuestion(question, query);
  const terms = words.map((_, at): WeightedTerm => {
    const [written, weight] = understood.slice(2 * at) as [string, number];
    const isPrefix = written.endsWith(beginningMark);
    return { word: isPrefix ? written.slice(0, -1) : written, isPrefix, weight };
  });
  return { terms, after: { rank, itemId } };
}

function hitOf({ _source, _score, sort }: estypes.SearchHit<ShownDocument>): SearchHit {
  const { price: amount, currency, warehouseIds, ...shown } = _source as ShownDocument;
  return {
    itemId: (sort as [number, string])[1] as ItemId,
    ...shown,
    price: { amount, currency },
    warehouseIds: warehouseIds as readonly WarehouseId[],
    // Computed only where it decides.
    score: _score ?? 0,
  };
}

function facetsOf(aggregate: estypes.AggregationsStringTermsAggregate | undefined): Facet[] {
  const buckets = (aggregate?.buckets ?? []) as estypes.AggregationsStringTermsBucketKeys[];
  return buckets.map(({ key, doc_count }) => ({ value: String(key), count: doc_count }));
}
