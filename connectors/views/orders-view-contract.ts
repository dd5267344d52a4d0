/** What holds for every orders view, live or archived. */
import type { Order, OrderId } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { keyedViewContract } from './keyed-view-contract.ts';
import type { OrdersView, OrdersWriter } from './orders-view.ts';
import { pagesOf, refusesForeignCursors } from './paging-contract.ts';
import { sampleOrder } from './sample-values.ts';
import { batchOf } from './view-writer-contract.ts';

export interface OrdersViewUnderTest {
  readonly reader: OrdersView;
  readonly writer: OrdersWriter;
  readonly reopen: () => Promise<OrdersViewUnderTest>;
}

const anna = 'user-anna' as UserId;
const ben = 'user-ben' as UserId;

const order = (id: string, userId: UserId, createdAt: number) =>
  [id as OrderId, sampleOrder(id, { userId, createdAt })] as const;

export function ordersViewContract(name: string, open: () => Promise<OrdersViewUnderTest>): void {
  keyedViewContract<OrderId, Order>(name, open, (id, version) => sampleOrder(id, { version }));

  describe(name, () => {
    const idsOf = (orders: readonly Order[]) => orders.map(({ id }) => id);

    test("lists a user's orders and nobody else's, newest first, then by id", async () => {
      const { reader, writer } = await open();
      const written = [order('o1', anna, 100), order('o2', ben, 200), order('o3', anna, 300)];
      await writer.apply([batchOf(0, [...written, order('o4', anna, 100)])]);
      const { items, nextCursor } = await reader.ofUser(anna, { limit: 10 });
      expect(idsOf(items)).toEqual(['o3', 'o4', 'o1']);
      expect(nextCursor).toBeNull();
    });

    test('pages through equal times without a gap or a repeat', async () => {
      const { reader, writer } = await open();
      const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
      await writer.apply([
        batchOf(
          0,
          ids.map((id, index) => order(id, anna, index >> 1)),
        ),
      ]);
      const pages = await pagesOf((page) => reader.ofUser(anna, page), 2);
      expect(pages.map(idsOf)).toEqual([['g', 'f'], ['e', 'd'], ['c', 'b'], ['a']]);
    });

    test('shows the rest of a list as it was when newer orders come in between', async () => {
      const { reader, writer } = await open();
      await writer.apply([
        batchOf(0, [order('a', anna, 1), order('b', anna, 2), order('c', anna, 3)]),
      ]);
      const first = await reader.ofUser(anna, { limit: 2 });
      await writer.apply([batchOf(3, [order('d', anna, 4), ['b' as OrderId, null]])]);
      const cursor = first.nextCursor ?? undefined;
      const second = await reader.ofUser(anna, { limit: 2, cursor });
      expect(idsOf(first.items)).toEqual(['c', 'b']);
      expect(idsOf(second.items)).toEqual(['a']);
    });

    test('lists no order that was refused, and finds it by id', async () => {
      const { reader, writer } = await open();
      const [id, refused] = order('b', anna, 2);
      const rejected = { ...refused, status: 'rejected' as const };
      await writer.apply([batchOf(0, [order('a', anna, 1), [id, rejected], order('c', anna, 3)])]);
      const first = await reader.ofUser(anna, { limit: 1 });
      const second = await reader.ofUser(anna, {
        limit: 1,
        cursor: first.nextCursor ?? undefined,
      });
      expect(idsOf([...first.items, ...second.items])).toEqual(['c', 'a']);
      expect(second.nextCursor).toBeNull();
      expect(await reader.get(id)).toEqual(rejected);
    });

    test('counts its orders', async () => {
      const { reader, writer } = await open();
      await writer.apply([batchOf(0, [order('a', anna, 1), order('b', ben, 2)])]);
      expect(await reader.count()).toBe(2);
    });

    refusesForeignCursors(async () => {
      const { reader } = await open();
      return (page) => reader.ofUser(anna, page);
    });
  });
}
