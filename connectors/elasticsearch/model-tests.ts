/** Search on Elasticsearch against search of the embedded profile: the same shop, the same answers. */
import fc from 'fast-check';
import type { Item, ItemId, Sku } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';
import { openEmbeddedViews } from '../embedded/embedded-views.ts';
import { temporaryDirectories } from '../embedded/temporary-directory.ts';
import { sampleItem, sampleLevel } from '../views/sample-values.ts';
import type { SearchQuery, SearchView } from '../views/search-view.ts';
import type { StoredSearch } from '../views/shop-views.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import type { ElasticsearchUnderTest } from './elasticsearch-under-test.ts';

const seed = 20;
const items = 300;
const queries = 120;

const words = [
  ...['Green', 'Darjeeling', 'tea', 'teapot', 'team', 'kettle', 'kettles', 'stainless', 'steel'],
  ...['shirt', 'shirts', 'cotton', 'women', 'dresses', 'batteries', 'notebook', 'wireless', 'café'],
  ...['headphones', 'keyboard', 'boxes', 'glass', '400ml', 'चाय', 'and', 'for', 'running', 'shoes'],
] as const;
const brands = ['Acme', 'acme', 'Hill & Leaf', 'Best Tea'] as const;
const categories = ['Home', 'Home/Tea', 'Home/Tea/Green', 'Wear', 'Wear/Shirts'] as const;
const warehouses = ['PUNE', 'AGRA', 'DELHI'] as const;

const someWords = (most: number) =>
  fc
    .array(fc.constantFrom(...words), { minLength: 1, maxLength: most })
    .map((some) => some.join(' '));

const anItem = fc.record({
  title: someWords(5),
  description: someWords(4),
  attributes: fc.constantFrom<Record<string, string>>({}, { colour: 'Green' }, { use: 'tea' }),
  brand: fc.constantFrom(...brands),
  category: fc.constantFrom(...categories),
  amount: fc.integer({ min: 1, max: 9 }),
  weightGrams: fc.integer({ min: 1, max: 3 }),
  listedAt: fc.integer({ min: 1, max: 5 }),
  warehouses: fc.subarray([...warehouses]),
  isDelisted: fc.integer({ min: 0, max: 5 }).map((number) => number === 0),
});

type Typing = (head: string, here: string, next: string, tail: string) => string;

/** As somebody types it who is in a hurry: cut off, a letter left out, doubled, or swapped. */
const typings: readonly Typing[] = [
  (head, here, next, tail) => head + here + next + tail,
  (head, here) => head + here,
  (head, _here, next, tail) => head + next + tail,
  (head, here, next, tail) => head + here + here + next + tail,
  (head, here, next, tail) => head + next + here + tail,
];
const typed = fc
  .tuple(fc.constantFrom(...words), fc.nat(12), fc.constantFrom(...typings))
  .map(([word, number, typing]) => {
    const at = 1 + (number % Math.max(1, word.length - 2));
    return typing(word.slice(0, at), word.charAt(at), word.charAt(at + 1), word.slice(at + 2));
  });

const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const aQuery: fc.Arbitrary<SearchQuery> = fc.record({
  text: fc.array(typed, { maxLength: 3 }).map((some) => some.join(' ')),
  category: optional(fc.constantFrom(...categories, 'Home/')),
  brand: optional(fc.constantFrom(...brands)),
  minPrice: optional(fc.integer({ min: 1, max: 9 })),
  maxPrice: optional(fc.integer({ min: 1, max: 9 })),
  deliverableFrom: optional(
    fc.array(
      fc.record({
        warehouseIds: fc.subarray([...warehouses]).map((ids) => ids as string[] as WarehouseId[]),
        maxWeightGrams: fc.integer({ min: 1, max: 3 }),
      }),
      { maxLength: 2 },
    ),
  ),
  sort: fc.constantFrom('relevance', 'price-ascending', 'price-descending', 'newest'),
  limit: fc.constant(10),
});

export function modelTests(under: ElasticsearchUnderTest): void {
  const newDirectory = temporaryDirectories();

  test('answers what the embedded search answers, to everything', async () => {
    const { search } = await under.openViews(await under.newNamespace());
    const embedded = openEmbeddedViews({ directory: newDirectory() });
    try {
      await fill(search);
      await fill(embedded.search);
      expect(await search.reader.count()).toBe(await embedded.search.reader.count());
      for (const query of fc.sample(aQuery, { seed, numRuns: queries })) {
        expect({ query, ...(await answerTo(search.reader, query)) }).toEqual({
          query,
          ...(await answerTo(embedded.search.reader, query)),
        });
      }
    } finally {
      embedded.close();
    }
  });
}

/** Items come, change, go and come back; most of them are in the same few batches. */
async function fill({ writers }: StoredSearch): Promise<void> {
  const made = fc.sample(anItem, { seed, numRuns: items });
  const idOf = (at: number) => `item-${at % (items - 50)}`;
  for (let from = 0; from < items; from += 100) {
    const some = made.slice(from, from + 100);
    await writers.stock.apply([
      batchOf(
        from,
        some.map((of, at) => {
          const stock = Object.fromEntries(of.warehouses.map((id) => [id, [1, 0] as const]));
          return [idOf(from + at) as Sku, sampleLevel(idOf(from + at), stock)] as const;
        }),
      ),
    ]);
    await writers.items.apply([
      batchOf<ItemId, Item>(
        from,
        some.map(({ amount, warehouses: _stock, isDelisted, ...changes }, at) => {
          const price = { amount, currency: 'INR' };
          const item = sampleItem(idOf(from + at), { ...changes, price });
          return [idOf(from + at) as ItemId, isDelisted ? null : item] as const;
        }),
      ),
    ]);
  }
}

async function answerTo(reader: SearchView, query: SearchQuery) {
  const first = await reader.search(query);
  const cursor = first.nextCursor ?? undefined;
  const second = cursor === undefined ? undefined : await reader.search({ ...query, cursor });
  const [word = ''] = query.text.split(' ');
  return {
    hits: [...first.hits, ...(second?.hits ?? [])].map(({ score: _score, ...hit }) => hit),
    total: first.total,
    facets: first.facets,
    correctedText: first.correctedText,
    isLast: second?.nextCursor === null,
    suggestions: await reader.suggest(word, 5),
  };
}
