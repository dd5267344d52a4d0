/** KStream, as nodes of a graph. Nothing runs here: each method adds a node and goes on from it. */
import { filter } from '../operators/filter.ts';
import { flatMap } from '../operators/flat-map.ts';
import { flatMapValues } from '../operators/flat-map-values.ts';
import { joinStreamGlobalTable } from '../operators/join-stream-global-table.ts';
import type { JoinKind } from '../operators/join-tables.ts';
import { map } from '../operators/map.ts';
import { mapValues } from '../operators/map-values.ts';
import { passThrough } from '../operators/pass-through.ts';
import { peek } from '../operators/peek.ts';
import { process, processValues } from '../operators/process.ts';
import { selectKey } from '../operators/select-key.ts';
import type {
  GlobalTable,
  GlobalTables,
  Operator,
  ProcessOptions,
  ProcessValuesOptions,
  StoreDefinitions,
} from '../processor.ts';
import type { StreamRecord } from '../record.ts';
import type { Serde } from '../serde.ts';
import { DslBranches } from './dsl-branches.ts';
import { DslGroupedStream } from './dsl-grouped-stream.ts';
import { type JoinedStreams, joinedStreams } from './dsl-stream-join.ts';
import { joinWithTable, streamToTable } from './dsl-table.ts';
import type {
  Branches,
  KGroupedStream,
  KStream,
  KTable,
  Materialized,
  Named,
  RepartitionOptions,
} from './kstream.ts';
import { declareUses } from './processor-uses.ts';
import { repartitionStream } from './repartition.ts';
import type { StreamJoined } from './stream-joined.ts';
import type { StreamState } from './stream-state.ts';
import type { WritableTopic } from './topic.ts';
import { type AnyOperator, topicUse } from './topology-graph.ts';

export class DslStream<K, V> implements KStream<K, V> {
  readonly state: StreamState<K, V>;

  constructor(state: StreamState<K, V>) {
    this.state = state;
  }

  filter<Kept extends V>(
    keep: (value: V, key: K) => value is Kept,
    named?: Named,
  ): KStream<K, Kept>;
  filter(keep: (value: V, key: K) => boolean, named?: Named): KStream<K, V>;
  filter(keep: (value: V, key: K) => boolean, named?: Named): KStream<K, V> {
    return new DslStream({
      ...this.state,
      node: this.#add('KSTREAM-FILTER-', filter(keep), named),
    });
  }

  filterNot(drop: (value: V, key: K) => boolean, named?: Named): KStream<K, V> {
    const keep = (value: V, key: K) => !drop(value, key);
    return new DslStream({
      ...this.state,
      node: this.#add('KSTREAM-FILTER-', filter(keep), named),
    });
  }

  map<KOut, VOut>(
    to: (record: StreamRecord<K, V>) => { readonly key: KOut; readonly value: VOut },
    named?: Named,
  ): KStream<KOut, VOut> {
    return this.#rekeyed(this.#add('KSTREAM-MAP-', map(to), named));
  }

  mapValues<VOut>(to: (value: V, key: K) => VOut, named?: Named): KStream<K, VOut> {
    return this.#revalued(this.#add('KSTREAM-MAPVALUES-', mapValues(to), named));
  }

  flatMap<KOut, VOut>(
    to: (record: StreamRecord<K, V>) => Iterable<{ readonly key: KOut; readonly value: VOut }>,
    named?: Named,
  ): KStream<KOut, VOut> {
    return this.#rekeyed(this.#add('KSTREAM-FLATMAP-', flatMap(to), named));
  }

  flatMapValues<VOut>(to: (value: V, key: K) => Iterable<VOut>, named?: Named): KStream<K, VOut> {
    return this.#revalued(this.#add('KSTREAM-FLATMAPVALUES-', flatMapValues(to), named));
  }

  selectKey<KOut>(key: (value: V, key: K) => KOut, named?: Named): KStream<KOut, V> {
    const node = this.#add('KSTREAM-KEY-SELECT-', selectKey(key), named);
    return new DslStream({ ...this.state, node, key: undefined, rekeyed: true });
  }

