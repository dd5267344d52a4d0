/** A query of a shopper as Elasticsearch is asked it. */
import type { estypes } from '@elastic/elasticsearch';
import { fieldWeights } from '../search/ranking.ts';
import type { ReachableWarehouses, SearchQuery } from '../views/search-view.ts';
import type { SearchDocument } from './search-document.ts';
import { wordFields } from './search-schema.ts';
import { has, listedOnly, type Query, type WeightedTerm } from './understanding.ts';

const facetsShown = 20;
/** What each shard counts before the best are chosen: exact up to so many brands or categories. */
const facetsCounted = 1_000;

const shown = [
  'sku',
  'title',
  'brand',
  'category',
  'price',
  'currency',
  'imageUrl',
  'weightGrams',
  'cashOnDelivery',
  'warehouseIds',
] as const satisfies readonly (keyof SearchDocument)[];

export type ShownDocument = Required<Pick<SearchDocument, (typeof shown)[number]>>;

/** Where the last hit of the page before stood. */
export interface Place {
  readonly rank: number;
  readonly itemId: string;
}

/** Asks for one hit more than the page has, which tells whether there is another page. */
export function searchRequest(
  index: string,
  query: SearchQuery,
  terms: readonly WeightedTerm[],
  after: Place | undefined,
): estypes.SearchRequest {
  return {
    index,
    size: query.limit + 1,
    _source: [...shown],
    query: scored(terms, filtersOf(query)),
    sort: [orderOf(query), { itemId: 'asc' }],
    ...(after && { search_after: [after.rank, after.itemId] }),
    track_total_hits: true,
    allow_partial_search_results: false,
    aggs: { category: facet('category'), brand: facet('brand') },
    filter_path: [
      'hits.total.value',
      'hits.hits._score',
      'hits.hits._source',
      'hits.hits.sort',
      'aggregations.*.buckets',
    ],
  };
}

/**
 * Each field that has a term adds the same in every document, whatever else is in the index: a place
 * in this order stays what it is when items come and go, so that pages join.
 */
function scored(terms: readonly WeightedTerm[], filter: Query[]): Query {
  if (terms.length === 0) return { bool: { filter } };
  return {
    function_score: {
      query: { bool: { filter, must: terms.map(inSomeField) } },
      functions: [{ field_value_factor: { field: 'titleFit', missing: 1 } }],
      boost_mode: 'multiply',
    },
  };
}

/** The description counts only when no other field has the term, where it would hardly count. */
function inSomeField(term: WeightedTerm): Query {
  const [description, ...naming] = wordFields.map(fieldScore(term)).toReversed();
  return {
    dis_max: {
      queries: [
        { bool: { minimum_should_match: 1, should: naming } },
        ...(description === undefined ? [] : [description]),
      ],
    },
  };
}

function fieldScore(term: WeightedTerm) {
  return (field: string, at: number): Query => ({
    constant_score: { filter: has(field, term), boost: (fieldWeights[at] as number) * term.weight },
  });
}

function filtersOf(query: SearchQuery): Query[] {
  const { category, brand, minPrice, maxPrice, deliverableFrom } = query;
  const filters = [listedOnly];
  if (category !== undefined) {
    filters.push(...within(category));
  }
  if (brand !== undefined) filters.push({ term: { 'brand.inLowerCase': brand } });
  if (minPrice !== undefined) filters.push({ range: { price: { gte: minPrice } } });
  if (maxPrice !== undefined) filters.push({ range: { price: { lte: maxPrice } } });
  if (deliverableFrom !== undefined) filters.push(deliverable(deliverableFrom));
  return filters;
}

/** `Home/` is what is within `Home`, without `Home` itself. */
function within(category: string): Query[] {
  if (!category.endsWith('/')) return [{ term: { 'category.within': category } }];
  const outer = category.slice(0, -1);
  return [
    { term: { 'category.within': outer } },
    { bool: { must_not: [{ term: { category: outer } }] } },
  ];
}

function deliverable(groups: readonly ReachableWarehouses[]): Query {
  if (groups.length === 0) return { match_none: {} };
  return {
    bool: {
      minimum_should_match: 1,
      should: groups.map(({ warehouseIds, maxWeightGrams }) => ({
        bool: {
          filter: [
            { terms: { warehouseIds: [...warehouseIds] } },
            { range: { weightGrams: { lte: maxWeightGrams } } },
          ],
        },
      })),
    },
  };
}

function orderOf({ sort, text }: SearchQuery): estypes.SortCombinations {
  switch (sort) {
    case 'price-ascending':
      return { price: 'asc' };
    case 'price-descending':
      return { price: 'desc' };
    case 'newest':
      return { listedAt: 'desc' };
    case 'relevance':
      // Without words everything is equally relevant.
      return text.trim() === '' ? { listedAt: 'desc' } : { _score: { order: 'desc' } };
  }
}

function facet(field: string): estypes.AggregationsAggregationContainer {
  return {
    terms: {
      field,
      size: facetsShown,
      shard_size: facetsCounted,
      order: [{ _count: 'desc' }, { _key: 'asc' }],
    },
  };
}
