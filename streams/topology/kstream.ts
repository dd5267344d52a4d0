/**
 * The DSL as its user sees it. Names and semantics are Kafka Streams'; see its documentation for
 * KStream, KTable, KGroupedStream, KGroupedTable, TimeWindowedKStream.
 *
 * A stateful operator takes its name first, because the name is part of its changelog and
 * repartition topics. A stateless one may be named in its last argument.
 */
import type {
  GlobalTable,
  GlobalTables,
  ProcessOptions,
  ProcessValuesOptions,
  StoreDefinitions,
} from '../processor.ts';
import type { StreamRecord } from '../record.ts';
import type { Serde } from '../serde.ts';
import type { TimeWindows, Windowed } from '../windows/time-windows.ts';
import type { WritableTopic } from './topic.ts';

export interface Named {
  readonly name?: string;
}

/** How the state of a table is kept. A serde left out is taken from upstream, else `build` fails. */
export interface Materialized<K, V> {
  readonly key?: Serde<K>;
  readonly value: Serde<V>;
}

export interface RepartitionOptions<K, V> {
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** @defaultValue the largest partition count upstream */
  readonly partitions?: number;
}

export interface Branches<K, V> {
  /** Takes the records that `when` accepts and no earlier branch took. */
  branch<Taken extends V>(
    name: string,
    when: (value: V, key: K) => value is Taken,
    then: (branch: KStream<K, Taken>) => void,
  ): Branches<K, V>;
  branch(
    name: string,
    when: (value: V, key: K) => boolean,
    then: (branch: KStream<K, V>) => void,
  ): Branches<K, V>;
  /** Takes what is left. Without it, what is left is dropped. */
  otherwise(name: string, then: (branch: KStream<K, V>) => void): void;
}

export interface KStream<K, V> {
  filter<Kept extends V>(
    keep: (value: V, key: K) => value is Kept,
    named?: Named,
  ): KStream<K, Kept>;
  filter(keep: (value: V, key: K) => boolean, named?: Named): KStream<K, V>;
  filterNot(drop: (value: V, key: K) => boolean, named?: Named): KStream<K, V>;
  map<KOut, VOut>(
    map: (record: StreamRecord<K, V>) => { readonly key: KOut; readonly value: VOut },
    named?: Named,
  ): KStream<KOut, VOut>;
  mapValues<VOut>(map: (value: V, key: K) => VOut, named?: Named): KStream<K, VOut>;
  flatMap<KOut, VOut>(
    map: (record: StreamRecord<K, V>) => Iterable<{ readonly key: KOut; readonly value: VOut }>,
    named?: Named,
  ): KStream<KOut, VOut>;
  flatMapValues<VOut>(map: (value: V, key: K) => Iterable<VOut>, named?: Named): KStream<K, VOut>;
  selectKey<KOut>(key: (value: V, key: K) => KOut, named?: Named): KStream<KOut, V>;
  peek(look: (record: StreamRecord<K, V>) => void, named?: Named): KStream<K, V>;
  merge<VOther>(other: KStream<K, VOther>, named?: Named): KStream<K, V | VOther>;
  split(named?: Named): Branches<K, V>;

  /** Groups by the current key; records without a value are dropped. Repartitions under `name` when the key was changed upstream. */
  groupByKey(
    name: string,
    serdes?: RepartitionOptions<K, NonNullable<V>>,
  ): KGroupedStream<K, NonNullable<V>>;
  /** Groups by another key: always repartitions, under `name`. */
  groupBy<KOut>(
    name: string,
    key: (value: V, key: K) => KOut,
    serdes: RepartitionOptions<KOut, NonNullable<V>>,
  ): KGroupedStream<KOut, NonNullable<V>>;

