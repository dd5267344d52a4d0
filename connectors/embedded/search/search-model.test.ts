/** The index against a model that looks at every item, over random items, changes and queries. */
import fc from 'fast-check';
import type { Item, ItemId, Sku } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';
import { sampleItem, sampleLevel } from '../../views/sample-values.ts';
import type { Facet, SearchQuery } from '../../views/search-view.ts';
import { batchOf } from '../../views/view-writer-contract.ts';
import { openEmbeddedViews } from '../embedded-views.ts';
import { temporaryDirectories } from '../temporary-directory.ts';

const newDirectory = temporaryDirectories();
const open: { close(): void }[] = [];
afterAll(() => {
  for (const views of open) views.close();
});

// Whole words of the vocabulary only: how words are understood has tests of its own.
const words = ['tea', 'cup', 'green', 'shirt', 'lamp'] as const;
const brands = ['Acme', 'Best'] as const;
const categories = ['Home', 'Home/Tea', 'Home/Tea/Green', 'Wear'] as const;
const warehouses = ['W0', 'W1', 'W40'] as const;

interface Stocked {
  readonly item: Item;
  readonly warehouses: readonly string[];
}

const stocked = fc.record({
  number: fc.integer({ min: 0, max: 15 }),
  title: fc.subarray([...words], { minLength: 1 }),
  brand: fc.constantFrom(...brands),
  category: fc.constantFrom(...categories),
  price: fc.integer({ min: 1, max: 5 }),
  weightGrams: fc.integer({ min: 1, max: 3 }),
  listedAt: fc.integer({ min: 1, max: 4 }),
  isDelisted: fc.boolean(),
  warehouses: fc.subarray([...warehouses]),
});

const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const query: fc.Arbitrary<SearchQuery> = fc.record({
  text: fc.subarray([...words], { maxLength: 2 }).map((some) => some.join(' ')),
  category: optional(fc.constantFrom(...categories)),
  brand: optional(fc.constantFrom(...brands)),
  minPrice: optional(fc.integer({ min: 1, max: 5 })),
  maxPrice: optional(fc.integer({ min: 1, max: 5 })),
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
  limit: fc.constant(3),
});

function wordsIn({ title, category, brand }: Item): string[] {
  return `${title} ${category} ${brand}`.toLowerCase().split(/[ /]/);
}

function matches({ item, warehouses: at }: Stocked, asked: SearchQuery): boolean {
  const { category, brand, minPrice = 0, maxPrice = 9, deliverableFrom } = asked;
  const own = wordsIn(item);
  const wanted = asked.text.split(' ').filter((word) => word !== '');
  return (
    wanted.every((word) => own.includes(word)) &&
    (category === undefined || `${item.category}/`.startsWith(`${category}/`)) &&
    (brand === undefined || item.brand === brand) &&
    item.price.amount >= minPrice &&
    item.price.amount <= maxPrice &&
    (deliverableFrom === undefined ||
      deliverableFrom.some(
        ({ warehouseIds, maxWeightGrams }) =>
          item.weightGrams <= maxWeightGrams &&
          warehouseIds.some((id) => at.includes(id as string)),
      ))
  );
}

function facetsOf(values: readonly string[]): Facet[] {
  return [...new Set(values)]
    .map((value) => ({ value, count: values.filter((other) => other === value).length }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

test('answers what a look at every item answers: total, facets, and each item on one page', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stocked, { maxLength: 25 }), query, async (written, asked) => {
      const views = openEmbeddedViews({ directory: newDirectory() });
      open.push(views);
      const model = new Map<string, Stocked>();
      for (const [offset, of] of written.entries()) {
        const id = `item-${of.number}`;
        const { title, brand, category, weightGrams, listedAt } = of;
        const price = { amount: of.price, currency: 'INR' };
        const item = sampleItem(id, {
          title: title.join(' '),
          description: '',
          attributes: {},
          brand,
          category,
          weightGrams,
          listedAt,
          price,
        });
        const stock = Object.fromEntries(of.warehouses.map((at) => [at, [1, 0] as const]));
        const change = [id as ItemId, of.isDelisted ? null : item] as const;
        await views.search.writers.items.apply([batchOf<ItemId, Item>(offset, [change])]);
        await views.search.writers.stock.apply([
          batchOf(offset, [[id as Sku, sampleLevel(id, stock)]]),
        ]);
        if (of.isDelisted) model.delete(id);
        else model.set(id, { item, warehouses: of.warehouses });
      }

      const wanted = [...model.values()].filter((each) => matches(each, asked));
      const known = new Set([...model.values()].flatMap(({ item }) => wordsIn(item)));
      fc.pre(asked.text.split(' ').every((word) => word === '' || known.has(word)));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const result = await views.search.reader.search({ ...asked, cursor });
        expect(result.total).toBe(wanted.length);
        expect(result.facets).toEqual({
          category: facetsOf(wanted.map(({ item }) => item.category)),
          brand: facetsOf(wanted.map(({ item }) => item.brand)),
        });
        seen.push(...result.hits.map(({ itemId }) => itemId as string));
        cursor = result.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect([...seen].sort()).toEqual(wanted.map(({ item }) => item.id as string).sort());
      expect(await views.search.reader.count()).toBe(model.size);
    }),
    { numRuns: 60 },
  );
}, 120_000);
