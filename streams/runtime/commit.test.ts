import { streamsConfig } from '../config.ts';
import { CommitPolicy, PurgeSchedule } from './commit.ts';

const policyOf = (commitWhenDrained: boolean) =>
  new CommitPolicy(
    streamsConfig({ applicationId: 'shop', commitWhenDrained, commitIntervalMs: 100 }),
  );

test('nothing done is nothing to commit', () => {
  expect(policyOf(true).isDue(1_000, true)).toBe(false);
});

// at: milliseconds since the first record that is not committed yet.
test.each`
  commitWhenDrained | drained  | at     | due
  ${true}           | ${true}  | ${0}   | ${true}
  ${true}           | ${false} | ${99}  | ${false}
  ${true}           | ${false} | ${100} | ${true}
  ${false}          | ${true}  | ${99}  | ${false}
  ${false}          | ${true}  | ${100} | ${true}
  ${false}          | ${false} | ${100} | ${true}
`(
  'with commitWhenDrained $commitWhenDrained, drained $drained after $at ms commits: $due',
  ({ commitWhenDrained, drained, at, due }) => {
    const policy = policyOf(commitWhenDrained);
    policy.worked(1, 5_000);
    expect(policy.isDue(5_000 + at, drained)).toBe(due);
  },
);

test('enough records commit at once, whoever waits', () => {
  const policy = policyOf(false);
  policy.worked(2_000, 5_000);
  expect(policy.isDue(5_000, false)).toBe(true);
});

test('a clock that is set back makes a commit due at once, not an hour later', () => {
  const policy = policyOf(false);
  policy.worked(1, 3_600_000);
  expect(policy.isDue(0, false)).toBe(true);
});

test('tells how long no commit is due', () => {
  const policy = policyOf(false);
  expect(policy.dueInMs(5_000)).toBe(Infinity);
  policy.worked(1, 5_000);
  expect(policy.dueInMs(5_030)).toBe(70);
  expect(policy.dueInMs(9_000)).toBe(0);
});

describe('between two commits', () => {
  let elapsedMs = 0;
  const restingPolicy = (commitRestPercent: number) => {
    const config = { applicationId: 'shop', commitRestPercent, commitIntervalMs: 100 };
    elapsedMs = 7_000;
    const policy = new CommitPolicy(streamsConfig(config), () => elapsedMs);
    policy.answered(20);
    policy.worked(1, 5_000);
    return policy;
  };

  test('a drained input rests for a part of what the last one took', () => {
    const policy = restingPolicy(60);
    expect(policy.isDue(5_000, true)).toBe(false);
    expect(policy.restsForMs).toBe(12);
    elapsedMs += 11;
    expect(policy.restsForMs).toBe(1);
    elapsedMs += 1;
    expect(policy.isDue(5_012, true)).toBe(true);
    expect(policy.restsForMs).toBe(Infinity);
  });

  test('a rest does not hold up what is due by time', () => {
    const policy = restingPolicy(1_000);
    expect(policy.isDue(5_099, true)).toBe(false);
    expect(policy.isDue(5_100, true)).toBe(true);
  });

  test('nobody rests who is not told to, or has nothing to commit', () => {
    expect(restingPolicy(0).isDue(5_000, true)).toBe(true);
    const policy = restingPolicy(60);
    policy.reset();
    expect(policy.restsForMs).toBe(Infinity);
  });
});

describe('what was read of repartition topics', () => {
  const read = { topic: 'r', partition: 0, offset: 7n };
  const purge = { topic: 'r', partition: 0, beforeOffset: 7n };

  test('is purged with a later commit, and again when that commit failed', () => {
    const schedule = new PurgeSchedule(new Set(['r']), 100, 0);
    schedule.committed([read]);
    expect(schedule.due(99)).toEqual([]);
    expect(schedule.due(100)).toEqual([purge]);
    expect(schedule.due(101)).toEqual([purge]);
    schedule.purged([purge], 101);
    expect(schedule.due(300)).toEqual([]);
  });

  test('is purged though the clock was set back', () => {
    const schedule = new PurgeSchedule(new Set(['r']), 100, 3_600_000);
    schedule.committed([read]);
    expect(schedule.due(0)).toEqual([purge]);
  });
});
