/**
 * Members that come, go and are closed at any moment, while commits are slow, fail or are refused,
 * polls fail and the clock is set: each record counts once, in the output and in the state. On the log
 * that keeps no state, members come with the local state of one that went, and stand by for each
 * other. `GROUP_TEST_SEEDS=500 npm test -- group-under-load` makes it long.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { memoryRegistry } from '../avro/memory-registry.ts';
import { StreamsError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { MemoryLocalState } from '../state/memory-local-state.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { type Faults, faultyLog } from './faulty-log.ts';
import { StreamsApplication, type StreamsApplicationOptions } from './streams-application.ts';

const partitions = 4;
const words = topic('words', { key: stringSerde, value: stringSerde, partitions });
const counts = topic('counts', { key: stringSerde, value: longSerde, partitions });

function topology() {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .groupBy('by-word', (word) => word, { key: stringSerde, value: stringSerde })
    .count('count')
    .toStream()
    .mapValues((count) => count ?? 0)
    .to(counts);
  return builder.build();
}

function memberOn(
  log: Log,
  more: Pick<StreamsApplicationOptions, 'clock' | 'localState' | 'cacheMaxBytes'> & {
    readonly random: () => number;
  },
): StreamsApplication {
  return new StreamsApplication({
    applicationId: 'app',
    topology: topology(),
    log: faultyLog(log, faults(more.random)),
    registry: memoryRegistry(),
    retryBackoffMs: 1,
    retryBackoffMaxMs: 2,
    pollIntervalMs: 5,
    pollRecords: 7,
    commitRecords: 11,
    standbyReplicas: 1,
    ...more,
  });
}

/** The highest and the number of the counts that were written for each word. */
async function written(log: ReturnType<typeof memoryLog>) {
  const { offsets } = await log.describeTopic('counts');
  const reader = log.openReader();
  reader.assign(offsets.map((_, partition) => ({ topic: 'counts', partition, offset: 0n })));
  let left = offsets.reduce((sum, { end }) => sum + Number(end), 0);
  const found = new Map<string, number[]>();
  while (left > 0) {
    for (const { records } of await reader.poll({ maxWaitMs: 1_000 })) {
      left -= records.length;
      for (const { key, value } of records) {
        const word = String(key);
        found.set(word, [...(found.get(word) ?? []), longSerde.deserialize(value as Uint8Array)]);
      }
    }
  }
  await reader.close();
  return found;
}

/** Commits take a while before they are durable and after, and fail; polls fail now and then. */
function faults(random: () => number): Faults {
  const unavailable = (what: string) =>
    new StreamsError('STREAMS_LOG_UNAVAILABLE', what, { retryable: true });
  const aWhile = async () => {
    for (let turns = random() < 0.5 ? 0 : random() * 12; turns > 0; turns--) await nextTurn();
  };
  return {
    poll: () => {
      if (random() < 0.02) throw unavailable('no answer');
    },
    commit: async (_commit, write) => {
      await aWhile();
      const fate = random();
      if (fate < 0.1) throw unavailable('no room');
      if (fate < 0.12) throw new StreamsError('STREAMS_TASK_MIGRATED', 'fenced');
      await write();
      await aWhile();
    },
  };
}

/** The counts in the stores of all members. */
async function kept(members: readonly StreamsApplication[]): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const member of members) {
    await member.running();
    const store = member.store({ name: 'count', key: stringSerde, value: longSerde });
    for await (const { key, value } of store.all()) found[key] = value;
  }
  return found;
}

const seeds = Array.from({ length: Number(process.env.GROUP_TEST_SEEDS ?? 4) }, (_, at) => at + 1);

test.each(seeds)('seed %i: every count comes once and in order', async (seed) => {
  const random = seededRandom(seed);
  // Two or three updates fit: some go on before the commit, some with it.
  const cacheMaxBytes = seed % 3 === 0 ? 500 : 0;
  const log = memoryLog({ commitsState: seed % 2 === 0 });
  await log.createTopics([words, counts]);
  let clockMs = 3_600_000;
  const leftBehind: MemoryLocalState[] = [];
  const stateOf = new Map<StreamsApplication, MemoryLocalState>();
  const close = async (one: StreamsApplication) => {
    await one.close();
    leftBehind.push(stateOf.get(one) as MemoryLocalState);
  };
  const member = () => {
    const localState = leftBehind.pop() ?? new MemoryLocalState();
    const one = memberOn(log, { random, clock: () => clockMs, localState, cacheMaxBytes });
    stateOf.set(one, localState);
    return one;
  };

  const perWord = 60;
  const vocabulary = ['be', 'or', 'not', 'to', 'tea'];
  const members: StreamsApplication[] = [];
  const ended: Promise<void>[] = [];
  for (let round = 0; round < perWord; round++) {
    await log.append(
      vocabulary.map((word) => ({
        topic: 'words',
        partition: Math.floor(random() * partitions),
        key: null,
        value: Buffer.from(word),
        timestampMs: round,
        headers: [],
      })),
    );
    if (random() < 0.2) clockMs = random() < 0.3 ? 0 : clockMs + 1_000;
    if (members.length < 3 && random() < 0.3) {
      const joining = member();
      members.push(joining);
      if (random() < 0.5) await joining.start();
      else ended.push(joining.start());
    } else if (members.length > 1 && random() < 0.3) {
      const [leaving] = members.splice(Math.floor(random() * members.length), 1);
      ended.push(close(leaving as StreamsApplication));
    }
    for (let turns = random() * 20; turns > 0; turns--) await nextTurn();
  }
  if (members.length === 0) members.push(member());
  await Promise.all(members.map((one) => one.start()));
  const lastOf = (found: Map<string, number[]>) => [...found.values()].map((all) => all.at(-1));
  while (
    lastOf(await written(log)).filter((count) => count === perWord).length < vocabulary.length
  ) {
    await nextTurn();
    expect(members.map(({ cause }) => cause)).toEqual(members.map(() => undefined));
  }
  await Promise.all(ended);
  // The state follows the output when the commit has ended and the tasks have come to rest.
  const isWhole = (found: Record<string, number>) =>
    vocabulary.every((word) => found[word] === perWord);
  while (!isWhole(await kept(members))) await nextTurn();
  await Promise.all(members.map((one) => one.close()));
  const found = await written(log);
  for (const word of vocabulary) expectInOrder(found.get(word) ?? [], perWord, cacheMaxBytes === 0);
  await log.close();
});

/** With a cache counts may be left out; but none comes twice or late, and the last one comes. */
function expectInOrder(found: readonly number[], last: number, everyOne: boolean): void {
  const all = Array.from({ length: last }, (_, i) => i + 1);
  expect(found).toEqual(everyOne ? all : all.filter((count) => found.includes(count)));
  expect(found.at(-1)).toBe(last);
}
