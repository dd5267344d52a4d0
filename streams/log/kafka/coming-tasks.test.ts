import { ComingTasks, type ComingTasksOptions } from './coming-tasks.ts';
import type { KnownMember } from './group-members.ts';
import { keeperNote } from './task-notes.ts';

const member = (memberId: string, processName?: string): KnownMember => {
  const [name = ''] = memberId.split('-');
  return { memberId, clientId: name, name, fingerprint: '', processName, partitions: [] };
};
const keptBy = (memberId: string) =>
  keeperNote({ memberId, transactionalId: `group-${memberId.split('-')[0]}` });

function surroundings(more: Partial<ComingTasksOptions> = {}) {
  const notes = new Map<number, string>();
  const state = {
    notes,
    members: [member('me-1')],
    fenced: [] as string[],
    announced: [] as number[],
  };
  const coming = new ComingTasks({
    notes: async (tasks) => tasks.map((task) => notes.get(task)),
    members: async () => state.members,
    fence: async (id) => void state.fenced.push(id),
    announce: async (tasks) => void state.announced.push(...tasks),
    transactionalId: 'group-me',
    memberName: 'me',
    processName: undefined,
    ...more,
  });
  return { coming, state };
}

test('tasks are free that nobody keeps, whoever committed last', async () => {
  const { coming, state } = surroundings();
  coming.add([0, 1]);
  state.notes.set(0, 'group-somebody');
  expect(await coming.look()).toEqual({ free: [0, 1], unkept: [] });
  expect(state.fenced).toEqual([]);
});

test('a task that a member keeps is free when that one has let go of it', async () => {
  const { coming, state } = surroundings();
  state.members.push(member('keeper-1'));
  coming.add([0, 1]);
  state.notes.set(1, keptBy('keeper-1'));
  expect(await coming.look()).toEqual({ free: [0], unkept: [] });
  expect(coming.kept).toEqual([1]);
  coming.delete(0);
  state.notes.delete(1);
  expect(await coming.look()).toEqual({ free: [1], unkept: [] });
});

test('a keeper that is no member any more is fenced before its task is free', async () => {
  const { coming, state } = surroundings();
  state.members.push(member('keeper-2')); // It has come back, and is another one now.
  coming.add([0]);
  state.notes.set(0, keptBy('keeper-1'));
  expect(await coming.look()).toEqual({ free: [0], unkept: [0] });
  expect(state.fenced).toEqual(['group-keeper']);
});

test('nothing is free of a keeper that could not be fenced', async () => {
  const { coming, state } = surroundings({ fence: () => Promise.reject(new Error('no broker')) });
  coming.add([0]);
  state.notes.set(0, keptBy('keeper-1'));
  await expect(coming.look()).rejects.toThrow('no broker');
});

test('a note of its own, from before it was started anew, is void, and it does not fence itself', async () => {
  const { coming, state } = surroundings();
  coming.add([0]);
  state.notes.set(0, keptBy('me-0'));
  expect(await coming.look()).toEqual({ free: [0], unkept: [0] });
  expect(state.fenced).toEqual([]);
});

test('a keeper is told once of each task for which this member is ready', async () => {
  const { coming, state } = surroundings();
  state.members.push(member('keeper-1'));
  coming.add([0, 1, 2]);
  for (const task of [0, 1]) state.notes.set(task, keptBy('keeper-1'));
  await coming.look();
  await coming.announce();
  expect(state.announced).toEqual([]);
  coming.ready([1, 7]);
  await coming.announce();
  await coming.announce();
  expect(state.announced).toEqual([1]);
});

test('the state of a keeper in the same process is there without a copy', async () => {
  const { coming, state } = surroundings({ processName: 'here' });
  state.members.push(member('keeper-1', 'here'), member('other-1', 'there'));
  coming.add([0, 1]);
  state.notes.set(0, keptBy('keeper-1'));
  state.notes.set(1, keptBy('other-1'));
  await coming.look();
  await coming.announce();
  expect(state.announced).toEqual([0]);
});
