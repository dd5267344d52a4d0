/** Cursors of lists: the sort values of the last entry that was seen, opaque to the client. */
import { type Page, ViewError } from './view.ts';

export type CursorValue = string | number;

/** What a cursor must hold, in order. */
type Shape = readonly ('string' | 'number')[];

type ValuesOf<S extends Shape> = {
  -readonly [Index in keyof S]: S[Index] extends 'string' ? string : number;
};

export function encodeCursor(values: readonly CursorValue[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** A page of `found`, which holds one entry more than fits when there is a next page. */
export function pageOf<T>(
  found: readonly T[],
  limit: number,
  cursorOf: (last: T) => readonly CursorValue[],
): Page<T> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const more = found.length > limit && last !== undefined;
  return { items, nextCursor: more ? encodeCursor(cursorOf(last)) : null };
}

/** @throws ViewError `VIEW_CURSOR_INVALID` when it was not made by `encodeCursor` of this shape. */
export function decodeCursor<const S extends Shape>(cursor: string, shape: S): ValuesOf<S> {
  const values = parsed(cursor);
  const fits =
    Array.isArray(values) &&
    values.length === shape.length &&
    shape.every((type, index) => typeof values[index] === type);
  if (fits) return values as ValuesOf<S>;
  throw new ViewError(
    'VIEW_CURSOR_INVALID',
    `cursor '${cursor.slice(0, 40)}' is not one of this list: leave it out for the first page`,
  );
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined; // Unreadable: it has no shape at all.
  }
}
