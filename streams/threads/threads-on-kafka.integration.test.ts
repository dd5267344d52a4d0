/** Stream threads on a real Kafka, with the state of their tasks on disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, longSerde, memoryRegistry, stringSerde } from '#streams';
import { openKafkaLog } from '#streams/kafka';
import { countStore, topicsOf } from './testing/word-count.ts';
import {
  ThreadedStreamsApplication,
  type ThreadedStreamsApplicationOptions,
} from './threaded-streams-application.ts';

const bootstrapServers = process.env['MILLRACE_TEST_KAFKA'] ?? '';
const module = new URL('./testing/word-count.ts', import.meta.url);
const root = mkdtempSync(join(tmpdir(), 'threads-on-kafka-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let prefix: string;
let log: Log;
let signal: Int32Array<SharedArrayBuffer>;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  prefix = `threads-${Math.random().toString(36).slice(2)}-`;
  signal = new Int32Array(new SharedArrayBuffer(12));
  log = await openLog();
  await log.createTopics(Object.values(topicsOf(prefix)));
});

afterEach(async () => {
  letGo();
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function openLog(): Promise<Log> {
  const kafka = await openKafkaLog({ bootstrapServers, sessionTimeoutMs: 2_000 });
  opened.push(kafka);
  return kafka;
}

function letGo(): void {
  Atomics.store(signal, 1, 1);
  Atomics.notify(signal, 1);
}

function threaded(more: Partial<ThreadedStreamsApplicationOptions> = {}) {
  const app = new ThreadedStreamsApplication({
    applicationId: `${prefix}app`,
    cacheMaxBytes: 0, // Every update is to be seen.
    acceptableRecoveryLag: 0, // Tasks go on until whoever gets them has a copy.
    topology: { module, data: { shared: signal.buffer, prefix } },
    threads: 2,
    log,
    registry: memoryRegistry(),
    stateDirectory: join(root, prefix),
    ...more,
  });
  opened.push(app);
  return app;
}

async function appendLines(count: number, line = 'a b c'): Promise<void> {
  const topic = topicsOf(prefix).lines.name;
  const records = Array.from({ length: count }, (_, i) => {
    const bytes = { key: Buffer.from(`${i}`), value: Buffer.from(line) };
    return { topic, ...bytes, timestampMs: 1, headers: [] };
  });
  await log.append(records);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

type Counts = Record<string, number>;

const sorted = (found: Counts) => JSON.stringify(Object.entries(found).sort());

/** What the stores of these applications have together; while tasks move they refuse. */
async function countsIn(...apps: readonly ThreadedStreamsApplication[]): Promise<Counts> {
  const found: Counts = {};
  for (const app of apps) {
    try {
      for await (const { key, value } of app.store(countStore).all()) found[key] = value;
    } catch (error) {
      expect(error).toMatchObject({ code: 'STREAMS_STORE_UNAVAILABLE', retryable: true });
    }
  }
  return found;
}

/** Every update that was written, in the order of each word. */
async function updates(): Promise<Record<string, number[]>> {
  const topic = topicsOf(prefix).counts.name;
  const { offsets } = await log.describeTopic(topic);
  const reader = log.openReader();
  reader.assign(
    offsets.map(({ beginning }, partition) => ({ topic, partition, offset: beginning })),
  );
  const next = offsets.map(({ beginning }) => beginning);
  const found: Record<string, number[]> = {};
  while (next.some((offset, partition) => offset < (offsets[partition]?.end ?? 0n))) {
    for (const batch of await reader.poll({ maxWaitMs: 1_000 })) {
      next[batch.partition] = batch.nextOffset;
      for (const { key, value } of batch.records) {
        const word = stringSerde.deserialize(key as Uint8Array);
        const count = longSerde.deserialize(value as Uint8Array);
        const ofWord = found[word] ?? [];
        ofWord.push(count);
        found[word] = ofWord;
      }
    }
  }
  await reader.close();
  return found;
}

