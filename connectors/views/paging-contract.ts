/** Paging as every list does it. */
import { encodeCursor } from './cursor.ts';
import { type Page, type PageRequest, ViewError } from './view.ts';

type List<T> = (page: PageRequest) => Promise<Page<T>>;

/** All pages, following the cursors. */
export async function pagesOf<T>(list: List<T>, limit: number): Promise<(readonly T[])[]> {
  const pages: (readonly T[])[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit, cursor });
    pages.push(page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return pages;
}

export function refusesForeignCursors(open: () => Promise<List<unknown>>): void {
  test.each([
    ['words', 'not a cursor'],
    ['nothing', ''],
    ['JSON of another shape', Buffer.from('{"a":1}').toString('base64url')],
    ['too many values', encodeCursor([1, 'a', 'b', 'c'])],
    ['values of other types', encodeCursor([true as unknown as string, 'a'])],
  ])('refuses a cursor of %s', async (_what, cursor) => {
    const list = await open();
    const error = await list({ limit: 2, cursor }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ViewError);
    expect(error).toMatchObject({ code: 'VIEW_CURSOR_INVALID' });
  });
}
