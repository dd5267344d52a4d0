/** KTable, as nodes of a graph, and the ways into and out of tables. */
import { aggregateTable } from '../operators/aggregate-table.ts';
import type { OldValues } from '../operators/change.ts';
import { changeSerde } from '../operators/change-serde.ts';
import { joinStreamTable } from '../operators/join-stream-table.ts';
import { type JoinKind, joinRows, joinTables } from '../operators/join-tables.ts';
import { passThrough } from '../operators/pass-through.ts';
import { regroupTable } from '../operators/regroup-table.ts';
import { tableFilter } from '../operators/table-filter.ts';
import { tableMapValues } from '../operators/table-map-values.ts';
import { tableSource } from '../operators/table-source.ts';
import { derivedView, joinedView, storeView } from '../operators/table-view.ts';
import { toStream } from '../operators/to-stream.ts';
import type { Serde } from '../serde.ts';
import { countSerde } from '../state/count-serde.ts';
import type {
  Caching,
  KGroupedTable,
  KStream,
  KTable,
  Materialized,
  Named,
  RepartitionOptions,
} from './kstream.ts';
import { repartitionStream } from './repartition.ts';
import type { OpenStream, StreamState } from './stream-state.ts';
import type { TableState } from './table-state.ts';
import type { Topic } from './topic.ts';
import { type AnyOperator, type TopologyGraph, topicUse } from './topology-graph.ts';

export class DslTable<K, V> implements KTable<K, V> {
  readonly state: TableState<K, V>;

  constructor(state: TableState<K, V>) {
    this.state = state;
  }

  filter(keep: (value: V, key: K) => boolean, named?: Named): KTable<K, V> {
    const { graph, node: parent, view, sendOldValues } = this.state;
    const old: OldValues = { needed: false };
    const node = graph.name('KTABLE-FILTER-', named?.name);
    graph.processor(node, [parent], tableFilter(keep, old) as AnyOperator);
    return new DslTable<K, V>({
      ...this.state,
      node,
      view: derivedView(view, (value, key) => (keep(value, key) ? value : undefined)),
      sendOldValues: () => needed(old, sendOldValues),
    });
  }

  mapValues<VOut>(map: (value: V, key: K) => VOut, named?: Named): KTable<K, VOut> {
    const { graph, node: parent, view, sendOldValues } = this.state;
    const old: OldValues = { needed: false };
    const node = graph.name('KTABLE-MAPVALUES-', named?.name);
    graph.processor(node, [parent], tableMapValues(map, old) as AnyOperator);
    return new DslTable<K, VOut>({
      ...this.state,
      node,
      value: undefined,
      view: derivedView(view, map),
      sendOldValues: () => needed(old, sendOldValues),
    });
  }

  join<VOther, VOut>(
    other: KTable<K, VOther>,
    join: (value: V, other: VOther) => VOut,
    named?: Named,
  ): KTable<K, VOut> {
    return this.#join('inner', other, join as never, named);
  }

  leftJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    join: (value: V, other: VOther | undefined) => VOut,
    named?: Named,
  ): KTable<K, VOut> {
    return this.#join('left', other, join as never, named);
  }

  outerJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    join: (value: V | undefined, other: VOther | undefined) => VOut,
    named?: Named,
  ): KTable<K, VOut> {
    return this.#join('outer', other, join, named);
  }

  groupBy<KOut, VOut>(
    name: string,
    map: (record: { readonly key: K; readonly value: V }) => {
      readonly key: KOut;
      readonly value: VOut;
    },
    serdes: RepartitionOptions<KOut, VOut>,
  ): KGroupedTable<KOut, VOut> {
    return new DslGroupedTable({ table: this.state, name, map, ...serdes });
  }

  toStream(named?: Named): KStream<K, V | undefined> {
    const { graph, node: parent, sources, key, value, openStream } = this.state;
    const node = graph.name('KTABLE-TOSTREAM-', named?.name);
    graph.processor(node, [parent], toStream());
    const serde = value as Serde<V | undefined> | undefined;
    return openStream<K, V | undefined>({
      graph,
      node,
      sources,
      key,
      value: serde,
      rekeyed: false,
      open: openStream,
    });
  }

  #join<VOther, VOut>(
    kind: JoinKind,
    that: KTable<K, VOther>,
    join: (value: V | undefined, other: VOther | undefined) => VOut,
    named: Named | undefined,
  ): KTable<K, VOut> {
    const left = this.state;
    const right = (that as DslTable<K, VOther>).state;
    const { graph } = left;
    const name = graph.name('KTABLE-MERGE-', named?.name);
    const leftNode = graph.name('KTABLE-JOINTHIS-', named?.name && `${name}-join-this`);
    const rightNode = graph.name('KTABLE-JOINOTHER-', named?.name && `${name}-join-other`);
    const rows = joinRows(kind, join);
    const old: OldValues = { needed: false };
    // An outer side must know whether a deleted row was ever there.
    if (kind !== 'inner') left.sendOldValues();
    if (kind === 'outer') right.sendOldValues();
    const fromLeft = joinTables<K, V, VOther, VOut>(
      { other: right.view, join: rows, otherOptional: kind !== 'inner' },
      old,
    );
    const fromRight = joinTables<K, VOther, V, VOut>(
      {
        other: left.view,
        join: (other, value) => rows(value, other),
        otherOptional: kind === 'outer',
      },
      old,
    );
    graph.processor(leftNode, [left.node], fromLeft as AnyOperator, right.view);
    graph.processor(rightNode, [right.node], fromRight as AnyOperator, left.view);
    graph.processor(name, [leftNode, rightNode], passThrough());
    graph.copartitions.push({ by: name, sources: [...left.sources, ...right.sources] });
    for (const store of [...left.view.stores, ...right.view.stores]) graph.joinedStores.add(store);
    return new DslTable<K, VOut>({
      graph,
      node: name,
      sources: [...new Set([...left.sources, ...right.sources])],
      key: left.key ?? right.key,
      value: undefined,
      view: joinedView(left.view, right.view, rows),
      sendOldValues: () => {
        old.needed = true;
        left.sendOldValues();
        right.sendOldValues();
      },
      openStream: left.openStream,
    });
  }
}

interface Grouped<KIn, VIn, K, V> {
  readonly table: TableState<KIn, VIn>;
  readonly name: string;
  readonly map: (record: { readonly key: KIn; readonly value: VIn }) => {
    readonly key: K;
    readonly value: V;
  };
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  readonly partitions?: number;
}

class DslGroupedTable<KIn, VIn, K, V> implements KGroupedTable<K, V> {
  readonly #grouped: Grouped<KIn, VIn, K, V>;
  readonly #select: string;
  #source: string | undefined;

