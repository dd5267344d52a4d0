/** SessionWindowedKStream, as nodes of a graph. */
import { sessionAggregate } from '../operators/session-aggregate.ts';
import { sessionStoreView } from '../operators/table-view.ts';
import { sessionWindowedSerde } from '../serdes.ts';
import { countSerde } from '../state/count-serde.ts';
import type { SessionWindow, SessionWindows } from '../windows/session-windows.ts';
import type { Windowed } from '../windows/time-windows.ts';
import type { Grouping } from './grouping.ts';
import type { Caching, KTable, Materialized, SessionWindowedKStream } from './kstream.ts';
import type { AnyOperator } from './topology-graph.ts';

interface Aggregation<K, V, Agg> {
  readonly first: (value: V, key: K) => Agg;
  readonly add: (aggregate: Agg, value: V, key: K) => Agg;
  readonly merge: (earlier: Agg, later: Agg, key: K) => Agg;
}

export class DslSessionStream<K, V> implements SessionWindowedKStream<K, V> {
  readonly #grouping: Grouping<K, V>;
  readonly #windows: SessionWindows;

  constructor(grouping: Grouping<K, V>, windows: SessionWindows) {
    this.#grouping = grouping;
    this.#windows = windows;
  }

  count(name: string, options?: Caching): KTable<Windowed<K, SessionWindow>, number> {
    const aggregation = {
      first: () => 1,
      add: (count: number) => count + 1,
      merge: (earlier: number, later: number) => earlier + later,
    };
    return this.#table('KSTREAM-AGGREGATE-', name, { value: countSerde, ...options }, aggregation);
  }

  reduce(
    name: string,
    combine: (aggregate: V, value: V) => V,
    materialized: Materialized<K, V>,
  ): KTable<Windowed<K, SessionWindow>, V> {
    const aggregation = { first: (value: V) => value, add: combine, merge: combine };
    return this.#table('KSTREAM-REDUCE-', name, materialized, aggregation);
  }

  aggregate<Agg>(
    name: string,
    options: Materialized<K, Agg> & {
      readonly initial: () => Agg;
      readonly add: (aggregate: Agg, value: V, key: K) => Agg;
      readonly merge: (earlier: Agg, later: Agg, key: K) => Agg;
    },
  ): KTable<Windowed<K, SessionWindow>, Agg> {
    const { initial, add, merge } = options;
    const first = (value: V, key: K) => add(initial(), value, key);
    return this.#table('KSTREAM-AGGREGATE-', name, options, { first, add, merge });
  }

  #table<Agg>(
    prefix: string,
    name: string,
    { key = this.#grouping.key, value, caching }: Materialized<K, Agg>,
    aggregation: Aggregation<K, V, Agg>,
  ): KTable<Windowed<K, SessionWindow>, Agg> {
    const windows = this.#windows;
    this.#grouping.graph.sessionStore(name, { key, value, caching }, windows);
    return this.#grouping.table<Windowed<K, SessionWindow>, Agg>({
      prefix,
      name,
      operator: (old) =>
        sessionAggregate({ store: name, windows, ...aggregation }, old) as AnyOperator,
      key: key && sessionWindowedSerde(key),
      value,
      view: sessionStoreView(name),
    });
  }
}
