/** The broker as the harness sees it: topics, offsets, loading and reading back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { InputRecord } from './data/input-record.ts';
import {
  type ConsumedMessage,
  call,
  type NativeAdmin,
  type NativeConsumer,
  newAdmin,
  newConsumer,
  newProducer,
  type PartitionOffset,
} from './native-client.ts';

const partitions = 4;

const timeoutMs = 30_000;
/** Error codes of librdkafka. */
const fullQueue = -184;
const unknownTopic = 3;
/** Between two looks at what is committed: how exact the end of a run is. */
const lookEveryMs = 20;

/** Next offset of each partition of some topics. */
export type Offsets = readonly PartitionOffset[];

export class Cluster {
  readonly bootstrap: string;
  readonly #admin: NativeAdmin;
  readonly #reader: NativeConsumer;

  private constructor(bootstrap: string, admin: NativeAdmin, reader: NativeConsumer) {
    this.bootstrap = bootstrap;
    this.#admin = admin;
    this.#reader = reader;
  }

  static async connect(bootstrap: string): Promise<Cluster> {
    const reader = newConsumer({
      'bootstrap.servers': bootstrap,
      'group.id': `bench-harness-${process.pid}`,
      'enable.auto.commit': false,
      'isolation.level': 'read_committed',
      'enable.partition.eof': true,
    });
    reader.setDefaultConsumeTimeout(100);
    await call((done) => reader.connect({}, done));
    return new Cluster(bootstrap, newAdmin(bootstrap), reader);
  }

  /** Kept for ever: event time is older than now. */
  async createTopic(topic: string): Promise<void> {
    const config = { 'retention.ms': '-1' };
    const settings = { topic, num_partitions: partitions, replication_factor: 1, config };
    await call((done) => this.#admin.createTopic(settings, timeoutMs, done));
  }

  async topicsFrom(prefix: string): Promise<string[]> {
    const topics = await call<string[]>((done) =>
      this.#admin.listTopics({ timeout: timeoutMs }, done),
    );
    return topics.filter((topic) => topic.startsWith(prefix));
  }

  /** One that is gone already makes no difference: a list of topics may be behind. */
  async deleteTopics(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      try {
        await call((done) => this.#admin.deleteTopic(topic, timeoutMs, done));
      } catch (error) {
        if (codeOf(error) !== unknownTopic) throw error;
      }
    }
  }

  /** Only of partitions that hold anything; what is committed counts. */
  async endOffsets(topics: readonly string[]): Promise<Offsets> {
    const ends: PartitionOffset[] = [];
    for (const topic of topics) {
      for (let partition = 0; partition < partitions; partition++) {
        const { highOffset } = await call<{ readonly highOffset: number }>((done) =>
          this.#reader.queryWatermarkOffsets(topic, partition, timeoutMs, done),
        );
        if (highOffset > 0) ends.push({ topic, partition, offset: highOffset });
      }
    }
    return ends;
  }

  /**
   * Resolves when the group has committed these offsets; `slack` is what may be missing of each: the
   * commit markers that stand last.
   */
  async untilCommitted(groupId: string, ends: Offsets, slack: number): Promise<void> {
    while (!isReached(await this.#committed(groupId), ends, slack)) await sleep(lookEveryMs);
  }

  async #committed(groupId: string): Promise<Offsets> {
    const [group] = await call<readonly { readonly partitions: Offsets }[]>((done) =>
      this.#admin.listConsumerGroupOffsets([{ groupId }], { timeout: timeoutMs }, done),
    );
    return group?.partitions ?? [];
  }

  /** Without transactions, so that end offsets are counts of records. Answers with how many. */
  async load(prefix: string, records: Iterable<InputRecord>): Promise<number> {
    const producer = newProducer({
      'bootstrap.servers': this.bootstrap,
      'enable.idempotence': true,
      'compression.codec': 'lz4',
      'linger.ms': 20,
    });
    await call((done) => producer.connect({}, done));
    let loaded = 0;
    for (const { topic, key, value, timestampMs } of records) {
      const produce = () =>
        producer.produce(prefix + topic, null, value as Buffer, Buffer.from(key), timestampMs);
      while (!isTaken(produce)) {
        producer.poll();
        await sleep(5);
      }
      loaded += 1;
      if (loaded % 1_000 === 0) {
        producer.poll(); // Else what was delivered keeps its place in the queue.
        await sleep(0);
      }
    }
    await call((done) => producer.flush(timeoutMs, done));
    await call((done) => producer.disconnect(done));
    return loaded;
  }

  /** Everything that is committed, partition by partition in no order between them. */
  async readAll(topic: string, take: (message: ConsumedMessage) => void): Promise<void> {
    const ends = await this.endOffsets([topic]);
    const open = new Set(ends.map(({ partition }) => partition));
    const reader = newConsumer({
      'bootstrap.servers': this.bootstrap,
      'group.id': `bench-reader-${process.pid}`,
      'enable.auto.commit': false,
      'isolation.level': 'read_committed',
      'enable.partition.eof': true,
    });
    reader.on('partition.eof', ({ partition }) => open.delete(partition));
    reader.setDefaultConsumeTimeout(100);
    await call((done) => reader.connect({}, done));
    reader.assign(ends.map(({ partition }) => ({ topic, partition, offset: 0 })));
    while (open.size > 0) {
      const batch = await call<ConsumedMessage[]>((done) => reader.consume(10_000, done));
      for (const message of batch) take(message);
    }
    await call((done) => reader.disconnect(done));
  }

  async close(): Promise<void> {
    await call((done) => this.#reader.disconnect(done));
    this.#admin.disconnect();
  }
}

function isReached(committed: Offsets, ends: Offsets, slack: number): boolean {
  const reached = new Map(committed.map((at) => [`${at.topic} ${at.partition}`, at.offset]));
  return ends.every((end) => {
    const offset = reached.get(`${end.topic} ${end.partition}`) ?? -1;
    return offset >= end.offset - slack;
  });
}

/** Whether the producer's queue had room. */
function isTaken(produce: () => void): boolean {
  try {
    produce();
    return true;
  } catch (error) {
    if (codeOf(error) === fullQueue) return false;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}
