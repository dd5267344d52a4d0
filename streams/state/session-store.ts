/**
 * One value for each session of a key, kept until stream time has passed the session's end by the
 * retention. The sessions of a key never touch: its operator merges those that would.
 *
 * Equivalent: SessionStore.
 */
import type { Header } from '../record.ts';
import type { Serde } from '../serde.ts';
import type { SessionWindow } from '../windows/session-windows.ts';
import type { Windowed } from '../windows/time-windows.ts';
import { justAfter } from './byte-order.ts';
import { ExpiryIndex } from './expiry-index.ts';
import { RowUpdates } from './row-updates.ts';
import {
  endOfSessionKey,
  sessionExpiryKey,
  sessionKey,
  sessionKeyOfExpiryKey,
  windowOfSessionKey,
} from './session-key.ts';
import { type Slot, unencoded } from './slot.ts';
import type { Entry, ObservedSessionStore, SendUpdate, TimestampedValue } from './store.ts';
import type { UpdateCache } from './update-cache.ts';
import type { WriteBuffer } from './write-buffer.ts';

interface SessionStoreParts<K, V> {
  readonly retentionMs: number;
  readonly buffer: WriteBuffer;
  readonly expiry: WriteBuffer;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** Undefined: every update is sent on at once. */
  readonly cache: UpdateCache<unknown> | undefined;
}

export class BufferedSessionStore<K, V> implements ObservedSessionStore<K, V> {
  readonly #buffer: WriteBuffer;
  readonly #expiry: ExpiryIndex;
  readonly #key: Serde<K>;
  readonly #value: Serde<V>;
  readonly #updates: RowUpdates<Windowed<K, SessionWindow>, V>;

  constructor({ retentionMs, buffer, expiry, key, value, cache }: SessionStoreParts<K, V>) {
    this.#buffer = buffer;
    const entryKey = sessionKeyOfExpiryKey;
    const parts = { index: expiry, entries: buffer, keptMs: retentionMs, entryKey };
    this.#expiry = new ExpiryIndex(parts);
    this.#key = key;
    this.#value = value;
    this.#updates = new RowUpdates(cache);
    buffer.encode = (decoded) => value.serialize(decoded as V);
  }

  observe(timestampMs: number): number {
    return this.#expiry.observe(timestampMs);
  }

  fetchSession(key: K, { startMs, endMs }: SessionWindow): V | undefined {
    if (endMs < this.#expiry.oldestMs) return undefined;
    return this.#valueOf(this.#buffer.slot(sessionKey(this.#key.serialize(key), startMs, endMs)));
  }

  findSessions(key: K, earliestEndMs: number, latestStartMs: number): Entry<SessionWindow, V>[] {
    const found: Entry<SessionWindow, V>[] = [];
    const keyBytes = this.#key.serialize(key);
    const from = sessionKey(keyBytes, 0, Math.max(earliestEndMs, this.#expiry.oldestMs));
    const to = justAfter(sessionKey(keyBytes, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
    for (const [bytes] of this.#buffer.range(from, to)) {
      // Longer keys that begin with this one lie between its sessions.
      if (bytes.length !== from.length) continue;
      const window = windowOfSessionKey(bytes);
      if (window.startMs > latestStartMs) break;
      const value = this.#valueOf(this.#buffer.slot(bytes));
      if (value !== undefined) found.push({ key: window, value });
    }
    return found;
  }

  onUpdate(send: SendUpdate<Windowed<K, SessionWindow>, V>, withOldValues: boolean): void {
    this.#updates.connect(send, withOldValues);
  }

  update(
    session: Windowed<K, SessionWindow>,
    value: V | null | undefined,
    timestampMs: number,
    headers: readonly Header[] | undefined,
  ): void {
    const { startMs, endMs } = session.window;
    const slot = this.#buffer.slot(sessionKey(this.#key.serialize(session.key), startMs, endMs));
    const oldRow = rowOf(this.#valueOf(slot), endMs);
    const newRow = rowOf(value, endMs);
    if (oldRow === undefined && newRow === undefined) return;
    this.#write(slot, newRow, timestampMs);
    this.#updates.updated(slot, session, newRow, oldRow, endMs, headers);
  }

  #write(slot: Slot, row: TimestampedValue<V> | undefined, timestampMs: number): void {
    if (row === undefined) {
      this.#expiry.remove(sessionExpiryKey(slot.key), timestampMs);
      this.#buffer.write(slot, undefined, undefined, timestampMs);
      return;
    }
    if (slot.bytes === undefined) this.#expiry.add(sessionExpiryKey(slot.key), timestampMs);
    const bytes = this.#value.neverFails ? unencoded : this.#value.serialize(row.value);
    this.#buffer.write(slot, bytes, row.value, timestampMs);
  }

  #valueOf(slot: Slot): V | undefined {
    if (slot.bytes === undefined) return undefined;
    if (slot.decoded === undefined) slot.decoded = this.#value.deserialize(slot.bytes);
    return slot.decoded as V;
  }
}

function rowOf<V>(value: V | null | undefined, endMs: number): TimestampedValue<V> | undefined {
  return value === undefined || value === null ? undefined : { value, timestampMs: endMs };
}

/** What a changelog record tells of stream time: its own may be earlier than its session's end. */
export function observedInSession(sessionKey: Uint8Array, timestampMs: number): number {
  return Math.max(timestampMs, endOfSessionKey(sessionKey));
}
