/** The topics of an in-process log and the state of their partitions. */
import { StreamsError } from '../../errors.ts';
import type { TopicDescription, TopicPartition, TopicSpec } from '../log.ts';
import { checkTopicSpecs, checkTopicsMatch } from '../topic-rules.ts';
import { batchRange, idKey } from './keys.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import { decodePartition, encodePartition, type PartitionState } from './partition-state.ts';
import { batchHeader } from './record-batch.ts';
import type { WriteTransaction } from './write-transaction.ts';

interface StoredTopic extends TopicSpec {
  /** Its partitions have consecutive ids from here. */
  readonly firstPartitionId: number;
}

interface HeldTopic {
  readonly stored: StoredTopic;
  /** Filled as partitions are first asked for. */
  readonly partitions: (PartitionState | undefined)[];
}

export class TopicCatalog {
  readonly #storage: OrderedStorage;
  readonly #topics = new Map<string, HeldTopic>();
  #nextPartitionId = 0;

  constructor(storage: OrderedStorage) {
    this.#storage = storage;
    this.#load();
  }

  names(): string[] {
    return [...this.#topics.keys()].sort();
  }

  spec(name: string): TopicSpec | undefined {
    return this.#topics.get(name)?.stored;
  }

  require(name: string): TopicSpec {
    return this.#require(name).stored;
  }

  /** Creates what does not exist, in the transaction. */
  create(topics: readonly TopicSpec[], transaction: WriteTransaction): void {
    checkTopicSpecs(topics);
    checkTopicsMatch(topics, (name) => this.spec(name));
    let nextId = this.#nextPartitionId;
    const created = new Map<string, StoredTopic>();
    for (const { name, partitions, cleanupPolicy, retentionMs } of topics) {
      if (this.#topics.has(name) || created.has(name)) continue;
      const firstPartitionId = nextId;
      nextId += partitions;
      created.set(name, { name, partitions, cleanupPolicy, retentionMs, firstPartitionId });
    }
    checkTopicsMatch(topics, (name) => this.spec(name) ?? created.get(name));
    this.#nextPartitionId = nextId;
    for (const topic of created.values()) {
      const value = Buffer.from(JSON.stringify(topic));
      transaction.put({ table: 'topics', key: Buffer.from(topic.name), value });
      transaction.afterCommit(() => this.#hold(topic));
    }
  }

  partition({ topic, partition }: TopicPartition): PartitionState {
    return this.at(topic, partition);
  }

  at(topic: string, partition: number): PartitionState {
    const held = this.#require(topic);
    const { partitions: count } = held.stored;
    if (!Number.isInteger(partition) || partition < 0 || partition >= count) {
      throw new StreamsError(
        'STREAMS_TOPIC_UNKNOWN',
        `'${topic}' has no partition ${partition}: it has 0 to ${count - 1}`,
      );
    }
    let state = held.partitions[partition];
    if (state === undefined) {
      state = this.#loadPartition(held.stored, partition);
      held.partitions[partition] = state;
    }
    return state;
  }

  describe(name: string): TopicDescription {
    const { stored } = this.#require(name);
    const offsets = Array.from({ length: stored.partitions }, (_, partition) => {
      const { beginning, end } = this.partition({ topic: name, partition });
      return { beginning: BigInt(beginning), end: BigInt(end) };
    });
    const { partitions, cleanupPolicy, retentionMs } = stored;
    return { name, partitions, cleanupPolicy, retentionMs, offsets };
  }

  /** Keeps what the batches do not tell. */
  save(partition: PartitionState, transaction: WriteTransaction): void {
    const value = encodePartition(partition);
    transaction.put({ table: 'partitions', key: idKey(partition.id), value });
  }

  /** Reads again what another process may have written. For a log that is open for reading. */
  reload(): void {
    this.#load();
    for (const { stored, partitions } of this.#topics.values()) {
      for (const state of partitions) {
        if (state === undefined) continue;
        const fresh = this.#loadPartition(stored, state.partition);
        const moved = fresh.end > state.end;
        state.beginning = fresh.beginning;
        state.end = fresh.end;
        state.next = fresh.next;
        if (moved) for (const listener of state.listeners) listener();
      }
    }
  }

  #require(name: string): HeldTopic {
    const held = this.#topics.get(name);
    if (held !== undefined) return held;
    throw new StreamsError('STREAMS_TOPIC_UNKNOWN', `there is no topic '${name}'; create it first`);
  }

  #hold(stored: StoredTopic): void {
    this.#topics.set(stored.name, { stored, partitions: [] });
  }

  #load(): void {
    const everything = { from: Buffer.from([0]), to: undefined };
    for (const [, value] of this.#storage.range('topics', everything)) {
      const stored = JSON.parse(Buffer.from(value).toString()) as StoredTopic;
      if (!this.#topics.has(stored.name)) this.#hold(stored);
      const after = stored.firstPartitionId + stored.partitions;
      this.#nextPartitionId = Math.max(this.#nextPartitionId, after);
    }
  }

  #loadPartition(topic: StoredTopic, partition: number): PartitionState {
    const id = topic.firstPartitionId + partition;
    const row = decodePartition(this.#storage.get('partitions', idKey(id)));
    const last = this.#storage.last('batches', batchRange(id, 0));
    const end = Math.max(row.end, last === undefined ? 0 : batchHeader(last[1]).nextOffset);
    return {
      id,
      topic: topic.name,
      partition,
      keyRequired: topic.cleanupPolicy !== 'delete',
      ...row,
      dirtyBytes: 0,
      end,
      next: end,
      listeners: new Set(),
    };
  }
}
