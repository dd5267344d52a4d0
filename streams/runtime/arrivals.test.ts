import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GroupMember, RecordBatch } from '../log/log.ts';
import { Arrivals } from './arrivals.ts';

const batchOf = (topic: string, partition = 0): RecordBatch => ({
  topic,
  partition,
  records: [],
  nextOffset: 1n,
  endOffset: 1n,
});

/** A member whose polls end when the test says so. */
function slowMember() {
  const polls: {
    readonly maxWaitMs: number;
    readonly bring: (batches: readonly RecordBatch[]) => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  const poll: GroupMember['poll'] = ({ maxWaitMs }) =>
    new Promise((bring, fail) => polls.push({ maxWaitMs, bring, fail }));
  return { polls, member: { poll } as Partial<GroupMember> as GroupMember };
}

function following() {
  const { polls, member } = slowMember();
  const arrivals = new Arrivals(10);
  arrivals.follow(member);
  return { polls, arrivals };
}

const names = (arrivals: Arrivals) => arrivals.take().map(({ topic }) => topic);

test('a wait that is woken leaves its poll, and the next wait takes it up again', async () => {
  const { polls, arrivals } = following();
  const waiting = arrivals.wait(60_000);
  arrivals.wake();
  await waiting;
  expect(names(arrivals)).toEqual([]);
  const again = arrivals.wait(60_000);
  expect(polls).toHaveLength(1);
  polls[0]?.bring([batchOf('a')]);
  await again;
  expect(names(arrivals)).toEqual(['a']);
  expect(names(arrivals)).toEqual([]);
});

test('what comes while nobody waits is there for the next wait, before anything else is polled', async () => {
  const { polls, arrivals } = following();
  const waiting = arrivals.wait(60_000);
  arrivals.wake();
  await waiting;
  polls[0]?.bring([batchOf('a')]);
  await nextTurn();
  await arrivals.wait(60_000);
  expect(polls).toHaveLength(1);
  expect(names(arrivals)).toEqual(['a']);
});

test('who was woken before does not sleep, but still looks at what there is', async () => {
  const { polls, arrivals } = following();
  arrivals.wake();
  const waiting = arrivals.wait(60_000);
  expect(polls.map(({ maxWaitMs }) => maxWaitMs)).toEqual([0]);
  polls[0]?.bring([]);
  await waiting;
});

test('a wait that is shorter than the poll that goes on ends in time', async () => {
  const { arrivals } = following();
  const waiting = arrivals.wait(60_000);
  arrivals.wake();
  await waiting;
  await arrivals.wait(1);
  await arrivals.wait(0);
  expect(names(arrivals)).toEqual([]);
});

test('tells once what a poll failed with, and polls again', async () => {
  const { polls, arrivals } = following();
  const waiting = arrivals.wait(60_000);
  const error = new Error('away');
  polls[0]?.fail(error);
  await waiting;
  expect(() => arrivals.take()).toThrow(error);
  expect(names(arrivals)).toEqual([]);
  void arrivals.wait(0);
  expect(polls).toHaveLength(2);
});

test('forgets the partitions that went, and everything of a member that it no longer follows', async () => {
  const { polls, arrivals } = following();
  const waiting = arrivals.wait(60_000);
  polls[0]?.bring([batchOf('a', 0), batchOf('a', 1), batchOf('b', 0)]);
  await waiting;
  arrivals.forget([
    { topic: 'a', partition: 0 },
    { topic: 'b', partition: 1 },
  ]);
  expect(arrivals.take().map(({ topic, partition }) => [topic, partition])).toEqual([
    ['a', 1],
    ['b', 0],
  ]);
  void arrivals.wait(60_000);
  const next = slowMember();
  arrivals.follow(next.member);
  polls[1]?.bring([batchOf('old')]);
  const waitingForNext = arrivals.wait(60_000);
  await nextTurn();
  expect(names(arrivals)).toEqual([]);
  next.polls[0]?.bring([batchOf('new')]);
  await waitingForNext;
  expect(names(arrivals)).toEqual(['new']);
});

test('a wait ends when another member is followed: nobody hears of the poll that it waits for', async () => {
  const { polls, arrivals } = following();
  const waiting = arrivals.wait(60_000);
  const next = slowMember();
  arrivals.follow(next.member);
  polls[0]?.bring([batchOf('old')]);
  await waiting;
  expect(names(arrivals)).toEqual([]);
  void arrivals.wait(60_000);
  expect(next.polls.map(({ maxWaitMs }) => maxWaitMs)).toEqual([60_000]);
});