  /** Stream-table join: the table as it is when the record arrives. Inner. */
  join<VTable, VOut>(
    table: KTable<K, VTable>,
    join: (value: V, tableValue: VTable, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut>;
  leftJoin<VTable, VOut>(
    table: KTable<K, VTable>,
    join: (value: V, tableValue: VTable | undefined, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut>;
  joinGlobal<KTable, VTable, VOut>(
    table: GlobalTable<KTable, VTable>,
    by: (value: V, key: K) => KTable,
    join: (value: V, tableValue: VTable, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut>;
  leftJoinGlobal<KTable, VTable, VOut>(
    table: GlobalTable<KTable, VTable>,
    by: (value: V, key: K) => KTable,
    join: (value: V, tableValue: VTable | undefined, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut>;

  process<KOut, VOut, S extends StoreDefinitions = {}, G extends GlobalTables = {}>(
    name: string,
    options: ProcessOptions<K, V, KOut, VOut, S, G>,
  ): KStream<KOut, VOut>;
  processValues<VOut, S extends StoreDefinitions = {}, G extends GlobalTables = {}>(
    name: string,
    options: ProcessValuesOptions<K, V, VOut, S, G>,
  ): KStream<K, VOut>;

  repartition(name: string, options: RepartitionOptions<K, V>): KStream<K, V>;
  /** `null` and `undefined` are written as tombstones. */
  to(topic: WritableTopic<K, NonNullable<V>>, named?: Named): void;
  /** `null` and `undefined` values delete their key. */
  toTable(name: string, materialized: Materialized<K, NonNullable<V>>): KTable<K, NonNullable<V>>;
}

export interface KGroupedStream<K, V> {
  count(name: string): KTable<K, number>;
  reduce(
    name: string,
    reduce: (aggregate: V, value: V) => V,
    materialized: Materialized<K, V>,
  ): KTable<K, V>;
  aggregate<Agg>(
    name: string,
    options: Materialized<K, Agg> & {
      readonly initial: () => Agg;
      readonly add: (aggregate: Agg, value: V, key: K) => Agg;
    },
  ): KTable<K, Agg>;
  windowedBy(windows: TimeWindows): TimeWindowedKStream<K, V>;
}

export interface TimeWindowedKStream<K, V> {
  count(name: string): KTable<Windowed<K>, number>;
  reduce(
    name: string,
    reduce: (aggregate: V, value: V) => V,
    materialized: Materialized<K, V>,
  ): KTable<Windowed<K>, V>;
  aggregate<Agg>(
    name: string,
    options: Materialized<K, Agg> & {
      readonly initial: () => Agg;
      readonly add: (aggregate: Agg, value: V, key: K) => Agg;
    },
  ): KTable<Windowed<K>, Agg>;
}

export interface KTable<K, V> {
  filter(keep: (value: V, key: K) => boolean, named?: Named): KTable<K, V>;
  mapValues<VOut>(map: (value: V, key: K) => VOut, named?: Named): KTable<K, VOut>;
  join<VOther, VOut>(
    other: KTable<K, VOther>,
    join: (value: V, other: VOther) => VOut,
    named?: Named,
  ): KTable<K, VOut>;
  leftJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    join: (value: V, other: VOther | undefined) => VOut,
    named?: Named,
  ): KTable<K, VOut>;
  outerJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    join: (value: V | undefined, other: VOther | undefined) => VOut,
    named?: Named,
  ): KTable<K, VOut>;
  /** Groups by another key; an update leaves its old group before it enters the new one. */
  groupBy<KOut, VOut>(
    name: string,
    map: (record: { readonly key: K; readonly value: V }) => {
      readonly key: KOut;
      readonly value: VOut;
    },
    serdes: RepartitionOptions<KOut, VOut>,
  ): KGroupedTable<KOut, VOut>;
  /** The updates as a stream; `undefined` is a deletion. */
  toStream(named?: Named): KStream<K, V | undefined>;
}

export interface KGroupedTable<K, V> {
  count(name: string): KTable<K, number>;
  aggregate<Agg>(
    name: string,
    options: Materialized<K, Agg> & {
      readonly initial: () => Agg;
      readonly add: (aggregate: Agg, value: V, key: K) => Agg;
      readonly subtract: (aggregate: Agg, value: V, key: K) => Agg;
    },
  ): KTable<K, Agg>;
}