/** In the stores; and in the topic each number once, in order. */
async function expectCounted(
  apps: readonly ThreadedStreamsApplication[],
  expected: Counts,
): Promise<void> {
  await until(async () => sorted(await countsIn(...apps)) === sorted(expected));
  const written = await updates();
  expect(Object.keys(written).sort()).toEqual(Object.keys(expected).sort());
  for (const [word, count] of Object.entries(expected)) {
    expect(written[word]).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  }
}

test('count exactly once, and restore next to nothing when they come back', async () => {
  const first = threaded();
  await first.start();
  await first.running();
  await appendLines(5_000);
  await expectCounted([first], { a: 5_000, b: 5_000, c: 5_000 });
  expect(await first.store(countStore).get('a')).toBe(5_000);
  expect(await first.store(countStore).get('absent')).toBeUndefined();
  await first.close();
  expect(first.state).toBe('closed');

  const second = threaded();
  await second.start();
  await second.running();
  await until(() => second.metrics().tasks.length === 12);
  // Of 15,000. Positions are lower bounds: they do not count the markers of transactions.
  expect(second.metrics().restoredRecords).toBeLessThan(150);
  await appendLines(1_000);
  await expectCounted([second], { a: 6_000, b: 6_000, c: 6_000 });
});

test('count nothing twice when a thread dies and is replaced', async () => {
  let failures = 0;
  const app = threaded({
    pollRecords: 200,
    onThreadFailure: () => {
      failures += 1;
      return 'replace-thread';
    },
  });
  await app.start();
  await appendLines(3_000);
  await appendLines(10, 'exit');
  await appendLines(3_000);
  await expectCounted([app], { a: 6_000, b: 6_000, c: 6_000, exit: 10 });
  expect(failures).toBe(1);
  await until(() => app.metrics().tasks.length === 12);
});

test('count nothing twice when they are ended by force, and go on from what is on disk', async () => {
  const first = threaded({ closeTimeoutMs: 100 });
  await first.start();
  await appendLines(2_000);
  await until(
    async () => sorted(await countsIn(first)) === sorted({ a: 2_000, b: 2_000, c: 2_000 }),
  );
  await appendLines(1, 'stuck');
  await until(() => Atomics.load(signal, 0) > 0);
  expect(await first.store(countStore).get('a')).toBe(2_000); // It waits for no thread.
  await appendLines(500);
  await first.close();
  expect(first.cause).toMatchObject({ code: 'STREAMS_THREAD_FAILED' });
  letGo();
  const second = threaded();
  await second.start();
  await expectCounted([second], { a: 2_500, b: 2_500, c: 2_500, stuck: 1 });
  // Of each task at most its last commit.
  expect(second.metrics().restoredRecords).toBeLessThan(2_000);
});

test('stand by for those of another process, which then has little to restore', async () => {
  const inProcess = async (name: string) =>
    threaded({
      log: await openLog(),
      stateDirectory: join(root, `${prefix}${name}`),
      standbyReplicas: 1,
    });
  const [one, other] = [await inProcess('one'), await inProcess('other')];
  await Promise.all([one.start(), other.start()]);
  await appendLines(3_000);
  await expectCounted([one, other], { a: 3_000, b: 3_000, c: 3_000 });
  const standbyIds = (app: ThreadedStreamsApplication) =>
    app.metrics().standbys.map(({ taskId }) => taskId);
  const countingTasks = (app: ThreadedStreamsApplication) =>
    app.metrics().tasks.flatMap(({ taskId }) => (taskId.startsWith('1_') ? [taskId] : []));
  await until(() => standbyIds(other).sort().join() === countingTasks(one).sort().join());
  await until(() => other.metrics().standbys.every(({ lag }) => lag === 0n));
  const standbyRecords = other.metrics().standbys.reduce((sum, { records }) => sum + records, 0);
  await one.close();
  await appendLines(1_000);
  await expectCounted([other], { a: 4_000, b: 4_000, c: 4_000 });
  expect(standbyRecords + other.metrics().restoredRecords).toBeLessThanOrEqual(9_000);
});
