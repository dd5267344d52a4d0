/**
 * Joins the records of one stream with the buffered ones of another that are near enough in time.
 * One operator for each side. The result has the later of both times.
 *
 * The window of a record closes when stream time, the largest of both sides, has passed its end by
 * the grace. After that it is joined no more; in a left or outer join, it comes out with
 * `undefined` at this moment if it had no match. So a record comes out matched or without a match,
 * never both.
 *
 * Equivalent: KStreamKStreamJoin. There a record that is out of order by more than its window, but
 * not by the grace, comes out without a match at once and may still be joined later.
 */
import type { Operator } from '../processor.ts';
import type { StreamRecord } from '../record.ts';
import type { JoinBuffer, KeyValueStore } from '../state/store.ts';
import type { UnmatchedKey, UnmatchedValues } from '../state/unmatched.ts';
import { isAbsent } from './change.ts';

/** Both joined, either may be missing. */
export type JoinValues<K, L, R, VOut> = (left: L | undefined, right: R | undefined, key: K) => VOut;

/** How long after its time a record may be joined, by its side: the window and the grace. */
export interface OpenTimes {
  readonly left: number;
  readonly right: number;
}

export interface JoinStreamsOptions<K, L, R, VOut> {
  /** The side whose records come here. */
  readonly side: 'left' | 'right';
  /** Holds the records of the other side. */
  readonly otherBuffer: string;
  /** The other's records from so long before a record to so long after it are near enough. */
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly openMs: OpenTimes;
  readonly join: JoinValues<K, L, R, VOut>;
  /** Of a left or outer join: the store of what has no match yet. */
  readonly unmatched: string | undefined;
  /** Whether this side's records come out when they have none. */
  readonly isOuter: boolean;
}

type UnmatchedStore<K> = KeyValueStore<UnmatchedKey<K>, UnmatchedValues>;

export function joinStreams<K, L, R, VOut>(
  options: JoinStreamsOptions<K, L, R, VOut>,
): Operator<K, unknown, K, VOut> {
  const { side, beforeMs, afterMs, openMs, isOuter } = options;
  const isLeft = side === 'left';
  const ownOpenMs = isLeft ? openMs.left : openMs.right;
  const otherOpenMs = isLeft ? openMs.right : openMs.left;
  const join = options.join as JoinValues<K, unknown, unknown, VOut>;
  const joined = (value: unknown, other: unknown, key: K) =>
    isLeft ? join(value, other, key) : join(other, value, key);

  return (context) => {
    const others: JoinBuffer<K, unknown> = context.joinBuffer(options.otherBuffer);
    const unmatched: UnmatchedStore<K> | undefined =
      options.unmatched === undefined ? undefined : context.keyValueStore(options.unmatched);
    const { forward, dropped } = context;
    const closed = unmatched && closing(unmatched, openMs);

    const forwardClosed = (beforeMs: number, streamTimeMs: number) => {
      for (const { key, isLeft, timestampMs, values } of closed?.(beforeMs, streamTimeMs) ?? []) {
        for (const value of values) {
          const result = isLeft ? join(value, undefined, key) : join(undefined, value, key);
          forward({ key, value: result, timestampMs });
        }
      }
    };

    /** Answers whether there was one to join with. */
    const joinWithOthers = (record: StreamRecord<K, unknown>, openFromMs: number) => {
      const { key, value, timestampMs } = record;
      const fromMs = Math.max(timestampMs - beforeMs, openFromMs, 0);
      const found = others.fetch(key, fromMs, timestampMs + afterMs);
      for (const other of found) {
        unmatched?.delete({ timestampMs: other.timestampMs, isLeft: !isLeft, key });
        const latestMs = Math.max(timestampMs, other.timestampMs);
        forward({ ...record, value: joined(value, other.value, key), timestampMs: latestMs });
      }
      return found.length > 0;
    };

    return (record) => {
      const { key, value, timestampMs } = record;
      if (isAbsent(value)) return dropped('null-value');
      if (isAbsent(key)) {
        if (!isOuter) return dropped('null-key');
        return forward({ ...record, value: joined(value, undefined, key) });
      }
      const earlierMs = others.observedMs;
      const streamTimeMs = others.observe(timestampMs);
      if (streamTimeMs > earlierMs) forwardClosed(earlierMs, streamTimeMs);

      const hasMatch = joinWithOthers(record, streamTimeMs - otherOpenMs);
      if (hasMatch || unmatched === undefined || !isOuter) return;
      if (timestampMs + ownOpenMs < streamTimeMs) {
        return forward({ ...record, value: joined(value, undefined, key) });
      }
      const place = { timestampMs, isLeft, key };
      const before = unmatched.get(place)?.values ?? [];
      unmatched.put(place, { isLeft, values: [...before, value] });
    };
  };
}

interface Closed<K> extends UnmatchedKey<K> {
  readonly key: K;
  readonly values: readonly unknown[];
}

/**
 * Takes out what closes when stream time goes on from `beforeMs`, in the order of time. Only the
 * stretches that close are looked at: of the side that stays open longer, and of the other.
 */
function closing<K>(
  unmatched: UnmatchedStore<K>,
  openMs: OpenTimes,
): (beforeMs: number, streamTimeMs: number) => Closed<K>[] {
  const longestMs = Math.max(openMs.left, openMs.right);
  const shortestMs = Math.min(openMs.left, openMs.right);
  /**
   * The stream time from which on nothing is left from before: a changelog that was taken over may
   * hold what had closed. When the record in hand is undone, stream time falls below it again.
   */
  let clearedMs = Number.POSITIVE_INFINITY;

  return (beforeMs, streamTimeMs) => {
    const closed: Closed<K>[] = [];
    const isCleared = beforeMs >= clearedMs;
    if (!isCleared) clearedMs = streamTimeMs;

    const take = (fromMs: number, toMs: number) => {
      if (toMs <= 0 || toMs <= fromMs) return;
      const from = { timestampMs: Math.max(0, fromMs), isLeft: false, key: undefined };
      for (const { key: place, value } of unmatched.range(from, { ...from, timestampMs: toMs })) {
        const ownMs = place.isLeft ? openMs.left : openMs.right;
        if (place.timestampMs + ownMs >= streamTimeMs) continue;
        unmatched.delete(place);
        closed.push({ ...place, key: place.key as K, values: value.values });
      }
    };
    const longToMs = streamTimeMs - longestMs;
    take(isCleared ? beforeMs - longestMs : 0, longToMs);
    take(Math.max(longToMs, isCleared ? beforeMs - shortestMs : 0), streamTimeMs - shortestMs);
    return closed;
  };
}
