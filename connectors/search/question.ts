/** Cursors of search belong to one query. */
import { crc32 } from 'node:zlib';
import type { SearchQuery } from '../views/search-view.ts';
import { ViewError } from '../views/view.ts';

/** Tells queries apart by all that decides on the order and the matches. */
export function questionOf({
  text,
  category,
  brand,
  minPrice,
  maxPrice,
  sort,
}: SearchQuery): number {
  return crc32(JSON.stringify([text, category, brand, minPrice, maxPrice, sort]));
}

/** @throws ViewError `VIEW_CURSOR_INVALID` when the cursor's question is not that of the query. */
export function requireQuestion(question: number, query: SearchQuery): void {
  if (question === questionOf(query)) return;
  throw new ViewError(
    'VIEW_CURSOR_INVALID',
    'the cursor belongs to another query: leave it out for the first page of this one',
  );
}