  peek(look: (record: StreamRecord<K, V>) => void, named?: Named): KStream<K, V> {
    return new DslStream({ ...this.state, node: this.#add('KSTREAM-PEEK-', peek(look), named) });
  }

  merge<VOther>(other: KStream<K, VOther>, named?: Named): KStream<K, V | VOther> {
    const { graph, node, sources, key, value, rekeyed, open } = this.state;
    const that = (other as DslStream<K, VOther>).state;
    const merged = graph.name('KSTREAM-MERGE-', named?.name);
    graph.processor(merged, [node, that.node], passThrough());
    return new DslStream<K, V | VOther>({
      graph,
      node: merged,
      sources: [...new Set([...sources, ...that.sources])],
      key: key === that.key ? key : undefined,
      value:
        (value as unknown) === that.value ? (value as Serde<V | VOther> | undefined) : undefined,
      rekeyed: rekeyed || that.rekeyed,
      open,
    });
  }

  split(named?: Named): Branches<K, V> {
    return new DslBranches(this.state, named?.name);
  }

  groupByKey(
    name: string,
    serdes?: RepartitionOptions<K, NonNullable<V>>,
  ): KGroupedStream<K, NonNullable<V>> {
    const { key, value } = this.state;
    return new DslGroupedStream<K, NonNullable<V>>({
      ...this.state,
      key: serdes?.key ?? key,
      value: serdes?.value ?? (value as Serde<NonNullable<V>> | undefined),
      name,
      partitions: serdes?.partitions,
    });
  }

  groupBy<KOut>(
    name: string,
    key: (value: V, key: K) => KOut,
    serdes: RepartitionOptions<KOut, NonNullable<V>>,
  ): KGroupedStream<KOut, NonNullable<V>> {
    return this.selectKey(key, { name: `${name}-select-key` }).groupByKey(name, serdes);
  }

  join<VTable, VOut>(
    table: KTable<K, VTable>,
    join: (value: V, tableValue: VTable, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut> {
    const whenFound = join as (value: V, tableValue: VTable | undefined, key: K) => VOut;
    return new DslStream(joinWithTable(this.state, table, whenFound, false, named));
  }

  leftJoin<VTable, VOut>(
    table: KTable<K, VTable>,
    join: (value: V, tableValue: VTable | undefined, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut> {
    return new DslStream(joinWithTable(this.state, table, join, true, named));
  }

  joinGlobal<KTable, VTable, VOut>(
    table: GlobalTable<KTable, VTable>,
    by: (value: V, key: K) => KTable,
    join: (value: V, tableValue: VTable, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut> {
    const whenFound = join as (value: V, tableValue: VTable | undefined, key: K) => VOut;
    const options = { table: table.name, keyOf: by, join: whenFound, left: false };
    const operator = joinStreamGlobalTable<K, V, KTable, VTable, VOut>(options);
    return this.#revalued(this.#add('KSTREAM-JOIN-', operator, named, [table.name]));
  }

  leftJoinGlobal<KTable, VTable, VOut>(
    table: GlobalTable<KTable, VTable>,
    by: (value: V, key: K) => KTable,
    join: (value: V, tableValue: VTable | undefined, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut> {
    const options = { table: table.name, keyOf: by, join, left: true };
    const operator = joinStreamGlobalTable<K, V, KTable, VTable, VOut>(options);
    return this.#revalued(this.#add('KSTREAM-LEFTJOIN-', operator, named, [table.name]));
  }

  joinStream<VOther, VOut>(
    name: string,
    other: KStream<K, VOther>,
    options: StreamJoined<K, V, VOther> & {
      readonly join: (value: NonNullable<V>, other: NonNullable<VOther>, key: K) => VOut;
    },
  ): KStream<K, VOut> {
    return this.#joinStream('inner', name, other, { ...options, join: options.join as never });
  }

  leftJoinStream<VOther, VOut>(
    name: string,
    other: KStream<K, VOther>,
    options: StreamJoined<K, V, VOther> & {
      readonly join: (
        value: NonNullable<V>,
        other: NonNullable<VOther> | undefined,
        key: K,
      ) => VOut;
    },
  ): KStream<K, VOut> {
    return this.#joinStream('left', name, other, { ...options, join: options.join as never });
  }

  outerJoinStream<VOther, VOut>(
    name: string,
    other: KStream<K, VOther>,
    options: StreamJoined<K, V, VOther> & {
      readonly join: (
        value: NonNullable<V> | undefined,
        other: NonNullable<VOther> | undefined,
        key: K,
      ) => VOut;
    },
  ): KStream<K, VOut> {
    return this.#joinStream('outer', name, other, options);
  }

  process<KOut, VOut, S extends StoreDefinitions = {}, G extends GlobalTables = {}>(
    name: string,
    options: ProcessOptions<K, V, KOut, VOut, S, G>,
  ): KStream<KOut, VOut> {
    const { graph, node } = this.state;
    graph.name('KSTREAM-PROCESSOR-');
    const uses = declareUses(graph, name, options);
    for (const { everyMs } of options.punctuators ?? []) {
      if (Number.isSafeInteger(everyMs) && everyMs > 0) continue;
      const fault = `a punctuator of '${name}' is called every ${everyMs} ms: give whole milliseconds`;
      graph.faults.push(`${fault} above 0`);
    }
    graph.processor(name, [node], process(options) as AnyOperator, uses);
    return this.#rekeyed(name);
  }

  processValues<VOut, S extends StoreDefinitions = {}, G extends GlobalTables = {}>(
    name: string,
    options: ProcessValuesOptions<K, V, VOut, S, G>,
  ): KStream<K, VOut> {
    const { graph, node } = this.state;
    graph.name('KSTREAM-PROCESSVALUES-');
    const uses = declareUses(graph, name, options);
    graph.processor(name, [node], processValues(options) as AnyOperator, uses);
    return this.#revalued(name);
  }

  repartition(name: string, options: RepartitionOptions<K, V>): KStream<K, V> {
    return new DslStream(repartitionStream(this.state, name, { ...options, withoutKey: 'kept' }));
  }

  to(topic: WritableTopic<K, NonNullable<V>>, named?: Named): void {
    const { graph, node } = this.state;
    const name = graph.name('KSTREAM-SINK-', named?.name);
    graph.sink(name, [node], topicUse(topic), topic.key, topic.value);
  }

  toTable(name: string, materialized: Materialized<K, NonNullable<V>>): KTable<K, NonNullable<V>> {
    return streamToTable(this.state, name, materialized);
  }

  #joinStream<VOther, VOut>(
    kind: JoinKind,
    name: string,
    other: KStream<K, VOther>,
    options: Omit<JoinedStreams<K, V, VOther, VOut>, 'kind'>,
  ): KStream<K, VOut> {
    const that = (other as DslStream<K, VOther>).state;
    return new DslStream(joinedStreams(name, this.state, that, { ...options, kind }));
  }

  #add<KOut, VOut>(
    prefix: string,
    operator: Operator<K, V, KOut, VOut>,
    named: Named | undefined,
    globalTables: readonly string[] = [],
  ): string {
    const { graph, node } = this.state;
    const name = graph.name(prefix, named?.name);
    graph.processor(name, [node], operator as AnyOperator, { globalTables });
    return name;
  }

  #revalued<VOut>(node: string): KStream<K, VOut> {
    return new DslStream<K, VOut>({ ...this.state, node, value: undefined });
  }

  #rekeyed<KOut, VOut>(node: string): KStream<KOut, VOut> {
    const { graph, sources, open } = this.state;
    return new DslStream<KOut, VOut>({
      graph,
      node,
      sources,
      key: undefined,
      value: undefined,
      rekeyed: true,
      open,
    });
  }
}
