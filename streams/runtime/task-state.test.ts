/** Positions in changelogs: never more than is true, whatever happens between the log and the state. */
import fc from 'fast-check';
import type { ProducedRecord, StateWrite } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { MemoryLocalState } from '../state/memory-local-state.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { changelogName } from '../topology/topology.ts';
import { placesOf } from './task-places.ts';
import { TaskRestorer } from './task-restorer.ts';
import type { TaskState } from './task-state.ts';
import { TaskStates } from './task-states.ts';

const words = topic('words', { key: stringSerde, value: longSerde, partitions: 1 });
const builder = new StreamsBuilder();
builder.stream(words).toTable('rows', { key: stringSerde, value: longSerde });
const topology = builder.build();
const changelog = changelogName('rows', 'app');
const nowMs = 1_000_000;

/** A log with the changelog of one task, and what the task would do with it. */
async function open() {
  const log = memoryLog({ commitsState: false });
  const settings = { partitions: 1, cleanupPolicy: 'compact', retentionMs: -1 } as const;
  await log.createTopics([words, { name: changelog, ...settings }]);
  const localState = new MemoryLocalState();
  const [place] = placesOf({
    topology,
    config: { applicationId: 'app' },
    partitionCounts: new Map([['words', 1]]),
  });
  if (place === undefined) throw new Error('no task');

  /** As a process does that starts; answers with the state and how many records it had to read. */
  async function start(atMs = nowMs) {
    localState.abandon();
    const options = { applicationId: 'app', topology, log, localState };
    const restorer = new TaskRestorer({
      log,
      groupId: 'app',
      states: new TaskStates(options),
      clock: () => atMs,
      takeOver: async () => undefined,
      progressed: () => {},
    });
    restorer.add([place as NonNullable<typeof place>]);
    let [ready] = restorer.takeReady();
    while (ready === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      [ready] = restorer.takeReady();
    }
    const read = restorer.restoredRecords;
    await restorer.close();
    return { state: ready.state as TaskState, read };
  }

  const end = async () => (await log.describeTopic(changelog)).offsets[0]?.end ?? 0n;
  /** Stands for the marker of a transaction, or for what was aborted: moves the end, means nothing. */
  const move = (count: number) =>
    log.append(Array.from({ length: count }, () => record('', null, 0)));
  return { log, start, end, move };
}

function record(key: string, value: string | null, timestampMs: number): ProducedRecord {
  return {
    topic: changelog,
    partition: 0,
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    timestampMs,
    headers: [],
  };
}

/** A table's row: its time, then its value. */
function write({ key, value, timestampMs }: ProducedRecord): StateWrite {
  const time = Buffer.alloc(8);
  time.writeBigInt64BE(BigInt(timestampMs));
  const row = value === null ? null : Buffer.concat([time, value]);
  return { store: 'rows', key: key as Uint8Array, value: row };
}

function rowsOf(state: TaskState): Record<string, string> {
  const rows = [...state.storage.range('rows', undefined, undefined)];
  return Object.fromEntries(
    rows.map(([key, row]) => [Buffer.from(key).toString(), Buffer.from(row).toString('latin1', 8)]),
  );
}

interface Commit {
  readonly records: readonly ProducedRecord[];
  /** How far the process comes: then it is killed, unless it comes to the end. */
  readonly dies: 'before the log has it' | 'before the state has it' | 'after it' | 'not';
  /** Records and markers of others, behind it: of what was aborted, of the transaction. */
  readonly moves: number;
}

const commit: fc.Arbitrary<Commit> = fc.record({
  records: fc.array(
    fc
      .tuple(fc.constantFrom('a', 'b', 'c'), fc.option(fc.constantFrom('1', '2', '3')), fc.nat(9))
      .map(([key, value, timestampMs]) => record(key, value, timestampMs)),
    { maxLength: 4 },
  ),
  dies: fc.constantFrom(
    'before the log has it',
    'before the state has it',
    'after it',
    'not',
    'not',
  ),
  moves: fc.nat(2),
});

test('state is what the log has committed, wherever the process dies', async () => {
  const check = async (commits: readonly Commit[]) => {
    const { log, start, end, move } = await open();
    const model: Record<string, string> = {};
    let { state } = await start();
    for (const { records, dies, moves } of commits) {
      if (dies !== 'before the log has it') {
        await log.append(records);
        for (const { key, value } of records) {
          if (value === null) delete model[String(key)];
          else model[String(key)] = Buffer.from(value).toString();
        }
        await move(moves);
      }
      if (dies === 'after it' || dies === 'not') {
        await state.committed({ writes: records.map(write), changelog: records }, nowMs);
      }
      if (dies !== 'not') state = (await start()).state;
      expect(rowsOf(state)).toEqual(model);
      expect(state.storage.positions.get(changelog) ?? 0n).toBeLessThanOrEqual(await end());
    }
    const { read } = await start();
    expect(read).toBeLessThanOrEqual(2 * commits.length);
    await log.close();
  };
  const commits = fc.array(commit, { minLength: 1, maxLength: 12 });
  await fc.assert(fc.asyncProperty(commits, check), { numRuns: 60 });
});

test('markers do not pile up before the position: now and then it looks where the end is', async () => {
  const { log, start, end, move } = await open();
  const { state } = await start();
  for (let i = 0; i < 1_001; i++) {
    const records = [record('a', `${i}`, i)];
    await log.append(records);
    await move(1);
    await state.committed({ writes: records.map(write), changelog: records }, nowMs);
  }
  // The marker of the last commit, which nobody has proven yet.
  expect(state.storage.positions.get(changelog)).toBe((await end()) - 1n);
  expect((await start()).read).toBe(1);
  await log.close();
});

test('what it saw of the end does not count when its next commit is refused', async () => {
  const { log, start } = await open();
  const { state } = await start();
  for (let i = 0; i < 1_000; i++) {
    const records = [record('a', `${i}`, i)];
    await log.append(records);
    await state.committed({ writes: records.map(write), changelog: records }, nowMs);
  }
  await log.append([record('b', 'of the new owner', 5)]);
  const again = await start();
  expect(again.read).toBe(1);
  expect(rowsOf(again.state)).toEqual({ a: '999', b: 'of the new owner' });
  await log.close();
});

const hourMs = 60 * 60 * 1_000;

test.each`
  hours | read | why
  ${19} | ${0} | ${'its changelog has every tombstone since'}
  ${21} | ${5} | ${'its changelog may have forgotten tombstones since'}
`(
  'of state that is $hours hours old $read records are read again: $why',
  async ({ hours, read }) => {
    const { log, start } = await open();
    const { state } = await start();
    const records = ['a', 'b', 'c', 'd', 'e'].map((key) => record(key, '1', 0));
    await log.append(records);
    await state.committed({ writes: records.map(write), changelog: records }, nowMs);
    const again = await start(nowMs + hours * hourMs);
    expect(again.read).toBe(read);
    expect(Object.keys(rowsOf(again.state))).toHaveLength(5);
    await log.close();
  },
);

test('an input that is being committed is waited for before the changelog is measured', async () => {
  const { log, start } = await open();
  const asked: string[] = [];
  const { committed, describeTopic } = log;
  log.committed = async (...args) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await log.append([record('a', 'of the last owner', 0)]);
    asked.push('committed');
    return committed.apply(log, args);
  };
  log.describeTopic = async (name) => {
    if (name === changelog) asked.push('changelog');
    return describeTopic.call(log, name);
  };
  const { state } = await start();
  expect(asked).toEqual(['committed', 'changelog']);
  expect(rowsOf(state)).toEqual({ a: 'of the last owner' });
  await log.close();
});
