/**
 * Reads the committed bytes of a store, whatever its kind: for queries from outside its task. Rows of
 * tables come without their times; the keys of window and session stores are windowed.
 */
import type { Serde } from '../serde.ts';
import type { SessionWindow } from '../windows/session-windows.ts';
import type { Windowed } from '../windows/time-windows.ts';
import { afterPrefix, justAfter } from './byte-order.ts';
import { keyOfSessionKey, sessionKey, windowOfSessionKey } from './session-key.ts';
import type { TaskStorage } from './storage.ts';
import type { Entry, ReadOnlyKeyValueStore } from './store.ts';
import { timeLengthOf } from './timestamped-store.ts';
import { keyOfWindowKey, startOfWindowKey, windowKey } from './window-key.ts';

/** What has to be known of a store to read it. A `StoreSpec` with bound serdes is one. */
export interface ReadableStore<K, V> {
  readonly name: string;
  readonly kind: 'key-value' | 'timestamped' | 'window' | 'session' | 'join-buffer';
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  readonly windowSizeMs?: number;
}

type StoredKeys = Omit<ReadableStore<unknown, unknown>, 'name' | 'value'>;

/** Of a window store, `K` is `Windowed` of the store's own key. */
export function readCommitted<K, V>(
  store: ReadableStore<unknown, V>,
  storage: TaskStorage,
): ReadOnlyKeyValueStore<K, V> {
  const keys = storedKeys<K>(store);
  const timeLength = timeLengthOf(store.kind);
  const decode = (bytes: Uint8Array) => store.value.deserialize(bytes.subarray(timeLength));

  function* entries(from?: Uint8Array, to?: Uint8Array): Generator<Entry<K, V>> {
    for (const [key, value] of storage.range(store.name, from, to)) {
      yield { key: keys.deserialize(key), value: decode(value) };
    }
  }

  return {
    get: (key) => {
      const bytes = storage.get(store.name, keys.serialize(key));
      return bytes && decode(bytes);
    },
    range: (from, to) => entries(keys.serialize(from), justAfter(keys.serialize(to))),
    all: () => entries(),
    prefixScan: (prefix) => {
      const first = keys.serialize(prefix);
      return entries(first, afterPrefix(first));
    },
  };
}

/** The keys of a store as its user names them: of windows and sessions, with their window. */
export function storedKeys<K>({ kind, key, windowSizeMs }: StoredKeys): Serde<K> {
  switch (kind) {
    case 'window':
    case 'join-buffer':
      return windowKeys(key, windowSizeMs ?? 0) as Serde<unknown> as Serde<K>;
    case 'session':
      return sessionKeys(key) as Serde<unknown> as Serde<K>;
    case 'key-value':
    case 'timestamped':
      return key as Serde<K>;
  }
}

function windowKeys(inner: Serde<unknown>, windowSizeMs: number): Serde<Windowed<unknown>> {
  return {
    serialize: ({ key, window }) => windowKey(inner.serialize(key), window.startMs),
    deserialize: (bytes) => {
      const startMs = startOfWindowKey(bytes);
      const window = { startMs, endMs: startMs + windowSizeMs };
      return { key: inner.deserialize(keyOfWindowKey(bytes)), window };
    },
    partitionedBy: keyOfWindowKey,
  };
}

function sessionKeys(inner: Serde<unknown>): Serde<Windowed<unknown, SessionWindow>> {
  return {
    serialize: ({ key, window }) => sessionKey(inner.serialize(key), window.startMs, window.endMs),
    deserialize: (bytes) => {
      const key = inner.deserialize(keyOfSessionKey(bytes));
      return { key, window: windowOfSessionKey(bytes) };
    },
    partitionedBy: keyOfSessionKey,
  };
}
