/** KGroupedStream and TimeWindowedKStream, as nodes of a graph. */
import { aggregate } from '../operators/aggregate.ts';
import { reduce } from '../operators/reduce.ts';
import { storeView, windowStoreView } from '../operators/table-view.ts';
import { windowedAggregate } from '../operators/windowed-aggregate.ts';
import { windowedSerde } from '../serdes.ts';
import { countSerde } from '../state/count-serde.ts';
import type { SessionWindows } from '../windows/session-windows.ts';
import type { TimeWindows, Windowed } from '../windows/time-windows.ts';
import { DslSessionStream } from './dsl-session-stream.ts';
import { type GroupedState, Grouping } from './grouping.ts';
import type {
  Caching,
  KGroupedStream,
  KTable,
  Materialized,
  SessionWindowedKStream,
  TimeWindowedKStream,
} from './kstream.ts';
import type { AnyOperator } from './topology-graph.ts';

interface Aggregation<K, V, Agg> {
  readonly initial: () => Agg;
  readonly add: (aggregate: Agg, value: V, key: K) => Agg;
}

const counting = { initial: () => 0, add: (count: number) => count + 1, value: countSerde };

export class DslGroupedStream<K, V> implements KGroupedStream<K, V> {
  readonly #grouping: Grouping<K, V>;

  constructor(grouped: GroupedState<K, V>) {
    this.#grouping = new Grouping(grouped);
  }

  count(name: string, options?: Caching): KTable<K, number> {
    return this.aggregate(name, { ...counting, ...options });
  }

  reduce(
    name: string,
    combine: (aggregate: V, value: V) => V,
    materialized: Materialized<K, V>,
  ): KTable<K, V> {
    const { value, caching } = materialized;
    const key = materialized.key ?? this.#grouping.key;
    this.#grouping.graph.tableStore(name, { key, value, caching });
    return this.#grouping.table<K, V>({
      prefix: 'KSTREAM-REDUCE-',
      name,
      operator: (old) => reduce<K, V>(name, combine, old) as AnyOperator,
      key,
      value,
      view: storeView(name),
    });
  }

  aggregate<Agg>(
    name: string,
    options: Materialized<K, Agg> & Aggregation<K, V, Agg>,
  ): KTable<K, Agg> {
    const { value, initial, add, caching } = options;
    const key = options.key ?? this.#grouping.key;
    this.#grouping.graph.tableStore(name, { key, value, caching });
    return this.#grouping.table<K, Agg>({
      prefix: 'KSTREAM-AGGREGATE-',
      name,
      operator: (old) => aggregate({ store: name, initial, add }, old) as AnyOperator,
      key,
      value,
      view: storeView(name),
    });
  }

  windowedBy(windows: TimeWindows): TimeWindowedKStream<K, V>;
  windowedBy(windows: SessionWindows): SessionWindowedKStream<K, V>;
  windowedBy(
    windows: TimeWindows | SessionWindows,
  ): TimeWindowedKStream<K, V> | SessionWindowedKStream<K, V> {
    if ('inactivityGapMs' in windows) return new DslSessionStream(this.#grouping, windows);
    return new DslWindowedStream(this.#grouping, windows);
  }
}

class DslWindowedStream<K, V> implements TimeWindowedKStream<K, V> {
  readonly #grouping: Grouping<K, V>;
  readonly #windows: TimeWindows;

  constructor(grouping: Grouping<K, V>, windows: TimeWindows) {
    this.#grouping = grouping;
    this.#windows = windows;
  }

  count(name: string, options?: Caching): KTable<Windowed<K>, number> {
    return this.aggregate(name, { ...counting, ...options });
  }

  reduce(
    name: string,
    combine: (aggregate: V, value: V) => V,
    materialized: Materialized<K, V>,
  ): KTable<Windowed<K>, V> {
    return this.#table('KSTREAM-REDUCE-', name, materialized, (value) => value, combine);
  }

  aggregate<Agg>(
    name: string,
    options: Materialized<K, Agg> & Aggregation<K, V, Agg>,
  ): KTable<Windowed<K>, Agg> {
    const { initial, add } = options;
    const first = (value: V, key: K) => add(initial(), value, key);
    return this.#table('KSTREAM-AGGREGATE-', name, options, first, add);
  }

  #table<Agg>(
    prefix: string,
    name: string,
    materialized: Materialized<K, Agg>,
    first: (value: V, key: K) => Agg,
    add: (aggregate: Agg, value: V, key: K) => Agg,
  ): KTable<Windowed<K>, Agg> {
    const windows = this.#windows;
    const { value, caching } = materialized;
    const key = materialized.key ?? this.#grouping.key;
    this.#grouping.graph.windowStore(name, { key, value, caching }, windows);
    return this.#grouping.table<Windowed<K>, Agg>({
      prefix,
      name,
      operator: (old) =>
        windowedAggregate({ store: name, windows, first, add }, old) as AnyOperator,
      key: key && isWhole(windows.sizeMs) ? windowedSerde(key, windows.sizeMs) : undefined,
      value,
      view: windowStoreView(name),
    });
  }
}

/** A size out of range is a fault that `build` reports; no serde can be made for it. */
function isWhole(sizeMs: number): boolean {
  return Number.isSafeInteger(sizeMs) && sizeMs > 0;
}
