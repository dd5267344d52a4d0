/** The stores of one task: opened once, undone and committed together. */
import { StreamsError } from '../errors.ts';
import type { ProducedRecord, StateWrite } from '../log/log.ts';
import type { CacheBudget } from '../state/cache-budget.ts';
import { expiryIndexName } from '../state/expiry-index.ts';
import { BufferedJoinBuffer } from '../state/join-buffer.ts';
import { BufferedKeyValueStore } from '../state/key-value-store.ts';
import { BufferedSessionStore } from '../state/session-store.ts';
import { hasComeAndGone } from '../state/slot.ts';
import type { TaskStorage } from '../state/storage.ts';
import { BufferedTimestampedStore, timeLengthOf } from '../state/timestamped-store.ts';
import { UpdateCache } from '../state/update-cache.ts';
import { BufferedWindowStore } from '../state/window-store.ts';
import { WriteBuffer } from '../state/write-buffer.ts';
import { changelogName, type StoreSpec } from '../topology/topology.ts';
import type { BoundSerdes } from './bound-serdes.ts';
import type { Origin } from './origin.ts';

export type OpenStore =
  | BufferedKeyValueStore<unknown, unknown>
  | BufferedTimestampedStore<unknown, unknown>
  | BufferedWindowStore<unknown, unknown>
  | BufferedSessionStore<unknown, unknown>
  | BufferedJoinBuffer<unknown, unknown>;

export interface TaskStoresOptions {
  readonly applicationId: string;
  readonly partition: number;
  readonly specs: readonly StoreSpec[];
  readonly storage: TaskStorage;
  readonly serdes: BoundSerdes;
  /** Event time of the record in hand. */
  readonly nowMs: () => number;
  /** The record in hand; `undefined` inside a punctuator. */
  readonly origin: () => Origin | undefined;
  /** For what caches hold back; without one nothing is. */
  readonly cacheBudget: CacheBudget | undefined;
}

export class TaskStores {
  readonly #applicationId: string;
  readonly #partition: number;
  readonly #stores = new Map<string, OpenStore>();
  readonly #logged: { readonly spec: StoreSpec; readonly buffer: WriteBuffer }[] = [];
  readonly #buffers: WriteBuffer[] = [];
  /** Of the stores that have one, in the order of the topology: parents first. */
  readonly caches: UpdateCache<Origin | undefined>[] = [];

  constructor(options: TaskStoresOptions) {
    this.#applicationId = options.applicationId;
    this.#partition = options.partition;
    for (const spec of options.specs) this.#stores.set(spec.name, this.#open(spec, options));
    for (const spec of options.specs) if (spec.kind === 'join-buffer') this.#joinTimes(spec);
  }

  has(name: string): boolean {
    return this.#stores.has(name);
  }

  store(name: string): OpenStore {
    const store = this.#stores.get(name);
    if (store === undefined) throw new StreamsError('STREAMS_STORE_UNKNOWN', `no store '${name}'`);
    return store;
  }

  setSavepoint(): void {
    for (const buffer of this.#buffers) buffer.setSavepoint();
    for (const cache of this.caches) cache.setSavepoint();
  }

  rollbackToSavepoint(): void {
    for (const buffer of this.#buffers) buffer.rollbackToSavepoint();
    for (const cache of this.caches) cache.rollbackToSavepoint();
  }

  get hasWrites(): boolean {
    return this.#buffers.some(({ written }) => written.length > 0);
  }

  /** Takes what was written so far, in bytes; what is written from now on is for the next commit. */
  prepare(): StateWrite[] {
    const writes: StateWrite[] = [];
    for (const buffer of this.#buffers) {
      buffer.addWrites(writes);
      buffer.prepare();
    }
    return writes;
  }

  /** One record for each key that `prepare` is going to take: its last value. */
  changelog(): ProducedRecord[] {
    const records: ProducedRecord[] = [];
    for (const { spec, buffer } of this.#logged) {
      const topic = changelogName(spec.name, this.#applicationId);
      const timeLength = timeLengthOf(spec.kind);
      for (const slot of buffer.written) {
        if (slot.silent || hasComeAndGone(slot)) continue;
        const { key, timestampMs } = slot;
        const value = buffer.bytesOf(slot)?.subarray(timeLength) ?? null;
        const partition = this.#partition;
        records.push({ topic, partition, key, value, timestampMs, headers: [] });
      }
    }
    return records;
  }

  /** The storage has what `prepare` answered. */
  markCommitted(): void {
    for (const buffer of this.#buffers) buffer.markCommitted();
  }

  discard(): void {
    for (const buffer of this.#buffers) buffer.discard();
    for (const cache of this.caches) cache.discard();
  }

  #open(spec: StoreSpec, options: TaskStoresOptions): OpenStore {
    const { serdes, applicationId, storage, nowMs } = options;
    const topic = changelogName(spec.name, applicationId);
    const key = serdes.of(spec.key, topic, 'key');
    const value = serdes.of(spec.value, topic, 'value');
    const buffer = new WriteBuffer(spec.name, storage);
    this.#buffers.push(buffer);
    if (spec.logged) this.#logged.push({ spec, buffer });
    switch (spec.kind) {
      case 'key-value':
        return new BufferedKeyValueStore(buffer, key, value, nowMs);
      case 'timestamped':
        return new BufferedTimestampedStore(buffer, key, value, this.#cache(spec, options));
      case 'window': {
        const expiry = this.#expiryBuffer(spec.name, storage);
        const { windowSizeMs, retentionMs } = spec;
        const cache = this.#cache(spec, options);
        const parts = { windowSizeMs, retentionMs, buffer, expiry, key, value, cache };
        return new BufferedWindowStore(parts);
      }
      case 'session': {
        const expiry = this.#expiryBuffer(spec.name, storage);
        const { retentionMs } = spec;
        const cache = this.#cache(spec, options);
        return new BufferedSessionStore({ retentionMs, buffer, expiry, key, value, cache });
      }
      case 'join-buffer': {
        const expiry = this.#expiryBuffer(spec.name, storage);
        const { retentionMs } = spec;
        return new BufferedJoinBuffer({ retentionMs, buffer, expiry, key, value });
      }
    }
  }

  #joinTimes({ name, joinedWith }: { readonly name: string; readonly joinedWith: string }): void {
    const [own, other] = [this.#stores.get(name), this.#stores.get(joinedWith)];
    if (own instanceof BufferedJoinBuffer && other instanceof BufferedJoinBuffer) {
      own.joinWith(other);
    }
  }

  /** The index beside a store whose entries expire: undone and committed with it, never logged. */
  #expiryBuffer(store: string, storage: TaskStorage): WriteBuffer {
    const buffer = new WriteBuffer(expiryIndexName(store), storage);
    this.#buffers.push(buffer);
    return buffer;
  }

  #cache(
    { name, cached }: StoreSpec,
    { cacheBudget, origin }: TaskStoresOptions,
  ): UpdateCache<Origin | undefined> | undefined {
    if (!cached || cacheBudget === undefined) return undefined;
    const cache = new UpdateCache(name, cacheBudget, origin);
    this.caches.push(cache);
    return cache;
  }
}
