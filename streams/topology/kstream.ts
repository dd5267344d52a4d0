/**
 * The DSL as its user sees it. Names and semantics are Kafka Streams'; see its documentation for
 * KStream, KTable, KGroupedStream, KGroupedTable, TimeWindowedKStream, SessionWindowedKStream.
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
import type { SessionWindow, SessionWindows } from '../windows/session-windows.ts';
import type { TimeWindows, Windowed } from '../windows/time-windows.ts';
import type { StreamJoined } from './stream-joined.ts';
import type { WritableTopic } from './topic.ts';

/**
 * Names a stateless operator; a name is a letter, digit, `.`, `_` or `-`, and used once in a
 * topology.
 */
export interface Named {
  /**
   * @defaultValue numbered as Kafka Streams numbers it, for instance `KSTREAM-FILTER-0000000001`
   */
  readonly name?: string;
}

/** Whether the updates of a table may be held back. */
export interface Caching {
  /**
   * Of several updates of one key within a commit, only the newest goes on, with the old value as of
   * the last one that did. `false`: every update goes on at once, as when
   * `StreamsConfig#cacheMaxBytes` is 0 or a table is joined with this one.
   *
   * @defaultValue true
   * @see Materialized#withCachingDisabled
   */
  readonly caching?: boolean;
}

/**
 * How the state of a table is kept. A serde left out is taken from upstream, else `build` fails.
 */
export interface Materialized<K, V> extends Caching {
  readonly key?: Serde<K>;
  readonly value: Serde<V>;
}

/** How records are written to a repartition topic, and into how many partitions. */
export interface RepartitionOptions<K, V> {
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** @defaultValue the largest partition count upstream */
  readonly partitions?: number;
}

/** The branches of a split, in the order in which they are asked. @see BranchedKStream */
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

/**
 * Records one after the other, each for itself.
 *
 * A function given to an operator must be pure: a record is processed again when its task fails
 * before the next commit. What it throws sends the record to the dead letters; nothing of the
 * record remains. Timestamp and headers travel on unless an operator says otherwise. @see KStream
 */
export interface KStream<K, V> {
  /** Forwards the records that `keep` accepts. */
  filter<Kept extends V>(
    keep: (value: V, key: K) => value is Kept,
    named?: Named,
  ): KStream<K, Kept>;
  filter(keep: (value: V, key: K) => boolean, named?: Named): KStream<K, V>;
  /** Forwards the records that `drop` does not accept. */
  filterNot(drop: (value: V, key: K) => boolean, named?: Named): KStream<K, V>;
  /**
   * Another key and value for each record. What groups, joins or makes a table of it repartitions
   * first.
   */
  map<KOut, VOut>(
    map: (record: StreamRecord<K, V>) => { readonly key: KOut; readonly value: VOut },
    named?: Named,
  ): KStream<KOut, VOut>;
  /** Another value under the same key: nothing is repartitioned because of it. */
  mapValues<VOut>(map: (value: V, key: K) => VOut, named?: Named): KStream<K, VOut>;
  /** Any number of records for each, under new keys. */
  flatMap<KOut, VOut>(
    map: (record: StreamRecord<K, V>) => Iterable<{ readonly key: KOut; readonly value: VOut }>,
    named?: Named,
  ): KStream<KOut, VOut>;
  /** Any number of records for each, under its key. */
  flatMapValues<VOut>(map: (value: V, key: K) => Iterable<VOut>, named?: Named): KStream<K, VOut>;
  /** The same value under another key. */
  selectKey<KOut>(key: (value: V, key: K) => KOut, named?: Named): KStream<KOut, V>;
  /**
   * Looks at each record and forwards it as it is; more than once when a commit has to be repeated.
   */
  peek(look: (record: StreamRecord<K, V>) => void, named?: Named): KStream<K, V>;
  /** The records of both, each stream in its order, without an order between them. */
  merge<VOther>(other: KStream<K, VOther>, named?: Named): KStream<K, V | VOther>;
  /** Sends each record to the first branch that accepts it. */
  split(named?: Named): Branches<K, V>;

