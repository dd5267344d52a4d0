import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CalendarId } from '#schemas/serviceability';
import { type TestShop, testShop } from '../testing/test-shop.ts';

const url = '/v1/calendars/IN';
const id = 'IN' as CalendarId;
const calendar = { timeZone: 'Asia/Kolkata', workingDays: [1, 2, 3], holidays: ['2026-12-25'] };

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop.app.close());

const send = (method: 'PUT' | 'DELETE' | 'GET', body?: object) =>
  shop.call({ method, url, headers: shop.as('olga', 'operator'), ...(body ? { body } : {}) });

test('a calendar that was put is a fact of the log, and is answered when the view shows it', async () => {
  shop.tables.serviceability.calendars.put(id, { id, ...calendar });
  const answer = await send('PUT', calendar);
  expect([answer.statusCode, answer.json()]).toEqual([200, { id, ...calendar }]);
  expect(shop.published.at(-1)).toMatchObject({ key: id, value: { id, ...calendar } });
});

test('one that the view does not show yet is not answered as if it did', async () => {
  const answer = await send('PUT', { ...calendar, workingDays: [1] });
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'not-shown-in-time']);
});

test('one that is removed is a tombstone; what is not there cannot be removed', async () => {
  const removing = send('DELETE');
  while (shop.published.at(-1)?.value !== null) await new Promise(setImmediate);
  shop.tables.serviceability.calendars.put(id, undefined);
  expect((await removing).statusCode).toBe(204);
  expect((await send('DELETE')).json().code).toBe('record-unknown');
  expect((await send('GET')).statusCode).toBe(404);
});
