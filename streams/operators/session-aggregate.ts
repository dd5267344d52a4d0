/**
 * Aggregation by sessions: one running value for each burst of a key's records.
 *
 * A record makes a session of its own, merged with those that it is near enough to: they are
 * deleted downstream, and the merged one takes their place. A session that is over, because stream
 * time has passed its end by gap and grace, takes no more records; a record that could only begin
 * such a one is late. The time of an update is the end of its session.
 *
 * Equivalent: KGroupedStream#windowedBy(SessionWindows)#aggregate.
 */
import type { Operator } from '../processor.ts';
import type { SessionWindow, SessionWindows } from '../windows/session-windows.ts';
import type { Windowed } from '../windows/time-windows.ts';
import { type Change, changesTo, isAbsent, type OldValues } from './change.ts';

export interface SessionAggregateOptions<K, V, Agg> {
  /** Store that holds the running values; its changelog topic takes the same name. */
  readonly store: string;
  readonly windows: SessionWindows;
  /** The aggregate of a session's first value. */
  readonly first: (value: V, key: K) => Agg;
  /** Must be pure: a record is aggregated again if its task fails before the next commit. */
  readonly add: (aggregate: Agg, value: V, key: K) => Agg;
  /** The aggregate of two sessions that became one, the earlier given first. Pure as well. */
  readonly merge: (earlier: Agg, later: Agg, key: K) => Agg;
}

export function sessionAggregate<K, V, Agg>(
  options: SessionAggregateOptions<K, V, Agg>,
  old: OldValues,
): Operator<K, V, Windowed<K, SessionWindow>, Change<Agg>> {
  const { first, add, merge } = options;
  const { inactivityGapMs, graceMs } = options.windows;

  return (context) => {
    const store = context.sessionStore<K, Agg>(options.store);
    const { forward, dropped } = context;
    store.onUpdate(changesTo(forward), old.needed);
    return (record) => {
      const { key, value, timestampMs, headers } = record;
      if (isAbsent(key)) return dropped('null-key');
      if (isAbsent(value)) return dropped('null-value');
      const openFromMs = store.observe(timestampMs) - graceMs - inactivityGapMs;
      const earliestEndMs = Math.max(timestampMs - inactivityGapMs, openFromMs);
      const near = store.findSessions(key, earliestEndMs, timestampMs + inactivityGapMs);

      let startMs = timestampMs;
      let endMs = timestampMs;
      let merged: Agg | undefined;
      for (const { key: session, value: held } of near) {
        startMs = Math.min(startMs, session.startMs);
        endMs = Math.max(endMs, session.endMs);
        merged = merged === undefined ? held : merge(merged, held, key);
      }
      if (endMs < openFromMs) return dropped('late');

      const window = { startMs, endMs };
      // Only one of the same bounds can be near a session of one instant: it is updated in place.
      for (const { key: session } of startMs === endMs ? [] : near) {
        store.update({ key, window: session }, undefined, timestampMs, headers);
      }
      const newValue = merged === undefined ? first(value, key) : add(merged, value, key);
      store.update({ key, window }, newValue, timestampMs, headers);
    };
  };
}
