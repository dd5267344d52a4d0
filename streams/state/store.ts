/** State stores: what an operator may do with them, how they are declared, how they are queried. */
import type { Header } from '../record.ts';
import type { Serde } from '../serde.ts';
import type { SessionWindow } from '../windows/session-windows.ts';
import type { Windowed } from '../windows/time-windows.ts';

/** What a store has of one key. */
export interface Entry<K, V> {
  readonly key: K;
  readonly value: V;
}

export interface ReadOnlyKeyValueStore<K, V> {
  /** `undefined` when the key is not there. */
  get(key: K): V | undefined;
  /** Entries from `from` to `to`, both inclusive, in the order of the keys' bytes. */
  range(from: K, to: K): Iterable<Entry<K, V>>;
  /** Every entry, in the order of the keys' bytes. */
  all(): Iterable<Entry<K, V>>;
  /** Entries whose key's bytes begin with `prefix`'s, in the order of the keys' bytes. */
  prefixScan(prefix: K): Iterable<Entry<K, V>>;
}

export interface KeyValueStore<K, V> extends ReadOnlyKeyValueStore<K, V> {
  /**
   * `undefined` and `null` delete the key. The value is kept, not copied: do not change it
   * afterwards.
   *
   * @throws StreamsError `STREAMS_RECORD_UNENCODABLE`, which is then the record's fault.
   */
  put(key: K, value: V): void;
  /** Nothing happens when the key is not there. */
  delete(key: K): void;
}

/** A value with the largest event time of the records it was made from. */
export interface TimestampedValue<V> {
  readonly value: V;
  /** Milliseconds since the Unix epoch. */
  readonly timestampMs: number;
}

/** Takes an update of a row to those who follow the table. `undefined` is no row. */
export type SendUpdate<K, V> = (
  key: K,
  newValue: V | undefined,
  oldValue: V | undefined,
  timestampMs: number,
  headers: readonly Header[] | undefined,
) => void;

interface UpdatingStore<K, V> {
  /**
   * Says where updates go, before the first of them: at once, or the newest of each key with the
   * next commit when the store has a cache.
   */
  onUpdate(send: SendUpdate<K, V>, withOldValues: boolean): void;
}

/** The store behind a table: the latest value of each key with its time. */
export interface TimestampedStore<K, V> extends UpdatingStore<K, V> {
  get(key: K): TimestampedValue<V> | undefined;
  /**
   * Writes a row and sends the update on. `undefined` and `null` delete the key; the time is that of
   * the deletion.
   */
  update(
    key: K,
    value: V | null | undefined,
    timestampMs: number,
    headers: readonly Header[] | undefined,
  ): void;
}

export interface ReadOnlyWindowStore<K, V> {
  fetch(key: K, windowStartMs: number): TimestampedValue<V> | undefined;
  /** Windows of `key` that start in `fromMs`..`toMs`, both inclusive, earliest first. */
  fetchRange(key: K, fromMs: number, toMs: number): Iterable<Entry<Windowed<K>, V>>;
  /** Windows of every key that start in `fromMs`..`toMs`, both inclusive. */
  fetchAll(fromMs: number, toMs: number): Iterable<Entry<Windowed<K>, V>>;
}

/** One value for each key and window; a window is known by its start. */
export interface WindowStore<K, V> extends ReadOnlyWindowStore<K, V> {
  put(key: K, windowStartMs: number, value: TimestampedValue<V>): void;
}

/** A window store that knows the stream time of the operator that writes it, across restarts. */
export interface ObservedWindowStore<K, V>
  extends WindowStore<K, V>,
    UpdatingStore<Windowed<K>, V> {
  /** Takes note of a record's time; answers with the largest so far. */
  observe(timestampMs: number): number;
  /** Writes the row of a window and sends the update on. */
  update(key: Windowed<K>, row: TimestampedValue<V>, headers: readonly Header[] | undefined): void;
}

/**
 * One value for each session of a key, with the stream time of the operator that writes it. A
 * session that grows is removed and put under its new bounds.
 */
export interface ObservedSessionStore<K, V> extends UpdatingStore<Windowed<K, SessionWindow>, V> {
  /** Takes note of a record's time; answers with the largest so far. */
  observe(timestampMs: number): number;
  fetchSession(key: K, window: SessionWindow): V | undefined;
  /**
   * Sessions of `key` that end at `earliestEndMs` or later and start at `latestStartMs` or earlier,
   * in the order of their times.
   */
  findSessions(key: K, earliestEndMs: number, latestStartMs: number): Entry<SessionWindow, V>[];
  /**
   * Writes a session and sends the update on, with its end as its time; `undefined` and `null` remove it. The time
   * given is that of the record in hand.
   */
  update(
    key: Windowed<K, SessionWindow>,
    value: V | null | undefined,
    timestampMs: number,
    headers: readonly Header[] | undefined,
  ): void;
}

/** The records of one stream that another may yet be joined with. */
export interface JoinBuffer<K, V> {
  /** The largest time that was observed here; -1 before the first. */
  readonly observedMs: number;
  /** Takes note of a record's time, whichever side it is of; answers with the largest of both. */
  observe(timestampMs: number): number;
  /** Adds a record beside those of the same key and time. */
  put(key: K, value: V, timestampMs: number): void;
  /** Records of `key` from `fromMs` to `toMs`, both inclusive, by time, then in the order of `put`. */
  fetch(key: K, fromMs: number, toMs: number): TimestampedValue<V>[];
}

export interface KeyValueStoreDefinition<K, V> {
  readonly kind: 'key-value';
  readonly name: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** False: no changelog topic; lost with its disk. @defaultValue true */
  readonly logged: boolean;
}

/**
 * Declares a store for `process` and `processValues`. `name`: 1 to 138 letters, digits, `.`, `_`,
 * `-`; it is a part of its changelog's name, so another name is another store.
 */
export function keyValueStore<K, V>(
  name: string,
  options: { readonly key: Serde<K>; readonly value: Serde<V>; readonly logged?: boolean },
): KeyValueStoreDefinition<K, V> {
  return { kind: 'key-value', logged: true, ...options, name };
}

/**
 * Reads a store from outside its task, while processing goes on. Sees what has been committed.
 *
 * @throws StreamsError `STREAMS_STORE_UNAVAILABLE` (retryable) while the store moves or restores.
 */
export interface StoreQuery<K, V> {
  /** `undefined` when the key is not there. Fails when its partition is not in this process. */
  get(key: K): Promise<V | undefined>;
  /** Over every partition that this process holds; no order between partitions. */
  all(): AsyncIterable<Entry<K, V>>;
}
