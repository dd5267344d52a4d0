/** KGroupedStream and TimeWindowedKStream, as nodes of a graph. */
import { aggregate } from '../operators/aggregate.ts';
import type { OldValues } from '../operators/change.ts';
import { reduce } from '../operators/reduce.ts';
import { storeView, type TableView, windowStoreView } from '../operators/table-view.ts';
import { windowedAggregate } from '../operators/windowed-aggregate.ts';
import type { Serde } from '../serde.ts';
import { windowedSerde } from '../serdes.ts';
import { countSerde } from '../state/count-serde.ts';
import type { TimeWindows, Windowed } from '../windows/time-windows.ts';
import { DslTable } from './dsl-table.ts';
import type {
  Caching,
  KGroupedStream,
  KTable,
  Materialized,
  TimeWindowedKStream,
} from './kstream.ts';
import { repartitionStream } from './repartition.ts';
import type { StreamState } from './stream-state.ts';
import type { AnyOperator } from './topology-graph.ts';

interface Aggregation<K, V, Agg> {
  readonly initial: () => Agg;
  readonly add: (aggregate: Agg, value: V, key: K) => Agg;
}

const counting = { initial: () => 0, add: (count: number) => count + 1, value: countSerde };

interface GroupedState<K, V> extends StreamState<K, V> {
  /** Names the repartition topic. */
  readonly name: string;
  readonly partitions: number | undefined;
}

/** What the records of a group are after the repartition, if they need one. */
class Grouping<K, V> {
  readonly #grouped: GroupedState<K, V>;
  #ready: StreamState<K, V> | undefined;

  constructor(grouped: GroupedState<K, V>) {
    this.#grouped = grouped;
  }

  get key(): Serde<K> | undefined {
    return this.#grouped.key;
  }

  get graph() {
    return this.#grouped.graph;
  }

  /** Several aggregates of one grouping share its repartition topic. */
  ready(): StreamState<K, V> {
    const { name, ...state } = this.#grouped;
    this.#ready ??= state.rekeyed
      ? repartitionStream(state, name, { ...state, withoutKey: 'dropped' })
      : state;
    return this.#ready;
  }

  /** Adds the aggregate's node and answers with its table. */
  table<KOut, Agg>(options: {
    readonly prefix: string;
    readonly name: string;
    readonly operator: (old: OldValues) => AnyOperator;
    readonly key: Serde<KOut> | undefined;
    readonly value: Serde<Agg>;
    readonly view: TableView<KOut, Agg>;
  }): KTable<KOut, Agg> {
    const { prefix, name, operator, key, value, view } = options;
    const { graph } = this;
    const old: OldValues = { needed: false };
    graph.name(prefix);
    const { node, sources, open: openStream } = this.ready();
    graph.processor(name, [node], operator(old), { stores: [name] });
    const sendOldValues = () => {
      old.needed = true;
    };
    return new DslTable({
      graph,
      node: name,
      sources,
      key,
      value,
      view,
      sendOldValues,
      openStream,
    });
  }
}

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

  windowedBy(windows: TimeWindows): TimeWindowedKStream<K, V> {
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
