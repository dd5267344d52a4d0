/** Applications on a log that keeps no state: what they restore, when, and what goes on meanwhile. */
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryRegistry } from '../avro/memory-registry.ts';
import type { Log, TopicPartition } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { openLocalState } from '../state/lmdb/index.ts';
import type { DamagedState, LocalStateStorage } from '../state/local-state.ts';
import { MemoryLocalState } from '../state/memory-local-state.ts';
import { until } from '../testing/until.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { faultyLog } from './faulty-log.ts';
import { heldReaders } from './held-readers.ts';
import {
  type RestoreProgress,
  StreamsApplication,
  type StreamsApplicationOptions,
} from './streams-application.ts';

const partitions = 4;
const words = topic('words', { key: stringSerde, value: stringSerde, partitions });
const changelog = 'app-counts-changelog';
const counts = { name: 'counts', key: stringSerde, value: longSerde };
const keys = Array.from({ length: 40 }, (_, i) => `key ${i}`);

function counting() {
  const builder = new StreamsBuilder();
  builder.stream(words).groupByKey('g').count('counts');
  return builder.build();
}

const root = mkdtempSync(join(tmpdir(), 'local-state-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let log: Log;
let localState: MemoryLocalState;
let applications: StreamsApplication[];

beforeEach(async () => {
  log = memoryLog({ commitsState: false });
  localState = new MemoryLocalState();
  applications = [];
  await log.createTopics([words]);
});
afterEach(async () => {
  for (const one of applications) await one.close();
  await log.close();
});

function application(more: Partial<StreamsApplicationOptions> = {}): StreamsApplication {
  const one = new StreamsApplication({
    applicationId: 'app',
    topology: counting(),
    log,
    registry: memoryRegistry(),
    localState,
    pollIntervalMs: 5,
    commitRecords: 10,
    ...more,
  });
  applications.push(one);
  return one;
}

/** One more of each key. */
async function append(): Promise<void> {
  await log.append(
    keys.map((key) => ({
      topic: 'words',
      key: Buffer.from(key),
      value: Buffer.from('x'),
      timestampMs: 0,
      headers: [],
    })),
  );
}

async function countsOf(...from: StreamsApplication[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const one of from) {
    if (one.state !== 'running') continue;
    for await (const { key, value } of one.store(counts).all()) found.set(key, value);
  }
  return found;
}

async function hasCounted(times: number, ...from: StreamsApplication[]): Promise<boolean> {
  const found = await countsOf(...from);
  return keys.every((key) => found.get(key) === times);
}

async function logged(): Promise<number> {
  const { offsets } = await log.describeTopic(changelog);
  return offsets.reduce((sum, { beginning, end }) => sum + Number(end - beginning), 0);
}

async function countAndClose(state: LocalStateStorage, times: number): Promise<void> {
  const one = application({ localState: state });
  await one.start();
  for (let time = 1; time <= times; time++) {
    await append();
    await until(() => hasCounted(time, one));
  }
  await one.close();
}

test.each(['before the log has it', 'after the log has it'])(
  'a process that dies in a commit, %s, has only that to read again',
  async (when) => {
    await countAndClose(localState, 2);
    const faulty = faultyLog(log, {
      commit: async (_commit, write) => {
        if (when === 'after the log has it') await write();
        throw new Error('power cut');
      },
    });
    const dying = application({ log: faulty });
    await dying.start();
    await append();
    await until(() => dying.state === 'error');
    await dying.close(); // Which leaves the group, and does nothing else any more.

    const second = application();
    await second.start();
    await until(() => hasCounted(3, second));
    const { restoredRecords } = second.metrics();
    expect(restoredRecords).toBeLessThanOrEqual(40);
    if (when === 'after the log has it') expect(restoredRecords).toBeGreaterThan(0);
    else expect(restoredRecords).toBe(0);
    expect(await logged()).toBe(3 * keys.length);
  },
);

test('state on disk that is damaged is set aside, told, and restored', async () => {
  const directory = join(root, 'damaged');
  const first = await openLocalState({ directory });
  await countAndClose(first, 3);
  await first.close();
  const file = join(directory, 'app', '0_1', 'state.mdb');
  truncateSync(file, statSync(file).size - 2 * 4_096);

  const damaged: DamagedState[] = [];
  const second = await openLocalState({ directory, onDamaged: (one) => damaged.push(one) });
  const again = application({ localState: second });
  await again.start();
  await until(() => hasCounted(3, again));
  expect(damaged).toEqual([expect.objectContaining({ applicationId: 'app', taskId: '0_1' })]);
  const { offsets } = await log.describeTopic(changelog);
  expect(again.metrics().restoredRecords).toBe(Number(offsets[1]?.end));
  await again.close();
  await second.close();
});

test('state of a log that was made anew is not taken for its own', async () => {
  await countAndClose(localState, 3);
  const other = memoryLog({ commitsState: false });
  await other.createTopics([words]);
  await log.close();
  log = other;
  await countAndClose(localState, 1);
});

test('state in memory is restored with each application, and all of it', async () => {
  await countAndClose(new MemoryLocalState(), 2);
  const progress: RestoreProgress[] = [];
  const second = application({
    localState: new MemoryLocalState(),
    onRestoreProgress: (one) => progress.push(one),
  });
  await second.start();
  await second.running();
  await until(() => hasCounted(2, second));
  expect(second.metrics()).toMatchObject({ restoredRecords: 80, restoring: [] });
  expect(second.metrics().restoredBytes).toBe(await bytesLogged());
  const last = new Map(progress.map((one) => [one.taskId, one]));
  expect([...last.keys()].sort()).toEqual(['0_0', '0_1', '0_2', '0_3']);
  for (const { remaining } of last.values()) expect(remaining).toBe(0n);
});

async function bytesLogged(): Promise<number> {
  const reader = log.openReader();
  reader.assign([0, 1, 2, 3].map((partition) => ({ topic: changelog, partition, offset: 0n })));
  let [records, bytes] = [0, 0];
  while (records < 80) {
    for (const batch of await reader.poll({ maxWaitMs: 1_000 })) {
      records += batch.records.length;
      for (const { key, value } of batch.records) {
        bytes += (key?.length ?? 0) + (value?.length ?? 0);
      }
    }
  }
  await reader.close();
  return bytes;
}

const isChangelog = ({ topic }: TopicPartition) => topic === changelog;
const taskIds = (one: StreamsApplication) => one.metrics().tasks.map(({ taskId }) => taskId);

test('tasks that are ready run, while another is still restored', async () => {
  await countAndClose(localState, 1);
  await localState.removeTask('app', '0_2');
  const { log: slow, release } = heldReaders(log, (one) => isChangelog(one) && one.partition === 2);
  const one = application({ log: slow });
  await one.start();
  await append();
  await until(() => one.metrics().tasks.length === 3);
  await until(() => one.metrics().tasks.every(({ processed, lag }) => processed > 0 && lag === 0n));
  expect(taskIds(one).sort()).toEqual(['0_0', '0_1', '0_3']);
  expect(one.state).toBe('restoring');
  const { offsets } = await log.describeTopic(changelog);
  expect(one.metrics().restoring).toEqual([
    expect.objectContaining({ taskId: '0_2', restoredRecords: 0, remaining: offsets[2]?.end }),
  ]);
  release();
  await one.running();
  await until(() => hasCounted(2, one));
});

test('a restore does not hold up the group, and what was restored before it ended stays', async () => {
  await countAndClose(new MemoryLocalState(), 2);
  const slow = heldReaders(log, isChangelog, 5);
  const restoring = application({ log: slow.log });
  await restoring.start();
  const isPartly = ({ restoredRecords, remaining }: RestoreProgress) =>
    restoredRecords > 0 && remaining > 0n;
  await until(() => restoring.metrics().restoring.filter(isPartly).length === 4);

  const other = application({ localState: new MemoryLocalState() });
  await other.start();
  await other.running();
  await until(() => taskIds(other).length === 2);
  await append();
  await until(() => other.metrics().tasks.every(({ lag }) => lag === 0n));
  expect([restoring.state, taskIds(restoring)]).toEqual(['restoring', []]);
  expect(restoring.metrics().restoring.map(({ taskId }) => taskId)).toEqual(['0_0', '0_1']);

  slow.release();
  await restoring.running();
  await until(() => hasCounted(3, restoring, other));
  await restoring.close();
  const left = await localState.openTask('app', '0_3');
  expect(left.positions.get(changelog)).toBeGreaterThan(0n);
});

test('who stands by takes over with next to nothing to read', async () => {
  const settings = { standbyReplicas: 1, commitRecords: 1_000 };
  const owner = application({ ...settings, localState: new MemoryLocalState() });
  await owner.start();
  for (let i = 0; i < 20; i++) await append();
  await until(() => hasCounted(20, owner));
  const other = application(settings);
  await other.start();
  const standsBy = (one: StreamsApplication) => {
    const { standbys } = one.metrics();
    return standbys.length === 2 && standbys.every(({ lag }) => lag === 0n);
  };
  await until(() => standsBy(other) && standsBy(owner));
  expect(other.metrics().standbys.every(({ records }) => records > 0)).toBe(true);
  await append();
  await until(() => hasCounted(21, owner, other));
  await until(() => standsBy(other));
  const before = other.metrics().restoredRecords;
  await owner.close();
  await until(() => taskIds(other).length === 4);
  expect(await hasCounted(21, other)).toBe(true);
  expect(other.metrics()).toMatchObject({ standbys: [], standbyFailures: 0 });
  expect(other.metrics().restoredRecords - before).toBeLessThanOrEqual(2 * keys.length);
  await append();
  await until(() => hasCounted(22, other));
});

test('state of tasks that went elsewhere is deleted after a while', async () => {
  const first = application({ stateCleanupDelayMs: 20 });
  await first.start();
  await append();
  await until(() => hasCounted(1, first));
  expect(localState.tasks('app')).toHaveLength(4);
  const second = application({ localState: new MemoryLocalState() });
  await second.start();
  await until(() => localState.tasks('app').length === 2);
  expect(localState.tasks('app')).toEqual(taskIds(first).sort());
  await until(() => hasCounted(1, first, second));
});
