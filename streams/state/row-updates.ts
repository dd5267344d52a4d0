/** What becomes of the updates of a store's rows: they are sent on at once, or held by a cache. */
import type { Header } from '../record.ts';
import type { Slot } from './slot.ts';
import type { SendUpdate, TimestampedValue } from './store.ts';
import type { UpdateCache } from './update-cache.ts';

/** A row that is there; nobody needs to know what is in it. */
const someRow: TimestampedValue<never> = { value: undefined as never, timestampMs: -1 };

export class RowUpdates<K, V> {
  readonly #cache: UpdateCache<unknown> | undefined;
  #send: SendUpdate<K, V> = () => {};
  #withOldValues = false;

  /** Without a cache every update is sent on at once. */
  constructor(cache: UpdateCache<unknown> | undefined) {
    this.#cache = cache;
  }

  connect(send: SendUpdate<K, V>, withOldValues: boolean): void {
    this.#send = send;
    this.#withOldValues = withOldValues;
    if (this.#cache === undefined) return;
    this.#cache.send = ({ key, newRow, oldRow, timestampMs, headers }) => {
      const oldValue = withOldValues ? (oldRow?.value as V | undefined) : undefined;
      send(key as K, newRow?.value as V | undefined, oldValue, timestampMs, headers);
    };
  }

  /** What `slot` holds as a row before it is written, as far as anybody downstream needs to know. */
  rowBefore(
    slot: Slot,
    decode: (bytes: Uint8Array) => TimestampedValue<V>,
  ): TimestampedValue<V> | undefined {
    if (slot.bytes === undefined) return undefined;
    if (slot.decoded === undefined && this.#withOldValues) slot.decoded = decode(slot.bytes);
    return (slot.decoded as TimestampedValue<V> | undefined) ?? someRow;
  }

  /** `slot` has just been written with `newRow`. */
  updated(
    slot: Slot,
    key: K,
    newRow: TimestampedValue<V> | undefined,
    oldRow: TimestampedValue<V> | undefined,
    timestampMs: number,
    headers: readonly Header[] | undefined,
  ): void {
    if (this.#cache !== undefined) {
      this.#cache.hold({ slot, key, newRow, oldRow, timestampMs, headers });
      return;
    }
    const oldValue = this.#withOldValues ? oldRow?.value : undefined;
    this.#send(key, newRow?.value, oldValue, timestampMs, headers);
  }
}
