import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Log,
  longSerde,
  memoryLog,
  memoryRegistry,
  type ProducedRecord,
  StreamsApplication,
  StreamsError,
  stringSerde,
  topicSerdes,
} from '#streams';
import { openEmbeddedLog } from '#streams/embedded';
import { faultyLog } from '../runtime/faulty-log.ts';
import wordCount, {
  countStore,
  counts,
  lines,
  oldItem,
  oldItems,
  prices,
} from './testing/word-count.ts';
import {
  ThreadedStreamsApplication,
  type ThreadedStreamsApplicationOptions,
} from './threaded-streams-application.ts';

const root = mkdtempSync(join(tmpdir(), 'threads-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;

const logs: [string, number, () => Promise<Log>][] = [
  ['a log that leaves state to changelogs', 2, async () => memoryLog({ commitsState: false })],
  ['the embedded log', 3, () => openEmbeddedLog({ directory: join(root, `${++directories}`) })],
];

const module = new URL('./testing/word-count.ts', import.meta.url);

let log: Log;
let signal: Int32Array;
const opened: { close(): Promise<void> }[] = [];

beforeEach(() => {
  signal = new Int32Array(new SharedArrayBuffer(12));
});

afterEach(async () => {
  letGo();
  for (const one of opened.splice(0).reverse()) await one.close();
});

function letGo(): void {
  Atomics.store(signal, 1, 1);
  Atomics.notify(signal, 1);
}

type More = Partial<ThreadedStreamsApplicationOptions>;

function threaded(threads: number, more: More = {}): ThreadedStreamsApplication {
  const app = new ThreadedStreamsApplication({
    applicationId: 'app',
    cacheMaxBytes: 0, // Every update is to be seen.
    topology: { module, data: { shared: signal.buffer } },
    threads,
    log,
    registry: memoryRegistry(),
    retryBackoffMs: 1,
    retryBackoffMaxMs: 4,
    ...more,
  });
  opened.push(app);
  return app;
}

function record(topic: string, key: string, value: string): ProducedRecord {
  const bytes = { key: Buffer.from(key), value: Buffer.from(value) };
  return { topic, ...bytes, timestampMs: 1, headers: [] };
}

/** `count` lines of 'a b c', spread over the partitions. */
async function appendLines(count: number, line = 'a b c'): Promise<void> {
  await log.append(Array.from({ length: count }, (_, i) => record(lines.name, `${i}`, line)));
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function lastCounts(): Promise<Record<string, number>> {
  const last: Record<string, number> = {};
  for (const { key, value } of await readTopic(counts.name)) {
    last[stringSerde.deserialize(key as Uint8Array)] = longSerde.deserialize(value as Uint8Array);
  }
  return last;
}

async function readTopic(topic: string) {
  const { offsets } = await log.describeTopic(topic);
  const reader = log.openReader();
  reader.assign(
    offsets.map(({ beginning }, partition) => ({ topic, partition, offset: beginning })),
  );
  const total = offsets.reduce((sum, { beginning, end }) => sum + Number(end - beginning), 0);
  const records: { key: Uint8Array | null; value: Uint8Array | null }[] = [];
  while (records.length < total) {
    for (const batch of await reader.poll({ maxWaitMs: 1_000 })) records.push(...batch.records);
  }
  await reader.close();
  return records;
}

async function untilCounted(expected: Record<string, number>): Promise<void> {
  await until(async () => {
    const found = await lastCounts();
    return Object.entries(expected).every(([word, count]) => found[word] === count);
  });
  expect(await lastCounts()).toEqual(expected);
}

/** Every update comes out once: as many records as were counted. */
async function expectNothingTwice(total: number): Promise<void> {
  expect(await readTopic(counts.name)).toHaveLength(total);
}

describe.each(logs)('threads on %s', (_name, threads, openLog) => {
  beforeEach(async () => {
    log = await openLog();
    opened.push(log);
    await log.createTopics([lines, counts]);
  });

  describe('counting', () => countingTests(threads));
  describe('failures', failureTests);
  describe('commits', commitTests);
  describe('stuck threads', stuckTests);
});

function countingTests(threads: number): void {
  test('count exactly once, share the tasks, and answer queries as one application', async () => {
    const app = threaded(threads);
    expect(app.state).toBe('created');
    expect(() => app.store(countStore)).toThrow(/not started/);
    await app.start();
    await app.running();
    await appendLines(2_000);
    await untilCounted({ a: 2_000, b: 2_000, c: 2_000 });
    await expectNothingTwice(6_000);

    const store = app.store(countStore);
    expect(await store.get('a')).toBe(2_000);
    expect(await store.get('absent')).toBeUndefined();
    const all: Record<string, number> = {};
    for await (const { key, value } of store.all()) all[key] = value;
    expect(all).toEqual({ a: 2_000, b: 2_000, c: 2_000 });

    await until(() => app.metrics().commits.records === 8_000);
    expect(app.metrics().tasks.map(({ taskId }) => taskId)).toHaveLength(12);
    await app.close();
    expect(app.state).toBe('closed');
    expect(app.metrics()).toMatchObject({ tasks: [], commits: { records: 8_000 } });
  });

  test('commit what is done when they are closed under load, and go on from there', async () => {
    await appendLines(3_000);
    const first = threaded(threads, { pollRecords: 50, sliceMs: 1 });
    await first.start();
    await until(() => first.metrics().tasks.some(({ processed }) => processed > 0));
    await first.close();
    expect(first.state).toBe('closed');
    const second = threaded(1);
    await second.start();
    await untilCounted({ a: 3_000, b: 3_000, c: 3_000 });
    await expectNothingTwice(9_000);
  });

  test('share the tasks with an application in the main thread, and take them back', async () => {
    const here = new StreamsApplication({
      applicationId: 'app',
      cacheMaxBytes: 0, // Every update is to be seen.
      topology: wordCount({ shared: signal.buffer as SharedArrayBuffer }),
      log,
      registry: memoryRegistry(),
    });
    opened.push(here);
    await here.start();
    await appendLines(500);
    const app = threaded(threads);
    await app.start();
    await until(() => here.metrics().tasks.length < 12 && here.metrics().tasks.length > 0);
    await appendLines(500);
    await here.close();
    await appendLines(500);
    await untilCounted({ a: 1_500, b: 1_500, c: 1_500 });
    await until(() => app.metrics().tasks.length === 12);
    await expectNothingTwice(4_500);
  });
}

/** Of two threads one fails, or is stuck; the other takes over. */
const threads = 2;

function failureTests(): void {
  test('fail as a whole when one of them does, with the cause, and lose nothing', async () => {
    const causes: unknown[] = [];
    const app = threaded(threads, {
      onStateChange: (state, cause) => {
        if (state === 'error') causes.push(cause);
      },
    });
    await app.start();
    await appendLines(200, 'a throw');
    await until(() => app.state === 'error');
    const cause = { message: 'thrown outside of any record' };
    expect(causes).toEqual([app.cause]);
    expect(app.cause).toMatchObject({ code: 'STREAMS_THREAD_FAILED', cause });
    await expect(app.running()).rejects.toBe(app.cause);
    await app.close();
    expect(app.state).toBe('error');

    const next = threaded(threads);
    await next.start();
    await untilCounted({ a: 200, throw: 200 });
    await expectNothingTwice(400);
  });

  test.each(['throw', 'exit'] as const)(
    'go on when a thread that fails (%s) is replaced, and count nothing twice',
    async (how) => {
      const failures: number[] = [];
      const app = threaded(threads, {
        pollRecords: 20,
        onThreadFailure: ({ thread }) => {
          failures.push(thread);
          return 'replace-thread';
        },
      });
      await app.start();
      await appendLines(1_000);
      await appendLines(10, how);
      await appendLines(1_000);
      await untilCounted({ a: 2_000, b: 2_000, c: 2_000, [how]: 10 });
      await expectNothingTwice(6_010);
      expect(failures).toHaveLength(1);
      await app.running();
      await until(() => app.metrics().tasks.length === 12);
      expect(app.cause).toBeUndefined();
    },
  );

  test('tell why an application in a thread failed', async () => {
    const app = threaded(threads, { topology: { module, exportName: 'failing' } });
    await app.start().catch(() => undefined); // It may fail before all threads have started.
    await until(() => app.state === 'error');
    expect(app.cause).toBeInstanceOf(StreamsError);
    expect(app.cause).toMatchObject({ code: 'STREAMS_TASK_FAILED', cause: { message: 'planned' } });
  });
}

function commitTests(): void {
  test('are ended at any moment under load, and count nothing twice', async () => {
    for (let round = 1; round <= 4; round++) {
      await appendLines(1_000);
      const app = threaded(threads, { pollRecords: 100, commitRecords: 100, closeTimeoutMs: 0 });
      await app.start();
      await until(() => app.metrics().commits.commits > 0);
      await app.close();
    }
    const last = threaded(threads);
    await last.start();
    await untilCounted({ a: 4_000, b: 4_000, c: 4_000 });
    await expectNothingTwice(12_000);
  });

  test('try a commit again that the log has refused', async () => {
    let commits = 0;
    const refusing = faultyLog(log, {
      commit: async (_commit, write) => {
        commits += 1;
        if (commits % 3 !== 0) {
          throw new StreamsError('STREAMS_LOG_UNAVAILABLE', 'planned', { retryable: true });
        }
        await write();
      },
    });
    const app = threaded(threads, { log: refusing });
    await app.start();
    for (let i = 0; i < 20; i++) await appendLines(1);
    await untilCounted({ a: 20, b: 20, c: 20 });
    await expectNothingTwice(60);
    await until(() => app.metrics().commits.failed > 0);
  });
}

function stuckTests(): void {
  test('keep the main thread free, and the other tasks going', async () => {
    const app = threaded(threads);
    await app.start();
    await app.running();
    await appendLines(1, 'stuck');
    await until(() => Atomics.load(signal, 0) > 0);
    let turns = 0;
    while (turns < 100) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    expect(Atomics.load(signal, 1)).toBe(0); // It is stuck still.
    letGo();
    await untilCounted({ stuck: 1 });
  });

  test('are ended by force when they do not close in time, and nothing is lost', async () => {
    const app = threaded(threads, { closeTimeoutMs: 50 });
    await app.start();
    await app.running();
    await appendLines(1, 'stuck a');
    await until(() => Atomics.load(signal, 0) > 0);
    await app.close();
    expect(app.state).toBe('error');
    expect(app.cause).toMatchObject({ code: 'STREAMS_THREAD_FAILED' });
    letGo();
    const next = threaded(1);
    await next.start();
    await untilCounted({ stuck: 1, a: 1 });
    await expectNothingTwice(2);
  });
}

describe('a threaded application', () => {
  beforeEach(async () => {
    log = memoryLog({ commitsState: false });
    opened.push(log);
  });

  test('says what is wrong with its options, all of it', () => {
    log = memoryLog();
    const wrong = () => threaded(0, { closeTimeoutMs: -1 });
    expect(wrong).toThrow(/threads is 0.*closeTimeoutMs is -1.*no other thread can read/);
    expect(() => threaded(1, { applicationId: '' })).toThrow(/applicationId/);
  });

  test.each`
    exportName        | problem
    ${'absent'}       | ${/exports no function 'absent'/}
    ${'notAFunction'} | ${/exports no function 'notAFunction'/}
    ${'noTopology'}   | ${/makes no topology/}
  `('does not start with $exportName', async ({ exportName, problem }) => {
    const app = threaded(2, { topology: { module, exportName } });
    await expect(app.start()).rejects.toThrow(problem);
    expect(app.state).toBe('error');
  });

  test('does not start on topics with other settings, and says so as one thread would', async () => {
    await log.createTopics([{ ...lines, partitions: 1 }]);
    const app = threaded(2);
    await expect(app.start()).rejects.toMatchObject({ code: 'STREAMS_TOPIC_MISMATCH' });
    expect(app.cause).toMatchObject({ code: 'STREAMS_TOPIC_MISMATCH' });
  });

  test('takes no more from the log than its threads can hold', async () => {
    await log.createTopics([lines, counts]);
    await appendLines(1, 'stuck');
    await appendLines(8_000);
    let polled = 0;
    const join = log.joinGroup.bind(log);
    log.joinGroup = async (options) => {
      const member = await join(options);
      const poll = member.poll.bind(member);
      member.poll = async (how) => {
        const batches = await poll(how);
        for (const { records } of batches) polled += records.length;
        return batches;
      };
      return member;
    };
    const app = threaded(1, { pollRecords: 100, bufferedRecords: 100 });
    await app.start();
    await until(() => Atomics.load(signal, 0) > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(polled).toBeLessThan(12_000);
    letGo();
    await untilCounted({ a: 8_000, b: 8_000, c: 8_000, stuck: 1 });
  });

  test('loads schemas that only the registry of the main thread knows', async () => {
    const registry = memoryRegistry();
    await log.createTopics([oldItems]);
    await registry.register('items-value', oldItem.avro);
    const { value } = await topicSerdes(oldItems, registry);
    const app = threaded(2, { registry, topology: { module, exportName: 'priceList' } });
    await app.start();
    const bytes = { key: Buffer.from('k'), value: value.serialize({ name: 'tea' }) };
    await log.append([{ topic: oldItems.name, ...bytes, timestampMs: 1, headers: [] }]);
    await until(async () => (await readTopic(prices.name)).length === 1);
    const [price] = await readTopic(prices.name);
    expect(Buffer.from(price?.value ?? []).toString()).toBe('tea: not for sale');
  });
});
