import fc from 'fast-check';
import { type StickyMember, stickyHeirs } from './sticky-heirs.ts';

/** Members `a`, `b`, … with these tasks each. */
const members = (...tasks: readonly (readonly number[])[]): StickyMember[] =>
  tasks.map((own, i) => ({
    memberId: String.fromCharCode(97 + i),
    processName: undefined,
    tasks: own,
  }));

const heirsOf = (group: readonly StickyMember[], taskCount: number) =>
  [...stickyHeirs(group, taskCount)].sort(([a], [b]) => a - b).map(([, heir]) => heir);

test.each`
  group                                 | heirs
  ${members([0, 1], [2, 3])}            | ${['b', 'b', 'a', 'a']}
  ${members([0, 1], [2, 3], [4, 5])}    | ${['c', 'b', 'c', 'a', 'b', 'a']}
  ${members([0, 1, 2], [3, 4], [5, 6])} | ${['b', 'c', 'b', 'a', 'c', 'a', 'b']}
  ${members([0, 1], [], [])}            | ${[]}
  ${members([0], [1], [])}              | ${['c', 'c']}
  ${members([0], [], [])}               | ${['b']}
  ${members([0, 1])}                    | ${[]}
`('the heirs of tasks, in their order, are $heirs', ({ group, heirs }) => {
  const taskCount = group.flatMap(({ tasks }: StickyMember) => tasks).length;
  expect(heirsOf(group, taskCount)).toEqual(heirs);
});

test('nobody inherits while a task is on its way to somebody', () => {
  expect(heirsOf(members([0], [1]), 3)).toEqual([]);
});

test('members of one process are lost together', () => {
  const group = members([0, 1], [2, 3], [4], [5]).map((member, i) => {
    return { ...member, processName: i < 2 ? 'one' : undefined };
  });
  expect(heirsOf(group, 6)).toEqual(['d', 'c', 'd', 'c', 'd', 'c']);
});

test('of any settled group each task has an heir, elsewhere, and what is lost is shared evenly', () => {
  const group = fc
    .tuple(fc.integer({ min: 2, max: 7 }), fc.integer({ min: 0, max: 40 }), fc.integer())
    .map(([size, taskCount, turn]) => {
      const places = Array.from({ length: taskCount }, (_, task) => (task + Math.abs(turn)) % size);
      const own = Array.from({ length: size }, (_, at) =>
        places.flatMap((place, task) => (place === at ? [task] : [])),
      );
      return { taskCount, group: members(...own) };
    });
  fc.assert(
    fc.property(group, ({ taskCount, group }) => {
      const heirs = stickyHeirs(group, taskCount);
      expect(heirs.size).toBe(taskCount);
      for (const lost of group) {
        const counts = group
          .filter((member) => member !== lost)
          .map(({ memberId, tasks }) => {
            const gained = lost.tasks.filter((task) => heirs.get(task) === memberId);
            return tasks.length + gained.length;
          });
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        for (const task of lost.tasks) expect(heirs.get(task)).not.toBe(lost.memberId);
      }
    }),
  );
});
