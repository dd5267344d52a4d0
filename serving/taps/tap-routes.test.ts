import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type TestShop, testShop } from '../testing/test-shop.ts';
import { masked, withoutPersonalData } from './masking.ts';
import type { TapRequest, Taps } from './taps.ts';

const address = {
  id: 'addr_1',
  name: 'Anna',
  lines: ['1 MG Road'],
  city: 'Bengaluru',
  pincode: '560001',
  phone: '+91 80 1234',
};
const order = { id: 'ord_1', lines: [{ sku: 'TEA', quantity: 1 }], address };
const requests: TapRequest[] = [];
const taps: Taps = {
  topics: async () => [
    { name: 'orders.state', partitions: 4, cleanupPolicy: 'compact', records: 1 },
  ],
  async *read(request) {
    requests.push(request);
    const place = { topic: request.topic, partition: 0, offset: '7', timestampMs: 0 };
    yield { ...place, key: 'ord_1', value: order, headers: {} };
  },
};

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop({ taps });
});
afterAll(() => shop.app.close());

const tap = (query: string, role: 'analyst' | 'admin' = 'analyst') =>
  shop.call({ url: `/v1/taps/orders.state?${query}`, headers: shop.as('ana', role) });

test('personal data is masked, whatever else a record says', async () => {
  const answer = await tap('from=earliest&to=now');
  expect(answer.headers['content-type']).toContain('application/x-ndjson');
  const record = JSON.parse(answer.body);
  expect(record).toMatchObject({ topic: 'orders.state', offset: '7', key: 'ord_1' });
  expect(record.timestamp).toBe('1970-01-01T00:00:00.000Z');
  expect(record.value.lines).toEqual(order.lines);
  const hidden = { name: masked, lines: masked, city: masked, phone: masked };
  expect(record.value.address).toEqual({ ...hidden, id: 'addr_1', pincode: '560001' });
});

test('only an administrator sees it, who asks', async () => {
  expect((await tap('to=now&unmasked=true')).json().code).toBe('forbidden');
  const shown = JSON.parse((await tap('to=now&unmasked=true', 'admin')).body);
  expect(shown.value).toEqual(order);
  expect(JSON.parse((await tap('to=now', 'admin')).body).value.address.phone).toBe(masked);
});

test.each([
  ['from=earliest', 'earliest'],
  ['from=offset:12', { offset: 12n }],
  ['from=2026-11-23T04:30:00Z', { timeMs: Date.parse('2026-11-23T04:30:00Z') }],
  ['', 'latest'],
])('?%s starts at %j', async (query, from) => {
  await tap(`${query}&to=now&key=ord_1&limit=5`);
  expect(requests.at(-1)).toMatchObject({ from, untilNow: true, key: 'ord_1', limit: 5 });
});

test('Server-Sent Events carry the same records', async () => {
  const { body, headers } = await tap('to=now&format=sse');
  expect(headers['content-type']).toContain('text/event-stream');
  expect(body).toMatch(/^event: record\ndata: \{.*\}\n\n$/);
});

test('an unknown topic is a problem, not an empty stream', async () => {
  const headers = shop.as('ana', 'analyst');
  const answer = await shop.call({ url: '/v1/taps/nothing', headers });
  expect(answer.json().code).toBe('topic-unknown');
});

test('masking leaves the record as it is', () => {
  const before = structuredClone(order);
  withoutPersonalData(order);
  expect(order).toEqual(before);
});
