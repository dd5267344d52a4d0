import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { FeedReport } from '#schemas/inbound';
import type { ItemCommand } from '#schemas/items';
import { startMs, type TestShop, testShop } from '../testing/test-shop.ts';
import { maxLineBytes } from './line-splitter.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop({ settings: { viewTimeoutMs: 1 } });
});
beforeEach(() => {
  shop.bus.sent.length = 0;
  shop.published.length = 0;
});
afterAll(() => shop.app.close());

const offer = (sku: string) => ({
  sku,
  title: `Tea ${sku}`,
  brand: 'Nilgiri',
  category: 'Grocery/Tea',
  price: { amount: 24_900, currency: 'INR' },
  weightGrams: 250,
});
const ndjson = (...lines: unknown[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

const send = (payload: string | Buffer, headers: Record<string, string> = {}) =>
  shop.call({
    method: 'POST',
    url: '/v1/inbound/feeds',
    headers: { ...shop.as('sara', 'supplier'), 'content-type': 'application/x-ndjson', ...headers },
    payload,
  });

/** What was sent: the line, and the SKU or the reasons. */
const taken = () =>
  shop.bus.sent.map(({ command }) => {
    const item = command as unknown as ItemCommand;
    if (item.type === 'OfferItem') return [item.source?.line, item.offer.sku];
    return item.type === 'RejectLine' ? [item.source.line, item.reasons] : [];
  });
const ending = () => shop.published.at(-1)?.value;

test('each line becomes an offer, with its number', async () => {
  const answer = await send(ndjson(offer('A'), offer('B')));
  expect(answer.statusCode).toBe(202);
  const { id } = answer.json();
  expect(answer.json()).toEqual({
    id,
    status: 'processing',
    records: 2,
    links: { self: `/v1/inbound/feeds/${id}` },
  });
  expect(taken()).toEqual([
    [1, 'A'],
    [2, 'B'],
  ]);
  expect(shop.published[0]?.value).toMatchObject({ type: 'FeedStarted', supplierId: 'user_sara' });
  expect(ending()).toMatchObject({ type: 'FeedEnded', records: 2, error: null });
});

test('a line that is no offer is rejected with all its reasons, and the rest goes on', async () => {
  const { title: _, ...untitled } = offer('B');
  const wrong = { ...untitled, weightGrams: 'heavy', colour: 'green' };
  await send(`${ndjson(offer('A'))}{"sku":\n\n${ndjson(wrong, offer('C'))}`);
  expect(taken()).toEqual([
    [1, 'A'],
    [2, [expect.stringContaining('not JSON')]],
    [
      4,
      expect.arrayContaining([
        'title is missing',
        'colour is not a known field',
        'weightGrams must be integer',
      ]),
    ],
    [5, 'C'],
  ]);
  expect(ending()).toMatchObject({ records: 4 });
});

test('bytes that are not UTF-8 and lines that never end spoil only themselves', async () => {
  const endless = Buffer.alloc(maxLineBytes + 1, 'x');
  const broken = Buffer.from([0x7b, 0xff, 0x0a]);
  const feed = [broken, endless, Buffer.from('\n'), Buffer.from(ndjson(offer('A')))];
  await send(Buffer.concat(feed));
  expect(taken()).toEqual([
    [1, [expect.stringContaining('not UTF-8')]],
    [2, [expect.stringContaining(`more than ${maxLineBytes} bytes`)]],
    [3, 'A'],
  ]);
});

const header = 'sku,title,brand,category,priceAmount,currency,weightGrams,attribute.leaf';

test('CSV has the line numbers of the file, also after a field of several lines', async () => {
  const rows = [
    '\ufeffsku,title,brand,category,priceAmount,currency,weightGrams,attribute.leaf',
    'A,"Tea, ""green""",Nilgiri,Grocery,24900,INR,250,whole',
    '',
    'B,"Tea',
    'in two lines",Nilgiri,Grocery,24900,INR,250,',
    'C,Tea,Nilgiri,Grocery,249.00,INR,250,',
    'D,Tea',
    'E,Tea,Nilgiri,Grocery,24900,INR,250,broken',
  ];
  const answer = await send(rows.join('\r\n'), { 'content-type': 'text/csv; charset=utf-8' });
  expect(answer.json()).toMatchObject({ records: 5 });
  expect(taken()).toEqual([
    [2, 'A'],
    [4, [expect.stringContaining('title must be text')]],
    [6, ['price.amount must be integer']],
    [7, ['the line has 2 fields, the header 8']],
    [8, 'E'],
  ]);
  expect(shop.bus.sent[0]?.command).toMatchObject({
    offer: { title: 'Tea, "green"', attributes: { leaf: 'whole' } },
  });
});

test('a CSV without the columns that are needed is refused as a whole', async () => {
  const answer = await send('sku,name\nA,Tea\n', { 'content-type': 'text/csv' });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({ code: 'feed-unreadable', records: 0 });
  expect(answer.json().detail).toContain('the column title is missing');
  expect(ending()).toMatchObject({ type: 'FeedEnded', error: expect.any(String) });
});

test('gzip is taken, and broken gzip breaks the feed off', async () => {
  const zipped = gzipSync(`${header}\n${'A,Tea,Nilgiri,Grocery,1,INR,1,\n'.repeat(100)}`);
  const csv = { 'content-type': 'text/csv', 'content-encoding': 'gzip' };
  expect((await send(zipped, csv)).json()).toMatchObject({ records: 100 });
  const broken = await send(zipped.subarray(0, 60), csv);
  expect(broken.json()).toMatchObject({ code: 'feed-unreadable' });
  expect((await send('x', { 'content-encoding': 'br' })).statusCode).toBe(415);
});

test("a report is its supplier's and the administrator's", async () => {
  const id = 'feed_1' as FeedReport['feedId'];
  shop.tables.feeds.put(id, {
    feedId: id,
    supplierId: 'user_sara' as FeedReport['supplierId'],
    status: 'broken_off',
    records: 2,
    accepted: 1,
    unchanged: 0,
    rejected: 1,
    rejections: [{ line: 2, key: 'B', reasons: ['title is empty'] }],
    error: 'the line went dead',
    startedAt: startMs,
    updatedAt: startMs,
    version: 3,
  });
  const read = (name: string, role: 'supplier' | 'admin') =>
    shop.call({ url: `/v1/inbound/feeds/${id}`, headers: shop.as(name, role) });
  expect((await read('sara', 'supplier')).json()).toMatchObject({
    status: 'broken-off',
    rejected: 1,
  });
  expect((await read('ada', 'admin')).statusCode).toBe(200);
  expect((await read('sam', 'supplier')).json()).toMatchObject({ code: 'feed-unknown' });
});
