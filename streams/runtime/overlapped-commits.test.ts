/** What a thread does while its commit is on its way. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { memoryRegistry } from '../avro/memory-registry.ts';
import { StreamsError } from '../errors.ts';
import type { Log, LogCommit } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { until } from '../testing/until.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import type { Topology } from '../topology/topology.ts';
import { type Faults, faultyLog } from './faulty-log.ts';
import { StreamsApplication, type StreamsApplicationOptions } from './streams-application.ts';

const words = topic('words', { key: stringSerde, value: stringSerde, partitions: 2 });
const counts = topic('counts', { key: stringSerde, value: longSerde, partitions: 2 });
const store = { name: 'count', key: stringSerde, value: longSerde };

function counting(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .groupByKey('by-key')
    .count('count')
    .toStream()
    .mapValues((count) => count ?? 0)
    .to(counts);
  return builder.build();
}

/** Holds commits back until the test lets them go; each may then fail instead. */
class Gate {
  readonly held: LogCommit[] = [];
  mostAtOnce = 0;
  #isOpen = false;
  #atOnce = 0;
  #letGo: ((error?: unknown) => void)[] = [];

  readonly faults: Faults = {
    commit: async (commit, write) => {
      this.held.push(commit);
      this.#atOnce += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
      try {
        const error = this.#isOpen
          ? undefined
          : await new Promise<unknown>((resolve) => this.#letGo.push(resolve));
        if (error !== undefined) throw error;
        await write();
      } finally {
        this.#atOnce -= 1;
      }
    },
  };

  /** Lets the commits go that are held now. */
  release(error?: unknown): void {
    for (const letGo of this.#letGo.splice(0)) letGo(error);
  }

  open(): void {
    this.#isOpen = true;
    this.release();
  }
}

let log: Log;
let gate: Gate;
const applications: StreamsApplication[] = [];

beforeEach(async () => {
  log = memoryLog();
  gate = new Gate();
  await log.createTopics([words, counts]);
});
afterEach(async () => {
  gate.open();
  for (const app of applications.splice(0)) await app.close();
  await log.close();
});

async function start(
  through: Log,
  more: Partial<StreamsApplicationOptions> = {},
): Promise<StreamsApplication> {
  const app = new StreamsApplication({
    applicationId: 'app',
    topology: counting(),
    log: through,
    registry: memoryRegistry(),
    commitIntervalMs: 3_600_000,
    cacheMaxBytes: 0,
    retryBackoffMs: 1,
    ...more,
  });
  applications.push(app);
  await app.start();
  await app.running();
  return app;
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn();
}

async function append(count: number, partition = 0): Promise<void> {
  const record = { topic: 'words', partition, timestampMs: 0, headers: [] };
  const key = Buffer.from(`key-${partition}`);
  await log.append(Array.from({ length: count }, () => ({ ...record, key, value: key })));
}

const processed = (app: StreamsApplication) =>
  app.metrics().tasks.reduce((sum, task) => sum + task.processed, 0);

/** Every count that was written, in the order written. */
async function written(): Promise<number[]> {
  const { offsets } = await log.describeTopic('counts');
  const reader = log.openReader();
  reader.assign(offsets.map((_, partition) => ({ topic: 'counts', partition, offset: 0n })));
  const found: number[] = [];
  const total = offsets.reduce((sum, { end }) => sum + Number(end), 0);
  while (found.length < total) {
    for (const { records } of await reader.poll({ maxWaitMs: 1_000 })) {
      for (const { value } of records) found.push(longSerde.deserialize(value as Uint8Array));
    }
  }
  await reader.close();
  return found;
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const unavailable = () =>
  new StreamsError('STREAMS_LOG_UNAVAILABLE', 'planned', { retryable: true });

test('processes on, commits what it did right behind, and one commit at a time', async () => {
  const app = await start(faultyLog(log, gate.faults));
  await append(1);
  await until(() => gate.held.length === 1);
  await append(3);
  await until(() => processed(app) === 4);
  expect(gate.held).toHaveLength(1);
  expect(await app.store(store).get('key-0')).toBeUndefined();
  gate.release();
  // Nothing else comes: the end of the first commit alone must bring the second.
  await until(() => gate.held.length === 2);
  expect(await app.store(store).get('key-0')).toBe(1);
  expect(gate.held.map(({ offsets }) => offsets.map(({ offset }) => offset))).toEqual([[1n], [4n]]);
  gate.release();
  await until(async () => (await app.store(store).get('key-0')) === 4);
  expect(await written()).toEqual(upTo(4));
  expect(gate.mostAtOnce).toBe(1);
});

test('does no more than one commit covers behind one in flight', async () => {
  const app = await start(faultyLog(log, gate.faults), { commitRecords: 10, pollRecords: 5 });
  await append(200);
  await until(() => gate.held.length === 1);
  const inFlight = processed(app);
  await until(() => processed(app) >= inFlight + 10);
  await turns(50);
  expect(processed(app)).toBe(inFlight + 10);
  gate.open();
  await until(async () => (await app.store(store).get('key-0')) === 200);
  expect(await written()).toEqual(upTo(200));
});

test('a commit that fails takes back what was processed behind it', async () => {
  const app = await start(faultyLog(log, gate.faults));
  await append(2);
  await until(() => gate.held.length === 1);
  await append(2);
  await until(() => processed(app) === 4);
  gate.release(unavailable());
  await until(() => gate.held.length === 2);
  gate.open();
  await until(async () => (await app.store(store).get('key-0')) === 4);
  expect(await written()).toEqual(upTo(4));
  expect(app.metrics().commits).toMatchObject({ failed: 1, records: 4 });
});

test('a commit that fails for good ends the application, and nothing behind it is written', async () => {
  const app = await start(faultyLog(log, gate.faults));
  await append(1);
  await until(() => gate.held.length === 1);
  await append(1);
  await until(() => processed(app) === 2);
  const error = new Error('who knows whether it was written');
  gate.release(error);
  await until(() => app.state === 'error');
  expect(app.cause).toBe(error);
  await turns(5);
  expect(app.metrics().tasks.map(({ lag }) => lag)).toEqual([2n, 0n]);
  await app.close();
  expect(gate.held).toHaveLength(1);
  expect(await written()).toEqual([]);
});

test('a poll that fails meanwhile takes nothing back that the commit makes durable', async () => {
  let away = false;
  const app = await start(
    faultyLog(log, {
      ...gate.faults,
      poll: () => {
        if (away) throw unavailable();
      },
    }),
  );
  await append(1);
  await until(() => gate.held.length === 1);
  away = true;
  await append(1);
  await turns(20);
  away = false;
  gate.open();
  await until(async () => (await app.store(store).get('key-0')) === 2);
  expect(await written()).toEqual([1, 2]);
});

test('partitions are let go when the commit in flight and what was done behind it are durable', async () => {
  const app = await start(faultyLog(log, gate.faults));
  await append(1, 1);
  await until(() => gate.held.length === 1);
  await append(1, 1);
  await until(() => processed(app) === 2);
  const second = await start(log);
  await turns(20);
  expect(second.metrics().tasks).toEqual([]);
  gate.release();
  await until(() => gate.held.length === 2);
  await turns(20);
  expect(second.metrics().tasks).toEqual([]);
  gate.open();
  await until(() => second.metrics().tasks.length === 1);
  await until(() => second.state === 'running');
  expect(second.metrics().tasks[0]).toMatchObject({ taskId: '0_1', lag: 0n });
  await append(1, 1);
  await until(async () => (await second.store(store).get('key-1')) === 3);
  expect(await written()).toEqual([1, 2, 3]);
});

test('closing waits for the commit in flight, then commits the rest', async () => {
  const app = await start(faultyLog(log, gate.faults));
  await append(1);
  await until(() => gate.held.length === 1);
  await append(1);
  await until(() => processed(app) === 2);
  let isClosed = false;
  const closing = app.close().then(() => {
    isClosed = true;
  });
  await turns(20);
  expect(isClosed).toBe(false);
  gate.open();
  await closing;
  expect(app.state).toBe('closed');
  expect(await written()).toEqual([1, 2]);
});

test('closing after a commit failed for the moment leaves what it covered to the next start', async () => {
  const app = await start(faultyLog(log, gate.faults));
  await append(1);
  await until(() => gate.held.length === 1);
  const closing = app.close();
  gate.release(unavailable());
  await closing;
  expect(app.state).toBe('closed');
  expect(await written()).toEqual([]);
  const next = await start(log);
  await until(async () => (await next.store(store).get('key-0')) === 1);
});
