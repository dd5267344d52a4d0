import type { GroupPeer } from '../log/log.ts';
import { standbysOf } from './standby-placement.ts';

const tasks = Array.from({ length: 60 }, (_, partition) => ({
  taskId: `0_${partition}`,
  inputs: [{ topic: 'words', partition }],
}));

/** Members by name; task n is read by the member n modulo their number. */
function group(names: readonly string[], self: string): GroupPeer[] {
  return names.map((name, at) => ({
    memberId: `${name}-${self}`, // Another one each time: the instance says who it is.
    instanceId: name,
    isSelf: name === self,
    partitions: tasks.flatMap(({ inputs }, task) => (task % names.length === at ? inputs : [])),
  }));
}

const chosenBy = (names: readonly string[], replicas: number) =>
  new Map(names.map((name) => [name, standbysOf(group(names, name), tasks, replicas).chosen]));

test.each`
  members | replicas | copies
  ${1}    | ${1}     | ${0}
  ${2}    | ${1}     | ${1}
  ${3}    | ${1}     | ${1}
  ${5}    | ${2}     | ${2}
  ${3}    | ${4}     | ${2}
  ${3}    | ${0}     | ${0}
`(
  'of $members members $copies stand by for each task when $replicas are wanted, never its owner',
  ({ members, replicas, copies }) => {
    const names = ['a', 'b', 'c', 'd', 'e'].slice(0, members);
    const chosen = chosenBy(names, replicas);
    tasks.forEach(({ taskId }, task) => {
      const standing = names.filter((name) => chosen.get(name)?.has(taskId));
      expect(standing).toHaveLength(copies);
      expect(standing).not.toContain(names[task % names.length]);
    });
  },
);

test('the members share standing by, and one that comes moves few of them', () => {
  const names = ['a', 'b', 'c', 'd'];
  const chosen = chosenBy(names, 1);
  for (const name of names) expect(chosen.get(name)?.size).toBeGreaterThan(5);
  // The owners are as they were: the newcomer has nothing yet.
  const newcomer: GroupPeer = { memberId: 'e', isSelf: false, partitions: [] };
  for (const name of names) {
    const after = standbysOf([...group(names, name), newcomer], tasks, 1).chosen;
    for (const taskId of after) expect(chosen.get(name)).toContain(taskId);
  }
});

test('says nothing of a task that nobody reads right now', () => {
  const peers: GroupPeer[] = [
    { memberId: 'a', isSelf: true, partitions: [] },
    { memberId: 'b', isSelf: false, partitions: [{ topic: 'words', partition: 1 }] },
  ];
  const { chosen, undecided } = standbysOf(peers, tasks.slice(0, 3), 1);
  expect([[...chosen], [...undecided]]).toEqual([['0_1'], ['0_0', '0_2']]);
});

test('members of one process do not stand by for each other, and one of them for all', () => {
  const taskIds = tasks.map(({ taskId }) => taskId);
  const inProcess = (names: readonly string[], self: string) =>
    group(names, self).map((peer) => ({ ...peer, processName: `${peer.instanceId?.[0]}` }));
  const names = ['a0', 'a1', 'b0', 'b1'];
  const standing = names.flatMap((name) => {
    const { chosen } = standbysOf(inProcess(names, name), tasks, 3);
    return [...chosen].map((taskId) => ({ taskId, name }));
  });
  expect(standing.map(({ taskId }) => taskId).sort()).toEqual(taskIds.sort());
  for (const { taskId, name } of standing) {
    const owner = names[Number(taskId.slice(2)) % names.length] as string;
    expect(name[0]).not.toBe(owner[0]);
  }
  const alone = ['a0', 'a1'].map((name) => standbysOf(inProcess(['a0', 'a1'], name), tasks, 1));
  expect(alone.map(({ chosen }) => chosen.size)).toEqual([0, 0]);
});

describe('where the log tells who inherits a task', () => {
  const names = ['a', 'b', 'c', 'd'];
  /** The task n of the member m would go to one of the others, in turn. */
  const heirOf = (task: number) => (task + 1 + (Math.floor(task / 4) % 3)) % names.length;
  const withHeirs = (self: string, isKnown = (_task: number) => true) =>
    group(names, self).map((peer, at) => ({
      ...peer,
      inherits: tasks.flatMap(({ inputs }, task) =>
        heirOf(task) === at && isKnown(task) ? inputs : [],
      ),
    }));

  test.each([1, 2, 3])('that one stands by, among %s', (replicas) => {
    const chosen = names.map((name) => standbysOf(withHeirs(name), tasks, replicas).chosen);
    tasks.forEach(({ taskId }, task) => {
      expect(chosen[heirOf(task)]?.has(taskId)).toBe(true);
      expect(chosen[task % names.length]?.has(taskId)).toBe(false);
      expect(chosen.filter((own) => own.has(taskId))).toHaveLength(replicas);
    });
  });

  test('nothing is said while that is not known, so that nothing moves', () => {
    for (const name of names) {
      const { chosen, undecided } = standbysOf(
        withHeirs(name, () => false),
        tasks,
        1,
      );
      expect([chosen.size, undecided.size]).toEqual([0, tasks.length]);
    }
  });
});
