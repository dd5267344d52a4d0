import { streamsConfig } from '../config.ts';
import { CommitPolicy } from './commit.ts';

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
