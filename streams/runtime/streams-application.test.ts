import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryRegistry } from '../avro/memory-registry.ts';
import { StreamsError } from '../errors.ts';
import { openEmbeddedLog } from '../log/embedded/index.ts';
import type { Log, ProducedRecord } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { jsonSerde, longSerde, stringSerde } from '../serdes.ts';
import { keyValueStore } from '../state/store.ts';
import { until } from '../testing/until.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import type { Topology } from '../topology/topology.ts';
import { type Faults, faultyLog } from './faulty-log.ts';
import { StreamsApplication, type StreamsApplicationOptions } from './streams-application.ts';

const root = mkdtempSync(join(tmpdir(), 'streams-application-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;

const logs: [string, () => Promise<Log>][] = [
  ['the memory log', async () => memoryLog()],
  ['a log that leaves state to changelogs', async () => memoryLog({ commitsState: false })],
  ['the embedded log', () => openEmbeddedLog({ directory: join(root, `${++directories}`) })],
];

const lines = topic('lines', { key: stringSerde, value: stringSerde, partitions: 3 });
const counts = topic('counts', { key: stringSerde, value: longSerde, partitions: 3 });
const countStore = { name: 'word-counts', key: stringSerde, value: longSerde };

function wordCount(): Topology {
  const builder = new StreamsBuilder();
  const serdes = { key: stringSerde, value: stringSerde };
  builder
    .stream(lines)
    .flatMapValues((line) => line.split(' '))
    .groupBy('by-word', (word) => word, serdes)
    .count('word-counts')
    .toStream()
    .mapValues((count) => count ?? 0)
    .to(counts);
  return builder.build();
}

let clockMs = 1_000;
let log: Log;

/** Applications and logs that the running test has opened. */
const opened: { close(): Promise<void> }[] = [];

function application(
  log: Log,
  topology: Topology,
  more: Partial<StreamsApplicationOptions> = {},
): StreamsApplication {
  const app = new StreamsApplication({
    applicationId: 'app',
    topology,
    log,
    registry: memoryRegistry(),
    clock: () => clockMs,
    retryBackoffMs: 1,
    retryBackoffMaxMs: 4,
    pollIntervalMs: 5,
    cacheMaxBytes: 0, // So that every update can be accounted for.
    ...more,
  });
  opened.push(app);
  return app;
}

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function record(topicName: string, key: string | null, value: string | null): ProducedRecord {
  return {
    topic: topicName,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    timestampMs: 1,
    headers: [],
  };
}

async function readTopic(log: Log, name: string) {
  const { offsets } = await log.describeTopic(name);
  const reader = log.openReader();
  reader.assign(
    offsets.map(({ beginning }, partition) => ({ topic: name, partition, offset: beginning })),
  );
  const total = offsets.reduce((sum, { beginning, end }) => sum + Number(end - beginning), 0);
  const records: {
    key: string | undefined;
    value: Uint8Array | null;
    headers: Map<string, string>;
  }[] = [];
  while (records.length < total) {
    for (const batch of await reader.poll({ maxWaitMs: 1_000 })) {
      for (const { key, value, headers } of batch.records) {
        const texts = headers.map((h) => [h.key, Buffer.from(h.value ?? []).toString()] as const);
        records.push({ key: key?.toString(), value, headers: new Map(texts) });
      }
    }
  }
  await reader.close();
  return records;
}

/** The last count of each word in the output topic. */
async function lastCounts(log: Log): Promise<Record<string, number>> {
  const last: Record<string, number> = {};
  for (const { key, value } of await readTopic(log, 'counts')) {
    if (key !== undefined && value !== null) last[key] = longSerde.deserialize(value);
  }
  return last;
}

async function hasCounts(log: Log, expected: Record<string, number>): Promise<boolean> {
  const found = await lastCounts(log);
  return Object.entries(expected).every(([word, count]) => found[word] === count);
}

describe.each(logs)('an application on %s', (_name, openLog) => {
  beforeEach(async () => {
    clockMs = 1_000;
    log = await openLog();
    opened.push(log);
    await log.createTopics([lines, counts]);
  });

  describe('counting', countingTests);
  describe('crashes', crashTests);
  describe('sharing and closing', sharingTests);
  describe('dead letters', deadLetterTests);
  describe('punctuators', punctuatorTests);
  describe('global tables', globalTableTests);
});

function countingTests(): void {
  test('counts words end to end, and answers queries with what is committed', async () => {
    const app = application(log, wordCount());
    await app.start();
    await log.append([record('lines', 'k', 'to be or not to be')]);
    await until(() => hasCounts(log, { to: 2, be: 2, or: 1, not: 1 }));
    const store = app.store(countStore);
    expect(await store.get('to')).toBe(2);
    expect(await store.get('absent')).toBeUndefined();
    const all: Record<string, number> = {};
    for await (const { key, value } of store.all()) all[key] = value;
    expect(all).toEqual({ to: 2, be: 2, or: 1, not: 1 });
  });

  test('goes on exactly where it was when it is started again', async () => {
    const first = application(log, wordCount());
    await first.start();
    await log.append([record('lines', 'k', 'a b a')]);
    await until(() => hasCounts(log, { a: 2, b: 1 }));
    await first.close();
    await log.append([record('lines', 'k', 'a')]);
    const second = application(log, wordCount());
    await second.start();
    await until(() => hasCounts(log, { a: 3 }));
    expect(await lastCounts(log)).toEqual({ a: 3, b: 1 });
    const offsets = (await readTopic(log, 'counts')).length;
    expect(offsets).toBe(4);
  });

  test('counts each record once though commits are refused, before or after processing', async () => {
    let commits = 0;
    const faults: Faults = {
      commit: async (_commit, write) => {
        commits += 1;
        if (commits % 3 !== 0) {
          throw new StreamsError('STREAMS_LOG_UNAVAILABLE', 'planned', { retryable: true });
        }
        await write();
      },
    };
    const app = application(faultyLog(log, faults), wordCount());
    await app.start();
    for (let i = 0; i < 20; i++) await log.append([record('lines', `${i}`, 'a b a')]);
    await until(() => hasCounts(log, { a: 40, b: 20 }));
    expect(await lastCounts(log)).toEqual({ a: 40, b: 20 });
    expect(app.metrics().commits.failed).toBeGreaterThan(0);
  });
}

function crashTests(): void {
  test.each(['before', 'after'] as const)(
    'loses and doubles nothing when it dies %s a commit, and says why it stopped',
    async (when) => {
      for (let i = 0; i < 10; i++) await log.append([record('lines', `${i}`, 'a b a')]);
      let expected = 20;
      const boom = new Error('power cut');
      for (let dies = 1; dies <= 4; dies++) {
        let commits = 0;
        const faults: Faults = {
          commit: async (_commit, write) => {
            commits += 1;
            if (commits === dies && when === 'after') await write();
            if (commits === dies) throw boom;
            await write();
          },
        };
        const causes: unknown[] = [];
        const app = application(faultyLog(log, faults), wordCount(), {
          commitRecords: 1,
          onStateChange: (state, cause) => {
            if (state === 'error') causes.push(cause);
          },
        });
        await app.start();
        await until(async () => {
          await log.append([record('lines', 'more', 'a')]);
          expected += 1;
          return app.state === 'error';
        });
        expect(causes).toEqual([boom]);
        await app.close();
        expect(app.state).toBe('error');
      }
      const healthy = application(log, wordCount());
      await healthy.start();
      await until(() => hasCounts(log, { a: expected, b: 10 }));
      expect(await lastCounts(log)).toEqual({ a: expected, b: 10 });
      expect((await readTopic(log, 'counts')).length).toBe(expected + 10);
    },
  );
}

function sharingTests(): void {
  test('shares its tasks with a second member, and takes them back', async () => {
    const first = application(log, wordCount());
    await first.start();
    await log.append([record('lines', 'x', 'a b c d e f')]);
    await until(() => hasCounts(log, { a: 1, f: 1 }));
    const second = application(log, wordCount());
    await second.start();
    const tasksOf = (app: StreamsApplication) => app.metrics().tasks.map(({ taskId }) => taskId);
    await until(
      () => tasksOf(first).length + tasksOf(second).length === 6 && tasksOf(second).length > 0,
    );
    expect(new Set([...tasksOf(first), ...tasksOf(second)]).size).toBe(6);
    for (let i = 0; i < 9; i++) await log.append([record('lines', `${i}`, 'a b c d e f')]);
    await until(() => hasCounts(log, { a: 10, b: 10, c: 10, d: 10, e: 10, f: 10 }));
    await first.close();
    await log.append([record('lines', 'x', 'a b')]);
    await until(() => hasCounts(log, { a: 11, b: 11 }));
    expect(tasksOf(second)).toHaveLength(6);
  });

  test('commits what is done when it is closed in the middle of work', async () => {
    await log.append(Array.from({ length: 500 }, (_, i) => record('lines', `${i}`, 'a')));
    const first = application(log, wordCount(), { sliceMs: 1, pollRecords: 16 });
    await first.start();
    await until(() => first.metrics().tasks.some(({ processed }) => processed > 0));
    await first.close();
    expect(first.state).toBe('closed');
    const second = application(log, wordCount());
    await second.start();
    await until(() => hasCounts(log, { a: 500 }));
    expect((await readTopic(log, 'counts')).length).toBe(500);
  });
}

function deadLetterTests(): void {
  test('sends a record that cannot be processed to the dead letters, and goes on behind it', async () => {
    const builder = new StreamsBuilder();
    const numbers = topic('numbers', {
      key: stringSerde,
      value: jsonSerde<number>(),
      partitions: 1,
    });
    const doubled = topic('doubled', {
      key: stringSerde,
      value: jsonSerde<number>(),
      partitions: 1,
    });
    builder
      .stream(numbers)
      .mapValues((n) => n * 2)
      .to(doubled);
    const app = application(log, builder.build());
    await log.createTopics([numbers]);
    await log.append([
      record('numbers', 'a', '1'),
      record('numbers', 'b', 'no JSON'),
      record('numbers', 'c', '3'),
    ]);
    await app.start();
    await until(async () => (await readTopic(log, 'doubled')).length === 2);
    const [dead] = await readTopic(log, 'app-dead-letters');
    expect(dead?.key).toBe('b');
    expect(dead?.headers.get('__streams.errors.topic')).toBe('numbers');
    expect(dead?.headers.get('__streams.errors.offset')).toBe('1');
    expect(app.metrics().tasks[0]?.deadLetters).toBe(1);
  });

  test('buries a record whose output the log would refuse, and goes on behind it', async () => {
    const texts = topic('texts', { key: stringSerde, value: stringSerde, partitions: 1 });
    const builder = new StreamsBuilder();
    builder
      .stream(lines)
      .mapValues((line) => (line === 'huge' ? 'x'.repeat(16_000_000) : line))
      .to(texts);
    const app = application(log, builder.build());
    await app.start();
    await log.append(['a', 'huge', 'b'].map((line) => record('lines', 'k', line)));
    await until(async () => (await readTopic(log, 'texts')).length === 2);
    const [dead] = await readTopic(log, 'app-dead-letters');
    expect(dead?.headers.get('__streams.errors.code')).toBe('STREAMS_RECORD_TOO_LARGE');
    expect(app.state).toBe('running');
  });
}

function punctuatorTests(): void {
  test('fires wall-clock punctuators without any record', async () => {
    const store = keyValueStore('ticks', { key: stringSerde, value: longSerde });
    const builder = new StreamsBuilder();
    builder.stream(lines).process('tick', {
      stores: { store },
      process: () => {},
      punctuators: [
        {
          time: 'wall-clock',
          everyMs: 1_000,
          punctuate: (_nowMs, { stores }) =>
            stores.store.put('ticks', (stores.store.get('ticks') ?? 0) + 1),
        },
      ],
    });
    const app = application(log, builder.build());
    await app.start();
    await until(() => app.state === 'running' && app.metrics().tasks.length === 3);
    const ticks = async () => {
      let sum = 0;
      for await (const { value } of app.store(store).all()) sum += value;
      return sum;
    };
    clockMs += 1_000;
    await until(async () => (await ticks()) === 3);
    clockMs += 1_000;
    await until(async () => (await ticks()) === 6);
  });
}

function globalTableTests(): void {
  test('has a global table whole before the first record, and follows it', async () => {
    const cities = topic('cities', {
      key: stringSerde,
      value: stringSerde,
      partitions: 2,
      cleanupPolicy: 'compact',
    });
    const orders = topic('orders', { key: stringSerde, value: stringSerde, partitions: 1 });
    const routed = topic('routed', { key: stringSerde, value: stringSerde, partitions: 1 });
    const builder = new StreamsBuilder();
    const table = builder.globalTable(cities, 'cities');
    builder
      .stream(orders)
      .leftJoinGlobal(
        table,
        (code) => code,
        (code, city) => `${code}=${city ?? 'unknown'}`,
      )
      .to(routed);
    await log.createTopics([cities, orders, routed]);
    await log.append(Array.from({ length: 300 }, (_, i) => record('cities', `${i}`, `city ${i}`)));
    await log.append([record('cities', '7', null), record('orders', 'o1', '299')]);
    const app = application(log, builder.build());
    await app.start();
    const results = async () =>
      (await readTopic(log, 'routed')).map(({ value }) => Buffer.from(value ?? []).toString());
    await until(async () => (await results()).length === 1);
    expect(await results()).toEqual(['299=city 299']);
    await log.append([record('cities', '299', 'renamed')]);
    let sent = 1;
    await until(async () => {
      await log.append([record('orders', 'o', '299'), record('orders', 'o', '7')]);
      sent += 2;
      await until(async () => (await results()).length === sent);
      return (await results()).includes('299=renamed');
    });
    expect(await results()).toContain('7=unknown');
  });
}
