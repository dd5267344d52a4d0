/** The global tables of an application: read whole before the first record, then kept up to date. */
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamsError } from '../errors.ts';
import type { ConsumedRecord, Log, LogReader, RecordBatch, TopicPartition } from '../log/log.ts';
import { nameOf } from '../log/partition-name.ts';
import { GlobalTableStore } from '../state/global-table-store.ts';
import { type Topology, topicName } from '../topology/topology.ts';
import type { BoundSerdes } from './bound-serdes.ts';

/** A record ends the wait; this only bounds it. */
const pollWaitMs = 60_000;

/** After the log could not be read. */
const retryPauseMs = 500;

export class GlobalTables {
  readonly stores: ReadonlyMap<string, GlobalTableStore<unknown, unknown>>;
  readonly #log: Log;
  readonly #storeOf = new Map<string, GlobalTableStore<unknown, unknown>>();
  readonly #applicationId: string;
  #reader: LogReader | undefined;
  #following: Promise<void> | undefined;
  #closed = false;

  constructor(topology: Topology, applicationId: string, log: Log, serdes: BoundSerdes) {
    this.#log = log;
    this.#applicationId = applicationId;
    const stores = new Map<string, GlobalTableStore<unknown, unknown>>();
    for (const { name, topic, key, value } of topology.globalTables) {
      const topicInLog = topicName(topic, this.#applicationId);
      const store = new GlobalTableStore(
        name,
        serdes.of(key, topicInLog, 'key'),
        serdes.of(value, topicInLog, 'value'),
      );
      stores.set(name, store);
      this.#storeOf.set(topicInLog, store);
    }
    this.stores = stores;
  }

  /**
   * Resolves when every table has all that its topic holds now. From then on they follow; `failed`
   * is told if that ends early.
   */
  async start(failed: (error: unknown) => void): Promise<void> {
    const partitions = await this.#partitions();
    if (partitions.length === 0) return;
    const reader = this.#log.openReader();
    this.#reader = reader;
    reader.assign(partitions);
    // All at once: where the end is, a log may find out by waiting.
    const unread = new Map(
      partitions.filter(({ offset, end }) => offset < end).map((it) => [nameOf(it), it.end]),
    );
    while (unread.size > 0 && !this.#closed) {
      for (const batch of await this.#read(reader)) {
        const end = unread.get(nameOf(batch));
        if (end !== undefined && batch.nextOffset >= end) unread.delete(nameOf(batch));
      }
    }
    this.#following = this.#follow(reader).catch((error) => {
      if (!this.#closed) failed(error);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader?.close();
    await this.#following;
  }

  /** Of all tables, from the beginning of each to where it ends now. */
  async #partitions(): Promise<(TopicPartition & { offset: bigint; end: bigint })[]> {
    const topics = await Promise.all(
      [...this.#storeOf.keys()].map((topic) => this.#log.describeTopic(topic)),
    );
    return topics.flatMap(({ name: topic, offsets }) =>
      offsets.map(({ beginning, end }, partition) => ({
        topic,
        partition,
        offset: beginning,
        end,
      })),
    );
  }

  async #follow(reader: LogReader): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#read(reader);
      } catch (error) {
        const passes = error instanceof StreamsError && error.retryable;
        if (!passes || this.#closed) throw error;
        await sleep(retryPauseMs);
      }
    }
  }

  async #read(reader: LogReader): Promise<readonly RecordBatch[]> {
    const batches = await reader.poll({ maxWaitMs: pollWaitMs });
    for (const { topic, records } of batches) {
      for (const record of records) this.#storeOf.get(topic)?.apply(copied(record));
    }
    return batches;
  }
}

/** A record's bytes are a part of its batch; a table that kept them would keep the whole batch. */
function copied({ key, value }: ConsumedRecord) {
  return { key: key && new Uint8Array(key), value: value && new Uint8Array(value) };
}
