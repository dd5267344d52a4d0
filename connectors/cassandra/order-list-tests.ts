/** Lists over buckets, and what happens to them when an order changes. */
import type { Order, OrderId } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { pagesOf } from '../views/paging-contract.ts';
import { sampleOrder } from '../views/sample-values.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import type { TestTools } from './test-tools.ts';

const anna = 'user-anna' as UserId;
const ben = 'user-ben' as UserId;
const monthMs = 30 * 24 * 3_600_000;

const order = (id: string, createdAt: number, changes: Partial<Order> = {}) =>
  [id as OrderId, sampleOrder(id, { userId: anna, createdAt, ...changes })] as const;

export function orderListTests({ under }: TestTools): void {
  const open = async () => (await under().open()).orderHistory;

  test('over many years, with empty months between', async () => {
    const { reader, writer } = await open();
    const written = Array.from({ length: 60 }, (_, index) =>
      order(`o${String(index).padStart(2, '0')}`, Math.floor(index ** 1.5) * monthMs),
    );
    await writer.apply([batchOf(0, written)]);
    const pages = await pagesOf((page) => reader.ofUser(anna, page), 7);
    expect(pages.flat().map(({ id }) => id)).toEqual(written.map(([id]) => id).toReversed());
    expect(pages.slice(0, -1).map((page) => page.length)).toEqual(Array(8).fill(7));
  });

  test.each([
    ['another time of the same bucket', { createdAt: 2_000 }],
    ['another bucket', { createdAt: 5 * monthMs }],
  ])('at one place only when one moves to %s', async (_what, changes) => {
    const { reader, writer } = await open();
    await writer.apply([batchOf(0, [order('a', 1_000)])]);
    const moved = order('a', 1_000, changes);
    await writer.apply([batchOf(1, [moved])]);
    expect((await reader.ofUser(anna, { limit: 10 })).items).toEqual([moved[1]]);
  });

  test('of the user to whom one went, and not of the one before', async () => {
    const { reader, writer } = await open();
    await writer.apply([batchOf(0, [order('a', 1_000)])]);
    await writer.apply([batchOf(1, [order('a', 1_000, { userId: ben })])]);
    expect((await reader.ofUser(anna, { limit: 10 })).items).toEqual([]);
    expect((await reader.ofUser(ben, { limit: 10 })).items).toHaveLength(1);
    await writer.apply([batchOf(2, [order('a', 1_000)])]);
    expect((await reader.ofUser(anna, { limit: 10 })).items).toHaveLength(1);
    expect((await reader.ofUser(ben, { limit: 10 })).items).toEqual([]);
  });

  test('no more that were refused or deleted, and pages past where they were', async () => {
    const { reader, writer } = await open();
    const written = Array.from({ length: 20 }, (_, index) => order(`o${index + 10}`, index));
    await writer.apply([batchOf(0, written)]);
    const refused = order('o29', 19, { status: 'rejected' });
    const deleted = written.slice(5, 19).map(([id]) => [id, null] as const);
    await writer.apply([batchOf(20, [refused, ...deleted])]);
    const pages = await pagesOf((page) => reader.ofUser(anna, page), 2);
    expect(pages.map((page) => page.map(({ id }) => id))).toEqual([
      ['o14', 'o13'],
      ['o12', 'o11'],
      ['o10'],
    ]);
    expect(await reader.count()).toBe(6);
  });

  test.each([
    ['without an end', Number.POSITIVE_INFINITY],
    ['between two milliseconds', 0.5],
  ])('but takes none with a time %s', async (_what, createdAt) => {
    const { writer } = await open();
    const applied = writer.apply([batchOf(0, [order('a', createdAt)])]);
    await expect(applied).rejects.toMatchObject({ code: 'SINK_REJECTED' });
    expect(await writer.positions()).toEqual([]);
  });
}
