/** How every search view filters, counts, sorts and pages. */
import type { Item, ItemId, Sku } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';
import { refusesForeignCursors } from './paging-contract.ts';
import { sampleItem, sampleLevel } from './sample-values.ts';
import { ask, holding, idsOf, type OpenSearch } from './search-under-test.ts';
import type { SearchQuery, SearchView } from './search-view.ts';
import { batchOf, laterBatchOf } from './view-writer-contract.ts';

export function searchFiltersContract(open: OpenSearch): void {
  filterTests(open);
  deliverabilityTests(open);
  pageTests(open);
}

function filterTests(open: OpenSearch): void {
  const rupees = (amount: number) => ({ price: { amount, currency: 'INR' } });

  test('filters by a category or what it is within', async () => {
    const { reader } = await holding(open, {
      a: { category: 'Grocery/Tea' },
      b: { category: 'Grocery/Tea/Green' },
      c: { category: 'Grocery/Teacups' },
    });
    expect(idsOf(await reader.search(ask({ category: 'Grocery/Tea' }))).sort()).toEqual(['a', 'b']);
    expect((await reader.search(ask({ category: 'Grocery' }))).total).toBe(3);
    expect((await reader.search(ask({ category: 'Tea' }))).total).toBe(0);
  });

  test('filters by brand, in capitals or not', async () => {
    const { reader } = await holding(open, { a: { brand: 'Acme' }, b: { brand: 'Acme Deluxe' } });
    expect(idsOf(await reader.search(ask({ brand: 'ACME' })))).toEqual(['a']);
  });

  test('filters by price, bounds included', async () => {
    const { reader } = await holding(open, { a: rupees(1), b: rupees(2), c: rupees(3) });
    expect(idsOf(await reader.search(ask({ minPrice: 2, maxPrice: 2 })))).toEqual(['b']);
    expect(idsOf(await reader.search(ask({ minPrice: 2 }))).sort()).toEqual(['b', 'c']);
  });

  test('counts facets over all matches, not only the page', async () => {
    const { reader } = await holding(open, {
      a: { title: 'Tea', brand: 'Acme', category: 'X' },
      b: { title: 'Tea', brand: 'Acme', category: 'Y' },
      c: { title: 'Tea', brand: 'Best', category: 'Y' },
      d: { title: 'Milk', brand: 'Best', category: 'Z' },
    });
    const { total, facets } = await reader.search(ask({ text: 'tea', limit: 1 }));
    expect(total).toBe(3);
    expect(facets.brand).toEqual([
      { value: 'Acme', count: 2 },
      { value: 'Best', count: 1 },
    ]);
    expect(facets.category).toEqual([
      { value: 'Y', count: 2 },
      { value: 'X', count: 1 },
    ]);
  });
}

function deliverabilityTests(open: OpenSearch): void {
  const from =
    (...warehouseIds: string[]) =>
    (maxWeightGrams: number) => ({
      warehouseIds: warehouseIds as WarehouseId[],
      maxWeightGrams,
    });

  test('filters by the warehouses that have the item and what they can carry', async () => {
    const { reader } = await holding(
      open,
      { light: { weightGrams: 500 }, heavy: { weightGrams: 5_000 }, none: { weightGrams: 1 } },
      { light: ['PUNE', 'DELHI'], heavy: ['DELHI'], none: [] },
    );
    const found = async (...deliverableFrom: NonNullable<SearchQuery['deliverableFrom']>) =>
      idsOf(await reader.search(ask({ deliverableFrom }))).sort();
    expect(await found(from('PUNE')(500))).toEqual(['light']);
    expect(await found(from('PUNE')(499))).toEqual([]);
    expect(await found(from('DELHI')(5_000))).toEqual(['heavy', 'light']);
    expect(await found(from('PUNE')(9_000), from('DELHI')(1_000))).toEqual(['light']);
    expect(await found(from('PUNE', 'NOWHERE')(9_000), from('DELHI')(5_000))).toEqual([
      'heavy',
      'light',
    ]);
    expect(await found()).toEqual([]);
  });

  test('tells a hundred warehouses apart', async () => {
    const warehouses = Array.from({ length: 100 }, (_, index) => `W${index}`);
    const { reader } = await holding(
      open,
      Object.fromEntries(warehouses.map((id) => [`item-${id}`, {}])),
      Object.fromEntries(warehouses.map((id) => [`item-${id}`, [id]])),
    );
    for (const id of ['W0', 'W31', 'W32', 'W63', 'W64', 'W99']) {
      const result = await reader.search(ask({ deliverableFrom: [from(id)(10_000)] }));
      expect(idsOf(result)).toEqual([`item-${id}`]);
    }
  });

  test('takes an item out as soon as its last unit is reserved, and its stock before the item', async () => {
    const { reader, writers } = await open();
    const found = async () =>
      (await reader.search(ask({ deliverableFrom: [from('PUNE')(10_000)] }))).total;
    const level = (reserved: number) =>
      ['a' as Sku, sampleLevel('a', { PUNE: [2, reserved] })] as const;
    await writers.stock.apply([batchOf(0, [level(1)])]);
    await writers.items.apply([batchOf(0, [['a' as ItemId, sampleItem('a')]])]);
    expect(await found()).toBe(1);
    await writers.stock.apply([batchOf(1, [level(2)])]);
    expect(await found()).toBe(0);
    await writers.stock.apply([batchOf(2, [level(0)])]);
    expect(await found()).toBe(1);
  });
}

