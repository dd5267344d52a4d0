/** Of all matches: how many, the facets, and the best that come after a cursor. */
import { titleFit } from '../../search/ranking.ts';
import type { Facet, SearchQuery } from '../../views/search-view.ts';
import type { Dictionary, DocumentColumns } from './document-columns.ts';
import type { Matches } from './match.ts';

/** Where a document stands in the order: the smaller rank first, then the smaller item id. */
export interface Place {
  readonly rank: number;
  readonly itemId: string;
}

export interface PlacedDocument extends Place {
  readonly document: number;
  readonly score: number;
}

export interface SelectedPage {
  readonly total: number;
  readonly facets: { readonly category: readonly Facet[]; readonly brand: readonly Facet[] };
  /** At most `limit`. */
  readonly documents: readonly PlacedDocument[];
  readonly hasMore: boolean;
}

const facetsShown = 20;

export function selectPage(
  columns: DocumentColumns,
  { documents, scores }: Matches,
  query: SearchQuery,
  after: Place | undefined,
): SelectedPage {
  const passes = columns.filterOf(query);
  const rankOf = ranking(columns, scores, query);
  const best = new BestPlaces(query.limit + 1);
  const categories = new Uint32Array(columns.categories.names.length);
  const brands = new Uint32Array(columns.brands.names.length);
  let total = 0;

  // Later documents are newer: begin where the best are, so that they do not push one another out.
  const backwards = isNewestFirst(query);
  for (let step = 0; step < documents.length; step++) {
    const index = backwards ? documents.length - 1 - step : step;
    const document = documents[index] as number;
    if (!passes(document)) continue;
    total += 1;
    increment(categories, columns.category[document] as number);
    increment(brands, columns.brand[document] as number);

    const rank = rankOf(document, index);
    if (!best.couldTake(rank)) continue;
    const itemId = columns.itemIds[document] as string;
    if (after !== undefined && !isBefore(after, { rank, itemId })) continue;
    best.add({ document, rank, itemId, score: scores[index] as number });
  }
  return {
    total,
    facets: {
      category: facetsOf(columns.categories, categories),
      brand: facetsOf(columns.brands, brands),
    },
    documents: best.places.slice(0, query.limit),
    hasMore: best.places.length > query.limit,
  };
}

type Rank = (document: number, index: number) => number;

function ranking(columns: DocumentColumns, scores: Float64Array, query: SearchQuery): Rank {
  const newest: Rank = (document) => -(columns.listedAt[document] as number);
  switch (query.sort) {
    case 'price-ascending':
      return (document) => columns.price[document] as number;
    case 'price-descending':
      return (document) => -(columns.price[document] as number);
    case 'newest':
      return newest;
    case 'relevance':
      if (isNewestFirst(query)) return newest;
      return (document, index) => {
        const titleWords = columns.titleWords[document] as number;
        return -(scores[index] as number) * titleFit(titleWords);
      };
  }
}

/** Without words everything is equally relevant. */
function isNewestFirst({ sort, text }: SearchQuery): boolean {
  return sort === 'newest' || (sort === 'relevance' && text.trim() === '');
}

/** The first few in order, kept sorted: most candidates are worse than the last and cost nothing. */
class BestPlaces {
  readonly places: PlacedDocument[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  couldTake(rank: number): boolean {
    const last = this.places[this.#capacity - 1];
    return last === undefined || rank <= last.rank;
  }

  add(place: PlacedDocument): void {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.places[middle] as PlacedDocument, place)) low = middle + 1;
      else high = middle;
    }
    if (low === this.#capacity) return;
    this.places.splice(low, 0, place);
    if (this.places.length > this.#capacity) this.places.pop();
  }
}

function isBefore(a: Place, b: Place): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.itemId < b.itemId);
}

function facetsOf(dictionary: Dictionary, counts: Uint32Array): Facet[] {
  const facets: Facet[] = [];
  counts.forEach((count, number) => {
    if (count > 0) facets.push({ value: dictionary.names[number] as string, count });
  });
  facets.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return facets.slice(0, facetsShown);
}

function increment(counts: Uint32Array, index: number): void {
  counts[index] = (counts[index] as number) + 1;
}
