/** What becomes of tasks whose member is gone: they go on from copies, and nothing counts twice. */
import { CountingGroup } from './counting-group.ts';
import type { MemberProcess } from './member-process.ts';

const bootstrapServers = process.env['MILLRACE_TEST_KAFKA'] ?? '';

let group: CountingGroup;
afterEach(() => group.close());

const tasksOf = (...members: readonly MemberProcess[]) =>
  members.flatMap(({ report }) => report.tasks).sort();
const standbysOf = (member: MemberProcess) =>
  member.report.standbys.map(({ taskId }) => taskId).sort();

test('the tasks of a member that is killed go to those that stand by for them', async () => {
  const partitions = 7;
  group = await CountingGroup.open(bootstrapServers, partitions);
  const streams = { standbyReplicas: 1 };
  const members = ['one', 'two', 'three'].map((disk) => group.member(disk, { streams }));
  const [one, ...others] = members as [MemberProcess, MemberProcess, MemberProcess];
  await group.until(() => members.every((member) => tasksOf(member).length >= 2));
  await group.until(() => tasksOf(...members).length === partitions);
  await group.fill(7_000);
  // Every task stands by somewhere, and has been copied.
  await group.until(() => members.flatMap(standbysOf).sort().join() === tasksOf(...members).join());
  await group.until(() =>
    members.every(({ report }) => report.standbys.every(({ lag }) => lag === 0)),
  );
  const lost = tasksOf(one);
  const expected = others.map((member) =>
    [...tasksOf(member), ...lost.filter((taskId) => standbysOf(member).includes(taskId))].sort(),
  );
  const restored = others.map(({ report }) => report.restoredRecords);
  await one.kill();
  await group.until(() => tasksOf(...others).length === partitions);
  expect(others.map((member) => tasksOf(member))).toEqual(expected);
  expect(others.map(({ report }) => report.restoredRecords)).toEqual(restored);
  group.startFeeding();
  await group.untilOutputs(50, [0, 1, 2, 3, 4, 5, 6]);
  await group.stopFeeding();
  await group.untilCounted();
});

test('members with names that restart in turn have their tasks again, and lose and double nothing', async () => {
  group = await CountingGroup.open(bootstrapServers, 4);
  const start = (name: string) => group.member(name, { instanceId: `${group.name}-${name}` });
  const members = new Map(['one', 'two'].map((name) => [name, start(name)]));
  await group.until(() => [...members.values()].every((member) => tasksOf(member).length === 2));
  await group.fill(4_000);
  group.startFeeding();
  for (const [name, member] of members) {
    const before = tasksOf(member);
    await member.stop();
    const again = start(name);
    members.set(name, again);
    await group.until(() => tasksOf(again).length === 2);
    expect(tasksOf(again)).toEqual(before);
    expect(again.report.restoredRecords).toBeLessThan(1_000); // Of 2,000 keys and what is fed.
    await group.untilOutputs(50, [0, 1, 2, 3]);
  }
  await group.stopFeeding();
  await group.untilCounted();
});
