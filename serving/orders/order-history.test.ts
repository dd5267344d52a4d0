import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Order } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import type { AskPart } from '../partial-answer.ts';
import { fakeViews } from '../testing/fake-views.ts';
import { orderHistory } from './order-history.ts';

const anna = 'user_anna' as UserId;
const whole: AskPart = (_part, look) => look();

type Where = 'live' | 'archived' | 'both';
const placed = fc.record({
  number: fc.nat({ max: 30 }),
  createdAt: fc.nat({ max: 5 }),
  where: fc.constantFrom<Where>('live', 'archived', 'both'),
});
const some = fc.uniqueArray(placed, { selector: ({ number }) => number, maxLength: 20 });

function orderOf(number: number, createdAt: number): Order {
  const id = `ord_${String(number).padStart(2, '0')}`;
  return { id, userId: anna, createdAt, version: 1, status: 'completed' } as unknown as Order;
}

test('every order is listed once, newest first, wherever it is and however long a page', async () => {
  await fc.assert(
    fc.asyncProperty(some, fc.integer({ min: 1, max: 7 }), async (orders, limit) => {
      const { tables, views } = fakeViews();
      for (const { number, createdAt, where } of orders) {
        const order = orderOf(number, createdAt);
        if (where !== 'archived') tables.liveOrders.put(order.id, order);
        if (where !== 'live') tables.archivedOrders.put(order.id, order);
      }
      const history = orderHistory(views.liveOrders, views.archivedOrders);

      const seen: Order[] = [];
      let cursor: string | undefined;
      do {
        const page = await history.list(anna, { limit, cursor }, whole);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        seen.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);

      const expected = orders
        .map(({ number, createdAt }) => orderOf(number, createdAt))
        .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
      expect(seen.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    }),
  );
});

test('an order that is archived between two pages is not seen again', async () => {
  const { tables, views } = fakeViews();
  for (const number of [1, 2, 3]) {
    const order = orderOf(number, number);
    tables.liveOrders.put(order.id, order);
  }
  const history = orderHistory(views.liveOrders, views.archivedOrders);
  const first = await history.list(anna, { limit: 2 }, whole);
  for (const order of first.items) {
    tables.archivedOrders.put(order.id, order);
    tables.liveOrders.put(order.id, undefined);
  }
  const cursor = first.nextCursor ?? undefined;
  const second = await history.list(anna, { limit: 2, cursor }, whole);
  expect(second.items.map(({ id }) => id)).toEqual(['ord_01']);
  expect(second.nextCursor).toBeNull();
});

test("another's order is not there", async () => {
  const { tables, views } = fakeViews();
  const order = orderOf(1, 1);
  tables.liveOrders.put(order.id, order);
  const history = orderHistory(views.liveOrders, views.archivedOrders);
  expect(await history.ofOwner('user_ben' as UserId, order.id)).toBeUndefined();
  expect(await history.ofOwner(anna, order.id)).toBe(order);
});

test('an order that was refused is listed nowhere, and can still be looked up', async () => {
  const { tables, views } = fakeViews();
  const refused = { ...orderOf(1, 1), status: 'rejected' as const };
  tables.liveOrders.put(refused.id, refused);
  tables.liveOrders.put(orderOf(2, 2).id, orderOf(2, 2));
  const history = orderHistory(views.liveOrders, views.archivedOrders);
  const { items } = await history.list(anna, { limit: 5 }, whole);
  expect(items.map(({ id }) => id)).toEqual(['ord_02']);
  expect(await history.ofOwner(anna, refused.id)).toBe(refused);
});
