/** What the runtime lends an operator, and what a user's own processor gets. */
import type { Header, RecordMetadata, StreamRecord } from './record.ts';
import type {
  JoinBuffer,
  KeyValueStore,
  KeyValueStoreDefinition,
  ObservedSessionStore,
  ObservedWindowStore,
  ReadOnlyKeyValueStore,
  TimestampedStore,
} from './state/store.ts';

/** Time and chance, lent by the runtime so that a test can replay them. */
interface Surroundings {
  /** Largest event time this task has seen so far; -1 before the first record. */
  readonly streamTimeMs: number;
  /** The clock of the machine, or the test's. Milliseconds since the Unix epoch. */
  readonly wallClockMs: number;
  /** A number in [0, 1) from the runtime's generator, seeded in tests. */
  random(): number;
}

/** What an operator is lent when its task is made. It asks for its stores once, not per record. */
export interface OperatorContext<KOut, VOut> extends Surroundings {
  /** Hands a record to every child, in the order in which they were added. */
  readonly forward: (record: StreamRecord<KOut, VOut>) => void;
  /** Counts a record that the operator left out, and why. */
  readonly dropped: (reason: string) => void;
  /** Where the record being processed was read from; `undefined` inside a punctuator. */
  readonly recordMetadata: RecordMetadata | undefined;
  /** @throws StreamsError `STREAMS_STORE_UNKNOWN` when the operator is not connected to it. */
  keyValueStore<K, V>(name: string): KeyValueStore<K, V>;
  timestampedStore<K, V>(name: string): TimestampedStore<K, V>;
  windowStore<K, V>(name: string): ObservedWindowStore<K, V>;
  sessionStore<K, V>(name: string): ObservedSessionStore<K, V>;
  joinBuffer<K, V>(name: string): JoinBuffer<K, V>;
  globalTable<K, V>(name: string): ReadOnlyKeyValueStore<K, V>;
  /** Calls `punctuate` from then on. What it throws fails the task: there is no record to blame. */
  schedule(punctuation: {
    readonly time: 'stream-time' | 'wall-clock';
    readonly everyMs: number;
    readonly punctuate: (nowMs: number) => void;
  }): void;
}

/**
 * One operator: opened once for each task, it answers with the function that takes the records.
 * Between records it remembers nothing outside its stores, so that a record can be undone.
 */
export type Operator<KIn, VIn, KOut, VOut> = (
  context: OperatorContext<KOut, VOut>,
) => (record: StreamRecord<KIn, VIn>) => void;

// biome-ignore lint/suspicious/noExplicitAny: each store is typed where it is defined
export type StoreDefinitions = Readonly<Record<string, KeyValueStoreDefinition<any, any>>>;

/** A table read from outside its topology: a global table, by the name it was given. */
export interface GlobalTable<K, V> {
  readonly kind: 'global-table';
  readonly name: string;
  /** Never set: carries the types. */
  readonly types?: readonly [K, V];
}

// biome-ignore lint/suspicious/noExplicitAny: each table is typed where it is defined
export type GlobalTables = Readonly<Record<string, GlobalTable<any, any>>>;

export type OpenedStores<S extends StoreDefinitions> = {
  readonly [Name in keyof S]: S[Name] extends KeyValueStoreDefinition<infer K, infer V>
    ? KeyValueStore<K, V>
    : never;
};

export type OpenedTables<G extends GlobalTables> = {
  readonly [Name in keyof G]: G[Name] extends GlobalTable<infer K, infer V>
    ? ReadOnlyKeyValueStore<K, V>
    : never;
};

/** What a user's processor gets beside the record. */
export interface ProcessContext<KOut, VOut, S extends StoreDefinitions, G extends GlobalTables>
  extends Surroundings {
  readonly stores: OpenedStores<S>;
  readonly tables: OpenedTables<G>;
  /** Where the current record came from; `undefined` inside a punctuator. */
  readonly recordMetadata: RecordMetadata | undefined;
  /** Headers of the current record; empty inside a punctuator. */
  readonly headers: readonly Header[];
  /** Timestamp and headers default to the current record's (a punctuator: its time, none). */
  forward(record: {
    readonly key: KOut;
    readonly value: VOut;
    readonly timestampMs?: number;
    readonly headers?: readonly Header[];
  }): void;
  /** Counts a record that the processor chose not to use, and why. */
  dropped(reason: string): void;
}

/** Called by the clock: `stream-time` advances with records, `wall-clock` with the machine. */
export interface Punctuator<KOut, VOut, S extends StoreDefinitions, G extends GlobalTables> {
  readonly time: 'stream-time' | 'wall-clock';
  /** Whole milliseconds, above 0. Ticks that were missed are one call. */
  readonly everyMs: number;
  /**
   * All of its work is committed or none. What it throws fails the task: there is no record to
   * blame.
   */
  readonly punctuate: (nowMs: number, context: ProcessContext<KOut, VOut, S, G>) => void;
}

/** A processor: its function, the stores and tables it uses, and what the clock calls. */
export interface ProcessOptions<
  K,
  V,
  KOut,
  VOut,
  S extends StoreDefinitions,
  G extends GlobalTables,
> {
  readonly stores?: S;
  readonly tables?: G;
  readonly process: (record: StreamRecord<K, V>, context: ProcessContext<KOut, VOut, S, G>) => void;
  readonly punctuators?: readonly Punctuator<KOut, VOut, S, G>[];
}

/**
 * As `ProcessContext`, without forwarding. Its type knows no `VOut`, so that `VOut` is inferred.
 */
export type ProcessValuesContext<S extends StoreDefinitions, G extends GlobalTables> = Omit<
  ProcessContext<never, never, S, G>,
  'forward'
>;

export interface ProcessValuesOptions<
  K,
  V,
  VOut,
  S extends StoreDefinitions,
  G extends GlobalTables,
> {
  readonly stores?: S;
  readonly tables?: G;
  /** The values to forward under the same key, timestamp and headers. */
  readonly process: (
    record: StreamRecord<K, V>,
    stores: OpenedStores<S>,
    context: ProcessValuesContext<S, G>,
  ) => readonly VOut[];
}
