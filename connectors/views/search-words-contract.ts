/** How every search view reads words: forms, beginnings, mistakes, and texts that are no words. */
import type { Item, ItemId } from '#schemas/items';
import { sampleItem } from './sample-values.ts';
import { ask, holding, idsOf, type OpenSearch } from './search-under-test.ts';
import { laterBatchOf } from './view-writer-contract.ts';

export function searchWordsContract(open: OpenSearch): void {
  matchTests(open);
  wordFormTests(open);
  strangeTextTests(open);
  spellingTests(open);
  suggestionTests(open);
}

function matchTests(open: OpenSearch): void {
  test('answers everything, newest first, when nothing is asked for', async () => {
    const items = { a: { listedAt: 1 }, b: { listedAt: 3 }, c: { listedAt: 2 } };
    const { reader } = await holding(open, items);
    const result = await reader.search(ask({ text: '  ' }));
    expect(idsOf(result)).toEqual(['b', 'c', 'a']);
    expect(result).toMatchObject({ total: 3, correctedText: null, nextCursor: null });
    expect(await reader.count()).toBe(3);
  });

  test('tells of a hit what a page shows', async () => {
    const { reader } = await holding(open, { a: { title: 'Green tea' } }, { a: ['PUNE'] });
    const { hits } = await reader.search(ask({ text: 'green' }));
    const { id, sku, title, brand, category, price, imageUrl, weightGrams, cashOnDelivery } =
      sampleItem('a', { title: 'Green tea', brand: 'Plain', category: 'Things' });
    expect(hits).toEqual([
      {
        itemId: id,
        sku,
        title,
        brand,
        category,
        price,
        imageUrl,
        weightGrams,
        cashOnDelivery,
        warehouseIds: ['PUNE'],
        score: expect.any(Number),
      },
    ]);
  });

  test('finds items that have all of the words, wherever they stand', async () => {
    const { reader } = await holding(open, {
      a: { title: 'Green tea', brand: 'Hill & Leaf' },
      b: { title: 'Green paint' },
      c: { title: 'Cup', category: 'Kitchen/Tea ware', attributes: { colour: 'Green' } },
    });
    expect(idsOf(await reader.search(ask({ text: 'tea GREEN' }))).sort()).toEqual(['a', 'c']);
    expect(idsOf(await reader.search(ask({ text: 'leaf green' })))).toEqual(['a']);
  });

  test('ranks the title over the brand, the category, the attributes and the description', async () => {
    const { reader } = await holding(open, {
      e: { description: 'tea' },
      d: { attributes: { goesWith: 'tea' } },
      c: { category: 'Grocery/Tea' },
      b: { brand: 'Tea' },
      a: { title: 'Tea' },
    });
    expect(idsOf(await reader.search(ask({ text: 'tea' })))).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
}

function wordFormTests(open: OpenSearch): void {
  test.each([
    ['shirts', 'shirt'],
    ['shirt', 'shirts'],
    ['batteries', 'battery'],
    ['boxes', 'box'],
    ['women', 'woman'],
    ['size', 'sizes'],
    ['dress', 'dresses'],
    ['cafe', 'Café'],
    ['CAFÉ', 'cafe'],
    ['चाय', 'अदरक चाय'],
    ["people's", "The People's Tea"],
    ['tea for two', 'Two tea'],
  ])('finds by %j what is called %j', async (text, title) => {
    const { reader } = await holding(open, { a: { title }, b: { title: 'Something else' } });
    expect(idsOf(await reader.search(ask({ text })))).toEqual(['a']);
  });

  test('takes the last word for the beginning of one when it is none itself', async () => {
    const { reader } = await holding(open, { a: { title: 'Green teapot' }, b: { title: 'Team' } });
    expect(idsOf(await reader.search(ask({ text: 'green te' })))).toEqual(['a']);
    expect(idsOf(await reader.search(ask({ text: 'te green' })))).toEqual([]);
  });

  test('does not take a whole word for the beginning of another', async () => {
    const { reader } = await holding(open, { a: { title: 'Tea' }, b: { title: 'Team jersey' } });
    expect(idsOf(await reader.search(ask({ text: 'tea' })))).toEqual(['a']);
  });
}

function strangeTextTests(open: OpenSearch): void {
  test.each([
    ['quotes', '"tea" \'tea\''],
    ['operators', 'tea AND NOT (tea OR NEAR(tea))'],
    ['a column filter', 'title:tea^2*'],
    ['SQL', "'; DROP TABLE documents; --"],
    ['emoji', '☕🙂'],
    ['NUL and other control characters', 'tea\0\u0001\n'],
    ['a lone surrogate', '\ud800 tea'],
    ['10 kB', 'tea '.repeat(2_500)],
    ['a word of 10 kB', 't'.repeat(10_000)],
  ])('takes %s for words and nothing else', async (_what, text) => {
    const { reader } = await holding(open, { a: { title: 'Tea' } });
    const result = await reader.search(ask({ text }));
    expect(result.total).toBe(result.hits.length);
    expect(await reader.suggest(text, 5)).toBeInstanceOf(Array);
    expect((await reader.search(ask({ text: 'tea' }))).total).toBe(1);
  });

  test('finds nothing for a text without words', async () => {
    const { reader } = await holding(open, { a: { title: 'Tea' } });
    expect((await reader.search(ask({ text: '☕ !!' }))).total).toBe(0);
  });

  test('finds an item by its new words only, once they have changed', async () => {
    const { reader, writers } = await holding(open, { a: { title: 'Kettle' }, b: {} });
    expect((await reader.search(ask({ text: 'kettle' }))).total).toBe(1);
    const renamed = sampleItem('a', { title: 'Teapot', description: '' });
    await writers.items.apply([laterBatchOf(10, [['a' as ItemId, renamed]])]);
    expect((await reader.search(ask({ text: 'kettle' }))).total).toBe(0);
    expect(idsOf(await reader.search(ask({ text: 'teapot' })))).toEqual(['a']);
    expect(idsOf(await reader.search(ask({ text: 'teap' })))).toEqual(['a']);
  });
}

function spellingTests(open: OpenSearch): void {
  const titles = {
    a: { title: 'Stainless kettle' },
    b: { title: 'Cotton shirt' },
    c: { title: 'Tea' },
  };

  test.each([
    ['a letter too few', 'ketle', 'kettle'],
    ['a letter too many', 'kettlle', 'kettle'],
    ['a wrong letter', 'kattle', 'kettle'],
    ['two letters swapped', 'kettel', 'kettle'],
    ['two letters swapped at the beginning', 'ekttle', 'kettle'],
    ['two mistakes in a long word', 'stianlss kettle', 'stainless kettle'],
    ['a mistake in a plural', 'shrits', 'shirt'],
    ['a mistake beside a right word', 'Cotton shrit', 'cotton shirt'],
  ])('corrects %s', async (_what, text, corrected) => {
    const { reader } = await holding(open, titles);
    const result = await reader.search(ask({ text }));
    expect(result.correctedText).toBe(corrected);
    expect(result.total).toBe(1);
  });

  test.each([
    ['a short word', 'tae'],
    ['two mistakes in a word of seven letters', 'kttlees'],
    ['a number', '500ml'],
    ['a word like no other', 'xylophone'],
  ])('does not correct %s', async (_what, text) => {
    const { reader } = await holding(open, { ...titles, d: { title: '400ml' } });
    expect(await reader.search(ask({ text }))).toMatchObject({ total: 0, correctedText: null });
  });

  test('prefers the nearer word, then the more frequent one', async () => {
    const { reader } = await holding(open, {
      a: { title: 'Green bean' },
      b: { title: 'Green bear one' },
      c: { title: 'Green bear two' },
    });
    expect(await reader.search(ask({ text: 'beax' }))).toMatchObject({ correctedText: 'bear' });
    expect(await reader.search(ask({ text: 'beann' }))).toMatchObject({ correctedText: 'bean' });
  });

  test('no longer corrects to a word whose last item is gone', async () => {
    const { reader, writers } = await holding(open, titles);
    await writers.items.apply([laterBatchOf<ItemId, Item>(10, [['a' as ItemId, null]])]);
    expect(await reader.search(ask({ text: 'ketle' }))).toMatchObject({
      total: 0,
      correctedText: null,
    });
  });
}

function suggestionTests(open: OpenSearch): void {
  const items = {
    a: { title: 'Green tea' },
    b: { title: 'Black tea' },
    c: { title: 'Green teapot' },
    d: { title: 'Tennis racket', description: 'teak' },
  };

  test('completes a word, the most frequent first', async () => {
    const { reader } = await holding(open, items);
    expect(await reader.suggest('te', 10)).toEqual(['tea', 'teapot', 'tennis']);
    expect(await reader.suggest('TE', 1)).toEqual(['tea']);
  });

  test('completes only to what the words before it allow', async () => {
    const { reader } = await holding(open, items);
    expect(await reader.suggest('green te', 10)).toEqual(['green tea', 'green teapot']);
    expect(await reader.suggest('racket te', 10)).toEqual(['racket tennis']);
  });

  test('suggests nothing for nothing', async () => {
    const { reader } = await holding(open, items);
    expect(await reader.suggest('  ', 10)).toEqual([]);
    expect(await reader.suggest('☕', 10)).toEqual([]);
  });
}