const many = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `i${index}`,
      {
        title: index % 2 === 0 ? 'Tea' : 'Tea cup',
        price: { amount: (index * 7) % 5, currency: 'INR' },
        listedAt: index % 3,
      },
    ]),
  );

const allPages = async (reader: SearchView, query: SearchQuery): Promise<string[]> => {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const result = await reader.search({ ...query, cursor });
    ids.push(...idsOf(result));
    cursor = result.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
};

function pageTests(open: OpenSearch): void {
  test.each(['relevance', 'price-ascending', 'price-descending', 'newest'] as const)(
    'pages by %s as if it were one long page',
    async (sort) => {
      const { reader } = await holding(open, many(23));
      const whole = await reader.search(ask({ text: 'tea', sort, limit: 100 }));
      expect(whole.hits).toHaveLength(23);
      expect(await allPages(reader, ask({ text: 'tea', sort, limit: 4 }))).toEqual(idsOf(whole));
    },
  );

  test('sorts by price and by age', async () => {
    const { reader } = await holding(open, many(9));
    const amounts = async (sort: SearchQuery['sort']) =>
      (await reader.search(ask({ sort }))).hits.map(({ price }) => price.amount);
    const ascending = await amounts('price-ascending');
    expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
    expect(await amounts('price-descending')).toEqual([...ascending].reverse());
  });

  test('neither repeats nor skips what stays when items come and go between pages', async () => {
    const { reader, writers } = await holding(open, many(12));
    const query = ask({ text: 'tea', limit: 5 });
    const first = await reader.search(query);
    const rest = idsOf(await reader.search({ ...query, limit: 100 })).slice(5);
    const gone = rest[2] as string;
    const added = Array.from({ length: 30 }, (_, index) => {
      const title = index % 2 === 0 ? 'Tea' : 'Milk';
      return [`new${index}` as ItemId, sampleItem(`new${index}`, { title })] as const;
    });
    await writers.items.apply([laterBatchOf<ItemId, Item>(50, [[gone as ItemId, null], ...added])]);
    const cursor = first.nextCursor ?? undefined;
    const second = idsOf(await reader.search({ ...query, limit: 100, cursor }));
    expect(second.filter((id) => !id.startsWith('new'))).toEqual(rest.filter((id) => id !== gone));
  });

  test('refuses the cursor of another query', async () => {
    const { reader } = await holding(open, many(12));
    const { nextCursor } = await reader.search(ask({ text: 'tea', limit: 5 }));
    const other = reader.search(ask({ text: 'cup', limit: 5, cursor: nextCursor ?? '' }));
    await expect(other).rejects.toMatchObject({ code: 'VIEW_CURSOR_INVALID' });
  });

  refusesForeignCursors(async () => {
    const { reader } = await open();
    return async (page) => {
      await reader.search(ask({ text: 'tea', ...page }));
      return { items: [], nextCursor: null };
    };
  });
}
