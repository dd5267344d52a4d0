/**
 * Reads the committed bytes of a store, whatever its kind: for queries from outside its task. Rows of
 * tables come without their times; the keys of a window store are windowed.
 */
import type { Serde } from '../serde.ts';
import type { Windowed } from '../windows/time-windows.ts';
import { afterPrefix, justAfter } from './byte-order.ts';
import type { TaskStorage } from './storage.ts';
import type { Entry, ReadOnlyKeyValueStore } from './store.ts';
import { keyOfWindowKey, startOfWindowKey, windowKey } from './window-key.ts';

/** What has to be known of a store to read it. A `StoreSpec` with bound serdes is one. */
export interface ReadableStore<K, V> {
  readonly name: string;
  readonly kind: 'key-value' | 'timestamped' | 'window';
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  readonly windowSizeMs?: number;
}

/** Of a window store, `K` is `Windowed` of the store's own key. */
export function readCommitted<K, V>(
  store: ReadableStore<unknown, V>,
  storage: TaskStorage,
): ReadOnlyKeyValueStore<K, V> {
  const keys = keysOf<K>(store);
  const timeLength = store.kind === 'key-value' ? 0 : 8;
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

function keysOf<K>(store: Omit<ReadableStore<unknown, unknown>, 'value'>): Serde<K> {
  if (store.kind !== 'window') return store.key as Serde<K>;
  const { key: inner, windowSizeMs = 0 } = store;
  const windowed: Serde<Windowed<unknown>> = {
    serialize: ({ key, window }) => windowKey(inner.serialize(key), window.startMs),
    deserialize: (bytes) => {
      const startMs = startOfWindowKey(bytes);
      const window = { startMs, endMs: startMs + windowSizeMs };
      return { key: inner.deserialize(keyOfWindowKey(bytes)), window };
    },
  };
  return windowed as Serde<unknown> as Serde<K>;
}
