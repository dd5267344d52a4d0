/** Makes the client's consumers, producers and admin, connected and with the driver's settings. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isRefusal, kafkaError } from './kafka-errors.ts';
import { NativeAdmins } from './native-admins.ts';
import {
  answer,
  type NativeClient,
  type NativeConsumer,
  type NativeHandle,
  type NativePartition,
  type NativeProducer,
  type NativeSettings,
} from './native-client.ts';
import type { SecondAdmin } from './second-admin.ts';

export type RebalanceCallback = (
  this: NativeConsumer,
  error: { readonly code: number },
  partitions: readonly NativePartition[],
) => void;

export interface KafkaClientsOptions {
  readonly native: NativeClient;
  readonly connection: NativeSettings;
  readonly secondAdmin: SecondAdmin;
  readonly compression: string;
  /** The largest batch that every topic takes, as far as is known. */
  readonly batchLimitBytes: () => number;
  /** Told what the connections complain of while they go on trying. */
  readonly onTrouble: (error: unknown) => void;
}

/** How long a first connection may take before the caller hears of it. */
const connectTimeoutMs = 30_000;
const probeIntervalMs = 50;
const longestDisconnectMs = 15_000;

/**
 * Much in flight, little kept: what is fetched ahead waits outside the heap. With the default
 * back-off a full queue would pause fetching for a second.
 */
const readingSettings: NativeSettings = {
  'enable.auto.commit': false,
  'enable.auto.offset.store': false,
  'isolation.level': 'read_committed',
  'enable.partition.eof': true,
  'fetch.wait.max.ms': 200,
  'fetch.queue.backoff.ms': 5,
  'fetch.error.backoff.ms': 50,
  'fetch.message.max.bytes': 512 * 1024,
  'queued.min.messages': 5_000,
  'queued.max.messages.kbytes': 8 * 1024,
};

const largestBatchBytes = 256 * 1024;

const writingSettings: NativeSettings = {
  // Records of one commit are handed over at once: a moment fills batches, and a flush ends it.
  'linger.ms': 5,
  'message.max.bytes': 64 * 1024 * 1024,
  'queue.buffering.max.messages': 500_000,
  'queue.buffering.max.kbytes': 256 * 1024,
};

export class KafkaClients {
  readonly native: NativeClient;
  readonly secondAdmin: SecondAdmin;
  readonly #options: KafkaClientsOptions;
  readonly admins: NativeAdmins;

  constructor(options: KafkaClientsOptions) {
    this.native = options.native;
    this.secondAdmin = options.secondAdmin;
    this.#options = options;
    this.admins = new NativeAdmins(() =>
      options.native.AdminClient.create(
        { ...options.connection },
        { 'event.error': options.onTrouble },
      ),
    );
  }

  /** What goes on being tried: nobody else hears of it. */
  tellTrouble(error: unknown): void {
    this.#options.onTrouble(error);
  }

  /**
   * Of all topics. By an admin of its own: one that has listed them takes whatever is created later
   * for unknown.
   */
  async topicNames(): Promise<readonly string[]> {
    const admin = this.native.AdminClient.create({ ...this.#options.connection });
    try {
      return await answer((callback) => admin.listTopics({ timeout: connectTimeoutMs }, callback));
    } finally {
      admin.disconnect();
    }
  }

  /**
   * Resolves when a broker has answered. A wrong password or certificate is told beside the call,
   * which goes on trying until its time is over; and only while the client is asked.
   */
  async probe(): Promise<void> {
    const { connection, onTrouble } = this.#options;
    const producer = new this.native.Producer({ ...connection }, {});
    const refused = new Promise<never>((_, reject) => {
      producer.on('event.error', ((error: unknown) => {
        if (isRefusal(error)) reject(error);
        else onTrouble(error);
      }) as never);
    });
    const connected = answer((callback) =>
      producer.connect({ timeout: connectTimeoutMs }, callback),
    );
    const asking = setInterval(() => askForEvents(producer), probeIntervalMs);
    try {
      await Promise.race([connected, refused]);
    } finally {
      clearInterval(asking);
      connected.catch(() => undefined); // What refused it has been told.
      void disconnect(producer);
    }
  }

  /** Reads what it is assigned; belongs to no group, whatever `groupId` says. */
  async reader(groupId: string, whenNotEmpty: () => void): Promise<NativeConsumer> {
    const settings = { ...readingSettings, ...this.#options.connection, 'group.id': groupId };
    const consumer = new this.native.KafkaConsumer(
      { ...settings, queue_non_empty_cb: whenNotEmpty },
      { 'auto.offset.reset': 'earliest' },
    );
    return this.#connected(consumer);
  }

  async groupConsumer(
    settings: NativeSettings,
    callbacks: { readonly rebalance: RebalanceCallback; readonly notEmpty: () => void },
  ): Promise<NativeConsumer> {
    const consumer = new this.native.KafkaConsumer(
      {
        ...this.#options.connection,
        'enable.auto.commit': false,
        'isolation.level': 'read_committed',
        ...settings,
        rebalance_cb: callbacks.rebalance,
        queue_non_empty_cb: callbacks.notEmpty,
      },
      { 'auto.offset.reset': 'latest' },
    );
    consumer.setDefaultConsumeTimeout(0);
    return this.#connected(consumer);
  }

  /** Of producers that are made now: brokers refuse a batch that is too large, however small its records. */
  get batchBytes(): number {
    return Math.min(largestBatchBytes, this.#options.batchLimitBytes());
  }

  async producer(
    settings: NativeSettings,
    topicSettings: NativeSettings = {},
  ): Promise<NativeProducer> {
    const { connection, compression } = this.#options;
    const producer = new this.native.Producer(
      {
        ...writingSettings,
        'batch.size': this.batchBytes,
        'compression.codec': compression,
        ...connection,
        'enable.idempotence': true,
        ...settings,
      },
      { ...topicSettings, partitioner: 'murmur2_random' },
    );
    return this.#connected(producer);
  }

  async close(): Promise<void> {
    this.admins.close();
    await this.secondAdmin.close();
  }

  async #connected<T extends NativeHandle>(handle: T): Promise<T> {
    handle.on('event.error', ((error: unknown) => this.#options.onTrouble(error)) as never);
    try {
      await answer((callback) => handle.connect({ timeout: connectTimeoutMs }, callback));
    } catch (error) {
      const servers = this.#options.connection['bootstrap.servers'];
      throw kafkaError(`cannot connect to Kafka at ${servers}`, error);
    }
    return handle;
  }
}

/** Before it is connected, a producer has none to give. */
function askForEvents(producer: NativeProducer): void {
  try {
    producer.poll();
  } catch {}
}

/**
 * Errors while closing tell nothing: what was to be kept is kept. A client that does not come to its
 * end is left behind; its broker forgets it.
 */
export async function disconnect(handle: NativeHandle | undefined): Promise<void> {
  if (handle === undefined) return;
  const enough = new AbortController();
  const late = sleep(longestDisconnectMs, undefined, { signal: enough.signal });
  const closed = answer((callback) => handle.disconnect(callback));
  await Promise.race([closed.catch(() => undefined), late.catch(() => undefined)]);
  enough.abort();
}
