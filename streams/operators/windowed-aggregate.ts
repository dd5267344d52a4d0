/**
 * Windowed aggregation: one running value for each key and each window of event time.
 *
 * A record updates every window that contains its timestamp; no update waits for a window to close.
 * A window that ended more than the grace before the stream time of this operator takes no more.
 *
 * Equivalent: KGroupedStream#windowedBy(TimeWindows)#aggregate.
 */
import type { Operator } from '../processor.ts';
import { type TimeWindows, type Windowed, windowsFor } from '../windows/time-windows.ts';
import { type Change, changesTo, isAbsent, type OldValues } from './change.ts';

export interface WindowedAggregateOptions<K, V, Agg> {
  /** Store that holds the running values; its changelog topic takes the same name. */
  readonly store: string;
  readonly windows: TimeWindows;
  /** The aggregate of a window's first value. */
  readonly first: (value: V, key: K) => Agg;
  /** Must be pure: a record is aggregated again if its task fails before the next commit. */
  readonly add: (aggregate: Agg, value: V, key: K) => Agg;
}

export function windowedAggregate<K, V, Agg>(
  options: WindowedAggregateOptions<K, V, Agg>,
  old: OldValues,
): Operator<K, V, Windowed<K>, Change<Agg>> {
  const { windows, first, add } = options;

  return (context) => {
    const store = context.windowStore<K, Agg>(options.store);
    const { forward, dropped } = context;
    store.onUpdate(changesTo(forward), old.needed);
    return (record) => {
      const { key, value } = record;
      if (isAbsent(key)) return dropped('null-key');
      if (isAbsent(value)) return dropped('null-value');
      const closedBeforeMs = store.observe(record.timestampMs) - windows.graceMs;

      for (const window of windowsFor(windows, record.timestampMs)) {
        if (window.endMs <= closedBeforeMs) {
          dropped('late');
          continue;
        }
        const held = store.fetch(key, window.startMs);
        const newValue = held === undefined ? first(value, key) : add(held.value, value, key);
        const timestampMs = Math.max(record.timestampMs, held?.timestampMs ?? record.timestampMs);

        store.update({ key, window }, { value: newValue, timestampMs }, record.headers);
      }
    };
  };
}
