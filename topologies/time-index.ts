/**
 * A store in the order of time: what is due is at its beginning, so that nobody scans all there is.
 * Keys are `<milliseconds since the epoch, 15 digits>|<id>`; a plain string serde keeps their order.
 */
import type { KeyValueStore } from '#streams';

/** After a long stop much is due together; all at once would make one very large commit. */
const takenAtOnce = 1_000;

/** Sorts as the times do; without an id before every entry of that time. */
export function timeKey(timeMs: number, id?: string): string {
  const sortable = String(Math.max(0, timeMs)).padStart(15, '0');
  return id === undefined ? sortable : `${sortable}|${id}`;
}

/** Takes out what is due at `nowMs`, earliest first; what is left over is for the next time. */
export function takeDue<V>(index: KeyValueStore<string, V>, nowMs: number): V[] {
  const due: { readonly key: string; readonly value: V }[] = [];
  for (const entry of index.range(timeKey(0), timeKey(nowMs + 1))) {
    due.push(entry);
    if (due.length === takenAtOnce) break;
  }
  for (const { key } of due) index.delete(key);
  return due.map(({ value }) => value);
}
