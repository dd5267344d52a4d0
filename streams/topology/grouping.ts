/** Records grouped by key, before they are aggregated: what every kind of aggregate begins with. */
import type { OldValues } from '../operators/change.ts';
import type { TableView } from '../operators/table-view.ts';
import type { Serde } from '../serde.ts';
import { DslTable } from './dsl-table.ts';
import type { KTable } from './kstream.ts';
import { repartitionStream } from './repartition.ts';
import type { StreamState } from './stream-state.ts';
import type { AnyOperator } from './topology-graph.ts';

export interface GroupedState<K, V> extends StreamState<K, V> {
  /** Names the repartition topic. */
  readonly name: string;
  readonly partitions: number | undefined;
}

/** What the records of a group are after the repartition, if they need one. */
export class Grouping<K, V> {
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
