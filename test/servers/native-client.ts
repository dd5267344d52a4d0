/** As much of the native Kafka client as shows that a server works: one topic, one record, read back. */
import { loadKafkaClient } from '../../streams/log/kafka/client-location.ts';

/** librdkafka's names. */
export type ClientSettings = Readonly<Record<string, string | number | boolean>>;

type Callback<T = unknown> = (error: Error | null, result: T) => void;

interface Connection {
  connect(options: object, done: Callback): void;
  disconnect(done: Callback): void;
}

interface Producer extends Connection {
  on(event: 'event.error', listener: (error: Error) => void): void;
  poll(): void;
  produce(topic: string, partition: number, value: Buffer): void;
  flush(timeoutMs: number, done: Callback): void;
  getMetadata(options: { topic: string; timeout: number }, done: Callback<Metadata>): void;
}

interface Consumer extends Connection {
  assign(from: readonly { topic: string; partition: number; offset: number }[]): void;
  consume(count: number, done: Callback<readonly { readonly value: Buffer }[]>): void;
}

interface Metadata {
  readonly topics: readonly { readonly partitions: readonly { readonly isrs: number[] }[] }[];
}

interface NativeClient {
  readonly Producer: new (settings: ClientSettings) => Producer;
  readonly KafkaConsumer: new (settings: ClientSettings, topicSettings: ClientSettings) => Consumer;
  readonly AdminClient: {
    create(settings: ClientSettings): {
      createTopic(topic: object, timeoutMs: number, done: Callback): void;
      disconnect(): void;
    };
  };
}

const native = loadKafkaClient() as NativeClient;
const timeoutMs = 60_000;
/** How long a client that is to be refused tries on. */
const refusalMs = 2_000;

/** With one partition. */
export async function createTopic(
  settings: ClientSettings,
  topic: string,
  replicas: number,
): Promise<void> {
  const admin = native.AdminClient.create(settings);
  try {
    const declared = { topic, num_partitions: 1, replication_factor: replicas };
    await answer((done) => admin.createTopic(declared, timeoutMs, done));
  } finally {
    admin.disconnect();
  }
}

/** Resolves when every replica that is there has the record. */
export function produce(settings: ClientSettings, topic: string, value: string): Promise<void> {
  return using(new native.Producer({ ...settings, acks: -1 }), async (producer) => {
    producer.produce(topic, 0, Buffer.from(value));
    await answer((done) => producer.flush(timeoutMs, done));
  });
}

/** The first values of the topic, in order. */
export function read(settings: ClientSettings, topic: string, count: number): Promise<string[]> {
  const group = { 'group.id': `reads-${topic}`, 'enable.auto.commit': false };
  const consumer = new native.KafkaConsumer({ ...settings, ...group }, {});
  return using(consumer, async () => {
    consumer.assign([{ topic, partition: 0, offset: 0 }]);
    const values: string[] = [];
    while (values.length < count) {
      const messages = await answer<readonly { readonly value: Buffer }[]>((done) =>
        consumer.consume(count - values.length, done),
      );
      values.push(...messages.map((message) => message.value.toString()));
    }
    return values;
  });
}

/** The nodes that have all of the topic, in order, as soon as there are that many. */
export function inSyncReplicas(
  settings: ClientSettings,
  topic: string,
  count: number,
): Promise<number[]> {
  return using(new native.Producer(settings), async (client) => {
    for (;;) {
      const { topics } = await answer<Metadata>((done) =>
        client.getMetadata({ topic, timeout: timeoutMs }, done),
      );
      const nodes = topics[0]?.partitions[0]?.isrs ?? [];
      if (nodes.length === count) return nodes.toSorted((a, b) => a - b);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
}

/** What the brokers and the client have against each other; fails when it is let in. */
export async function refusal(settings: ClientSettings): Promise<string> {
  const producer = new native.Producer(settings);
  const reasons = new Set<string>();
  producer.on('event.error', (error) => reasons.add(error.message));
  // Only a client that is polled says why: its connecting ends with a timeout in any case.
  const polling = setInterval(() => {
    try {
      producer.poll();
    } catch {
      // It is not connected yet, or not any more.
    }
  }, 100);
  const letIn = await answer((done) => producer.connect({ timeout: refusalMs }, done))
    .then(
      () => true,
      () => false,
    )
    .finally(() => clearInterval(polling));
  if (letIn) {
    await answer((done) => producer.disconnect(done));
    throw new Error('the client was let in');
  }
  return [...reasons].join('; ');
}

async function using<C extends Connection, T>(
  connection: C,
  work: (connection: C) => Promise<T>,
): Promise<T> {
  await answer((done) => connection.connect({ timeout: timeoutMs }, done));
  try {
    return await work(connection);
  } finally {
    await answer((done) => connection.disconnect(done));
  }
}

function answer<T>(call: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}