  /**
   * Groups by the current key; records without a value are dropped. Repartitions under `name` when
   * the key was changed upstream.
   */
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

  /**
   * Joins each record with the row of its key as it is when the record is processed; a record
   * without a row is left out, an update of the table brings forth nothing. Both sides are read in
   * the order of event time, and need equally many partitions; a changed key is repartitioned under
   * `named`.
   */
  join<VTable, VOut>(
    table: KTable<K, VTable>,
    join: (value: V, tableValue: VTable, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut>;
  /** As `join`; a record without a row is joined with `undefined`. */
  leftJoin<VTable, VOut>(
    table: KTable<K, VTable>,
    join: (value: V, tableValue: VTable | undefined, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut>;
  /**
   * Joins each record with the row that `by` names, whatever its partition; without one it is left
   * out.
   */
  joinGlobal<KTable, VTable, VOut>(
    table: GlobalTable<KTable, VTable>,
    by: (value: V, key: K) => KTable,
    join: (value: V, tableValue: VTable, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut>;
  /** As `joinGlobal`; a record without a row, or for which `by` answers `undefined`, is kept. */
  leftJoinGlobal<KTable, VTable, VOut>(
    table: GlobalTable<KTable, VTable>,
    by: (value: V, key: K) => KTable,
    join: (value: V, tableValue: VTable | undefined, key: K) => VOut,
    named?: Named,
  ): KStream<K, VOut>;

  /**
   * Joins each record with those of the other stream with its key that are near enough in time,
   * under the later of both times; a record may be joined several times, or not at all. What has no
   * key or value is dropped. Both streams need equally many partitions; a changed key is
   * repartitioned under `name`.
   */
  joinStream<VOther, VOut>(
    name: string,
    other: KStream<K, VOther>,
    options: StreamJoined<K, V, VOther> & {
      readonly join: (value: NonNullable<V>, other: NonNullable<VOther>, key: K) => VOut;
    },
  ): KStream<K, VOut>;
  /**
   * As `joinStream`; a record that found no match comes out with `undefined` when its window
   * closes, under its own time and without headers. One without a key comes out at once.
   */
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
  ): KStream<K, VOut>;
  /** As `leftJoinStream`, for the records of both streams. */
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
  ): KStream<K, VOut>;

  /** A processor with stores and punctuators that forwards what it likes. @see KStream#process */
  process<KOut, VOut, S extends StoreDefinitions = {}, G extends GlobalTables = {}>(
    name: string,
    options: ProcessOptions<K, V, KOut, VOut, S, G>,
  ): KStream<KOut, VOut>;
  /** As `process`, under the same key: it answers with the values to forward. */
  processValues<VOut, S extends StoreDefinitions = {}, G extends GlobalTables = {}>(
    name: string,
    options: ProcessValuesOptions<K, V, VOut, S, G>,
  ): KStream<K, VOut>;

  /** Writes to `<applicationId>-<name>-repartition` and reads from there, by the current key. */
  repartition(name: string, options: RepartitionOptions<K, V>): KStream<K, V>;
  /** `null` and `undefined` are written as tombstones. */
  to(topic: WritableTopic<K, NonNullable<V>>, named?: Named): void;
  /**
   * The latest value of each key. `null` and `undefined` values delete their key. `name` names its
   * store.
   */
  toTable(name: string, materialized: Materialized<K, NonNullable<V>>): KTable<K, NonNullable<V>>;
}

/**
 * Records by key. Of the records of one key that are aggregated within a commit, the last value goes
 * on: see `Caching`. A record without key or value is dropped and counted. The first argument names
 * the store.
 */
export interface KGroupedStream<K, V> {
  /** How many records there were of each key. */
  count(name: string, options?: Caching): KTable<K, number>;
  /** Combines the values of each key; the first is taken as it is. */
  reduce(
    name: string,
    reduce: (aggregate: V, value: V) => V,
    materialized: Materialized<K, V>,
  ): KTable<K, V>;
  /**
   * One running value for each key, from `initial()` on. `add` answers with a new value, and
   * changes none.
   */
  aggregate<Agg>(
    name: string,
    options: Materialized<K, Agg> & {
      readonly initial: () => Agg;
      readonly add: (aggregate: Agg, value: V, key: K) => Agg;
    },
  ): KTable<K, Agg>;
  /**
   * The same for each window of event time. A record behind the grace is dropped and counted as
   * `late`.
   */
  windowedBy(windows: TimeWindows): TimeWindowedKStream<K, V>;
  /** The same for each session: records of a key that follow each other within a gap. */
  windowedBy(windows: SessionWindows): SessionWindowedKStream<K, V>;
}

/**
 * Records by key and window. Updates of a window go on as those of any table, none only when it
 * closes.
 */
export interface TimeWindowedKStream<K, V> {
  /** How many records there were of each key in each window. */
  count(name: string, options?: Caching): KTable<Windowed<K>, number>;
  /** Combines the values of each key and window. */
  reduce(
    name: string,
    reduce: (aggregate: V, value: V) => V,
    materialized: Materialized<K, V>,
  ): KTable<Windowed<K>, V>;
  /** One running value for each key and window. */
  aggregate<Agg>(
    name: string,
    options: Materialized<K, Agg> & {
      readonly initial: () => Agg;
      readonly add: (aggregate: Agg, value: V, key: K) => Agg;
    },
  ): KTable<Windowed<K>, Agg>;
}

/**
 * Records by key and session. A record that makes a session grow, or several become one, deletes
 * them and then forwards the new one; the time of an update is its session's end.
 */
export interface SessionWindowedKStream<K, V> {
  /** How many records there were of each key in each session. */
  count(name: string, options?: Caching): KTable<Windowed<K, SessionWindow>, number>;
  /** Combines the values of each key and session; `reduce` also combines two sessions' results. */
  reduce(
    name: string,
    reduce: (aggregate: V, value: V) => V,
    materialized: Materialized<K, V>,
  ): KTable<Windowed<K, SessionWindow>, V>;
  /**
   * One running value for each key and session. `merge` makes one of two sessions' values, the
   * earlier session's first; `initial()` must change nothing when it is merged.
   */
  aggregate<Agg>(
    name: string,
    options: Materialized<K, Agg> & {
      readonly initial: () => Agg;
      readonly add: (aggregate: Agg, value: V, key: K) => Agg;
      readonly merge: (earlier: Agg, later: Agg, key: K) => Agg;
    },
  ): KTable<Windowed<K, SessionWindow>, Agg>;
}

/** The latest value of each key, and its updates. `undefined` is no row. @see KTable */
export interface KTable<K, V> {
  /** The rows that `keep` accepts: one that is no longer accepted is deleted downstream. */
  filter(keep: (value: V, key: K) => boolean, named?: Named): KTable<K, V>;
  /** Another value for each row; a deletion stays one. */
  mapValues<VOut>(map: (value: V, key: K) => VOut, named?: Named): KTable<K, VOut>;
  /**
   * The rows that both tables have; an update of either joins again. Needs equally many partitions.
   */
  join<VOther, VOut>(
    other: KTable<K, VOther>,
    join: (value: V, other: VOther) => VOut,
    named?: Named,
  ): KTable<K, VOut>;
  /** Every row of this table, with `undefined` where the other has none. */
  leftJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    join: (value: V, other: VOther | undefined) => VOut,
    named?: Named,
  ): KTable<K, VOut>;
  /** Every row that one of both has. */
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

/** Rows by another key. An update subtracts what the row was and adds what it is. */
export interface KGroupedTable<K, V> {
  /** How many rows there are in each group; 0 stays a row. */
  count(name: string, options?: Caching): KTable<K, number>;
  /**
   * One running value for each group. `subtract` takes back what `add` did, whatever came between.
   */
  aggregate<Agg>(
    name: string,
    options: Materialized<K, Agg> & {
      readonly initial: () => Agg;
      readonly add: (aggregate: Agg, value: V, key: K) => Agg;
      readonly subtract: (aggregate: Agg, value: V, key: K) => Agg;
    },
  ): KTable<K, Agg>;
}