  constructor(grouped: Grouped<KIn, VIn, K, V>) {
    const { table, name, map, key } = grouped;
    this.#grouped = grouped;
    this.#select = table.graph.name('KTABLE-SELECT-', `${name}-select-key`);
    table.sendOldValues();
    table.graph.processor(this.#select, [table.node], regroupTable(map, key) as AnyOperator);
  }

  count(name: string, options?: Caching): KTable<K, number> {
    return this.aggregate(name, {
      ...options,
      value: countSerde,
      initial: () => 0,
      add: (count) => count + 1,
      subtract: (count) => count - 1,
    });
  }

  aggregate<Agg>(
    name: string,
    options: Materialized<K, Agg> & {
      readonly initial: () => Agg;
      readonly add: (aggregate: Agg, value: V, key: K) => Agg;
      readonly subtract: (aggregate: Agg, value: V, key: K) => Agg;
    },
  ): KTable<K, Agg> {
    const { graph, openStream } = this.#grouped.table;
    const source = this.#repartitioned();
    const { value, initial, add, subtract, caching } = options;
    const key = options.key ?? this.#grouped.key;
    const old: OldValues = { needed: false };
    graph.name('KTABLE-AGGREGATE-');
    graph.tableStore(name, { key, value, caching });
    const operator = aggregateTable<K, V, Agg>({ store: name, initial, add, subtract }, old);
    graph.processor(name, [source], operator as AnyOperator, { stores: [name] });
    return new DslTable<K, Agg>({
      graph,
      node: name,
      sources: [source],
      key,
      value,
      view: storeView(name),
      sendOldValues: () => needed(old, () => {}),
      openStream,
    });
  }

  /** Several aggregates of one grouping share its repartition topic. */
  #repartitioned(): string {
    if (this.#source !== undefined) return this.#source;
    const { table, name, key, value, partitions } = this.#grouped;
    const { graph, sources } = table;
    const topic = `${name}-repartition`;
    const names = {
      sink: graph.name('KSTREAM-SINK-', `${topic}-sink`),
      source: graph.name('KSTREAM-SOURCE-', `${topic}-source`),
    };
    this.#source = graph.repartition(
      name,
      { node: this.#select, sources },
      {
        key: key as Serde<unknown>,
        value: changeSerde(value) as Serde<unknown>,
        partitions,
        names,
      },
    );
    return this.#source;
  }
}

/** Turns on a table's own switch and that of its parent. */
function needed(old: OldValues, sendOldValues: () => void): void {
  old.needed = true;
  sendOldValues();
}

/** A table that is read from a topic. */
export function sourceTable<K, V>(from: {
  readonly graph: TopologyGraph;
  readonly topic: Topic<K, V>;
  readonly name: string;
  readonly caching: boolean | undefined;
  readonly openStream: OpenStream;
}): KTable<K, V> {
  const { graph, topic, name, caching, openStream } = from;
  const source = graph.name('KSTREAM-SOURCE-', `${name}-source`);
  graph.name('KTABLE-SOURCE-');
  graph.source(source, topicUse(topic), topic.key, topic.value);
  const { key, value } = topic;
  const sources = [source];
  return materialize({ graph, node: source, sources, name, key, value, caching, openStream });
}

/** Keeps a stream's latest values, after a repartition when its keys were changed. */
export function streamToTable<K, V>(
  stream: StreamState<K, V>,
  name: string,
  materialized: Materialized<K, NonNullable<V>>,
): KTable<K, NonNullable<V>> {
  const { graph } = stream;
  graph.name('KSTREAM-TOTABLE-');
  const key = materialized.key ?? stream.key;
  const { value, caching } = materialized;
  const { node, sources } = stream.rekeyed
    ? repartitionStream(stream, name, { key, value: value as Serde<V>, withoutKey: 'dropped' })
    : stream;
  const openStream = stream.open;
  return materialize({ graph, node, sources, name, key, value, caching, openStream });
}

function materialize<K, V>(from: {
  readonly graph: TopologyGraph;
  readonly node: string;
  readonly sources: readonly string[];
  readonly name: string;
  readonly key: Serde<K> | undefined;
  readonly value: Serde<V>;
  readonly caching: boolean | undefined;
  readonly openStream: OpenStream;
}): KTable<K, V> {
  const { graph, node, sources, name, key, value, caching, openStream } = from;
  const old: OldValues = { needed: false };
  graph.tableStore(name, { key, value, caching });
  graph.processor(name, [node], tableSource(name, old) as AnyOperator, { stores: [name] });
  return new DslTable<K, V>({
    graph,
    node: name,
    sources,
    key,
    value,
    view: storeView(name),
    sendOldValues: () => needed(old, () => {}),
    openStream,
  });
}

/** The state of the stream that joins each record with the row of its key. */
export function joinWithTable<K, V, VTable, VOut>(
  stream: StreamState<K, V>,
  table: KTable<K, VTable>,
  join: (value: V, tableValue: VTable | undefined, key: K) => VOut,
  left: boolean,
  named: Named | undefined,
): StreamState<K, VOut> {
  const { graph } = stream;
  const that = (table as DslTable<K, VTable>).state;
  const key = stream.key ?? that.key;
  const { value } = stream;
  const prefix = left ? 'KSTREAM-LEFTJOIN-' : 'KSTREAM-JOIN-';
  const ready = stream.rekeyed
    ? repartitionStream(stream, named?.name ?? stream.node, {
        key,
        value,
        withoutKey: left ? 'kept' : 'dropped',
      })
    : stream;
  const node = graph.name(prefix, named?.name);
  const operator = joinStreamTable<K, V, VTable, VOut>({ table: that.view, join, left });
  graph.processor(node, [ready.node], operator as AnyOperator, that.view);
  const sources = [...new Set([...ready.sources, ...that.sources])];
  graph.copartitions.push({ by: node, sources });
  return { ...stream, node, sources, key, value: undefined, rekeyed: false };
}
