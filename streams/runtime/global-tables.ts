/** The global tables of an application: read whole before the first record, then kept up to date. */
import type { ConsumedRecord, Log, LogReader, TopicPartition } from '../log/log.ts';
import { GlobalTableStore } from '../state/global-table-store.ts';
import { type Topology, topicName } from '../topology/topology.ts';
import type { BoundSerdes } from './bound-serdes.ts';
import { readToEnd } from './read-to-end.ts';

/** A record ends the wait; this only bounds it. */
const pollWaitMs = 60_000;

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
    const positions: (TopicPartition & { offset: bigint })[] = [];
    for (const [topic, store] of this.#storeOf) {
      const { offsets } = await this.#log.describeTopic(topic);
      for (const [partition, { end }] of offsets.entries()) {
        await readToEnd(this.#log, { topic, partition }, (records) => {
          for (const record of records) store.apply(copied(record));
        });
        // Reading again what came meanwhile changes nothing: the last record of a key wins.
        positions.push({ topic, partition, offset: end });
      }
    }
    if (positions.length === 0) return;
    this.#reader = this.#log.openReader();
    this.#reader.assign(positions);
    this.#following = this.#follow(this.#reader).catch((error) => {
      if (!this.#closed) failed(error);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader?.close();
    await this.#following;
  }

  async #follow(reader: LogReader): Promise<void> {
    while (!this.#closed) {
      for (const { topic, records } of await reader.poll({ maxWaitMs: pollWaitMs })) {
        for (const record of records) this.#storeOf.get(topic)?.apply(copied(record));
      }
    }
  }
}

/** A record's bytes are a part of its batch; a table that kept them would keep the whole batch. */
function copied({ key, value }: ConsumedRecord) {
  return { key: key && new Uint8Array(key), value: value && new Uint8Array(value) };
}
