/** What holds for every view of findings and of notifications: lists, newest first. */
import type { Finding, FindingId } from '#schemas/reconciliation';
import type { UserId } from '#schemas/users';
import type { FindingsView, FindingsWriter } from './findings-view.ts';
import type { NotificationsView, NotificationsWriter } from './notifications-view.ts';
import { pagesOf, refusesForeignCursors } from './paging-contract.ts';
import { sampleFinding, sampleNotification } from './sample-values.ts';
import { batchOf, type ViewUnderTest, viewWriterContract } from './view-writer-contract.ts';

interface FindingsViewUnderTest {
  readonly reader: FindingsView;
  readonly writer: FindingsWriter;
  readonly reopen: () => Promise<FindingsViewUnderTest>;
}

export function findingsViewContract(
  name: string,
  open: () => Promise<FindingsViewUnderTest>,
): void {
  viewWriterContract<FindingId, Finding>(name, {
    open: async () => findingsUnderTest(await open()),
    key: (id) => id as FindingId,
    value: (id, version) => sampleFinding(id, { version }),
  });

  describe(name, () => {
    const found = (id: string, foundAt: number, resolvedAt: number | null = null) =>
      [id as FindingId, sampleFinding(id, { foundAt, resolvedAt })] as const;
    const idsOf = (findings: readonly Finding[]) => findings.map(({ id }) => id);

    test('lists the newest first, and on request only what is open', async () => {
      const { reader, writer } = await open();
      await writer.apply([batchOf(0, [found('a', 1), found('b', 3, 4), found('c', 2)])]);
      const all = await reader.list({ limit: 10, open: false });
      expect(idsOf(all.items)).toEqual(['b', 'c', 'a']);
      const unresolved = await reader.list({ limit: 10, open: true });
      expect(idsOf(unresolved.items)).toEqual(['c', 'a']);
      expect(await reader.openCount()).toBe(2);
    });

    test('takes a finding out of the open ones when it is resolved', async () => {
      const { reader, writer } = await open();
      await writer.apply([batchOf(0, [found('a', 1)])]);
      await writer.apply([batchOf(1, [found('a', 1, 2)])]);
      expect(await reader.openCount()).toBe(0);
      expect((await reader.list({ limit: 10, open: true })).items).toEqual([]);
    });

    test('pages through equal times without a gap or a repeat', async () => {
      const { reader, writer } = await open();
      const ids = ['a', 'b', 'c', 'd', 'e'];
      await writer.apply([
        batchOf(
          0,
          ids.map((id, index) => found(id, index >> 1)),
        ),
      ]);
      const pages = await pagesOf((page) => reader.list({ ...page, open: true }), 2);
      expect(pages.map(idsOf)).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
    });

    refusesForeignCursors(async () => {
      const { reader } = await open();
      return (page) => reader.list({ ...page, open: false });
    });
  });
}

function findingsUnderTest(view: FindingsViewUnderTest): ViewUnderTest<FindingId, Finding> {
  return {
    reader: view.reader,
    writer: view.writer,
    read: async (id) => {
      const { items } = await view.reader.list({ limit: 100, open: false });
      return items.find((finding) => finding.id === id);
    },
    reopen: async () => findingsUnderTest(await view.reopen()),
  };
}

interface NotificationsViewUnderTest {
  readonly reader: NotificationsView;
  readonly writer: NotificationsWriter;
  readonly reopen: () => Promise<NotificationsViewUnderTest>;
}

export function notificationsViewContract(
  name: string,
  open: () => Promise<NotificationsViewUnderTest>,
): void {
  const anna = 'user-anna' as UserId;
  const ben = 'user-ben' as UserId;
  const told = (id: string, userId: UserId, at: number, title = id) =>
    [userId, sampleNotification(id, { userId, at, title })] as const;

  viewWriterContract<UserId, number>(name, {
    open: async () => notificationsUnderTest(await open()),
    key: (id) => id as UserId,
    value: (_id, revision) => revision,
  });

  describe(name, () => {
    const idsOf = async (reader: NotificationsView, userId: UserId) =>
      (await reader.ofUser(userId, { limit: 10 })).items.map(({ id }) => id);

    test("lists a user's notifications and nobody else's, newest first", async () => {
      const { reader, writer } = await open();
      const written = [told('n1', anna, 1), told('n2', ben, 2), told('n3', anna, 3)];
      await writer.apply([batchOf(0, written)]);
      expect(await idsOf(reader, anna)).toEqual(['n3', 'n1']);
      expect(await idsOf(reader, ben)).toEqual(['n2']);
    });

    test('has one entry for a notification that the log tells of twice', async () => {
      const { reader, writer } = await open();
      await writer.apply([batchOf(0, [told('n1', anna, 1), told('n1', anna, 1)])]);
      expect(await idsOf(reader, anna)).toEqual(['n1']);
    });

    test('pages through equal times without a gap or a repeat', async () => {
      const { reader, writer } = await open();
      const ids = ['a', 'b', 'c', 'd', 'e'];
      await writer.apply([
        batchOf(
          0,
          ids.map((id, index) => told(id, anna, index >> 1)),
        ),
      ]);
      const pages = await pagesOf((page) => reader.ofUser(anna, page), 2);
      expect(pages.map((page) => page.map(({ id }) => id))).toEqual([
        ['e', 'd'],
        ['c', 'b'],
        ['a'],
      ]);
    });

    refusesForeignCursors(async () => {
      const { reader } = await open();
      return (page) => reader.ofUser(anna, page);
    });
  });
}

/** The revision is the title of the user's one notification. */
function notificationsUnderTest(view: NotificationsViewUnderTest): ViewUnderTest<UserId, number> {
  return {
    reader: view.reader,
    writer: {
      name: view.writer.name,
      positions: () => view.writer.positions(),
      apply: (batches) =>
        view.writer.apply(
          batches.map((batch) => ({
            ...batch,
            changes: batch.changes.map((change) => ({
              ...change,
              value:
                change.value === null
                  ? null
                  : sampleNotification(`to ${change.key}`, {
                      userId: change.key,
                      title: String(change.value),
                    }),
            })),
          })),
        ),
    },
    read: async (userId) => {
      const [notification] = (await view.reader.ofUser(userId, { limit: 1 })).items;
      return notification && Number(notification.title);
    },
    reopen: async () => notificationsUnderTest(await view.reopen()),
  };
}
