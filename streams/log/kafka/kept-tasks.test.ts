import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../testing/until.ts';
import { KeptTasks, type KeptTasksOptions } from './kept-tasks.ts';
import { keeperIn, keeperNote } from './task-notes.ts';

const transactionalId = 'group-me';
const note = keeperNote({ memberId: 'me-1', transactionalId });

/** A group whose offsets and partitions a test sets by hand. */
function surroundings(more: Partial<KeptTasksOptions> = {}) {
  const ends = new Map<number, bigint>();
  const notes = new Map<number, string>();
  const state = { failing: false, ends, notes, done: [] as string[], turns: Promise.resolve() };
  const kept: KeptTasks = new KeptTasks({
    commits: {
      transactionalId,
      async note(tasks, text) {
        state.done.push(`note ${tasks} ${text === undefined ? 'away' : 'kept'}`);
        if (state.failing) throw new Error('no broker');
        for (const task of tasks) {
          if (text === undefined) notes.delete(task);
          else notes.set(task, text);
        }
      },
    },
    ends: async (tasks) => tasks.map((task) => ends.get(task) ?? 0n),
    notes: async (tasks) => tasks.map((task) => notes.get(task)),
    memberId: async () => 'me-1',
    timeoutMs: 60_000,
    everyMs: 1,
    inTurn: (work) => {
      state.turns = state.turns.then(work);
    },
    due: async (task) => {
      state.done.push(`last commit of ${task}`);
      await kept.letGo(task);
    },
    troubled: () => {},
    ...more,
  });
  return { kept, state };
}

test('lets go of a task when its successor is ready, behind the last commit', async () => {
  const { kept, state } = surroundings();
  state.ends.set(3, 7n); // What was announced of it in former times.
  await kept.keep([3, 4]);
  expect(state.notes).toEqual(new Map([3, 4].map((task) => [task, note])));
  await sleep(20);
  expect(kept.tasks).toEqual([3, 4]);
  state.ends.set(3, 8n);
  await until(() => !state.notes.has(3));
  expect(kept.tasks).toEqual([4]);
  expect(state.done).toEqual(['note 3,4 kept', 'last commit of 3', 'note 3 away']);
  await kept.close();
  expect(state.done.at(-1)).toBe('note 4 away');
});

test('lets go of a task whose successor takes too long', async () => {
  const { kept, state } = surroundings({ timeoutMs: 10 });
  await kept.keep([0]);
  await until(() => kept.tasks.length === 0);
  expect(state.done).toEqual(['note 0 kept', 'last commit of 0', 'note 0 away']);
});

test('keeps nothing when that could not be noted, and sees to it that no note stays', async () => {
  const { kept, state } = surroundings();
  state.failing = true;
  await expect(kept.keep([2])).rejects.toThrow('no broker');
  expect(kept.tasks).toEqual([]);
  state.notes.set(2, note); // It was made all the same.
  state.failing = false;
  await until(() => !state.notes.has(2));
});

test('takes no note away that is a successor’s', async () => {
  const { kept, state } = surroundings();
  state.failing = true;
  await expect(kept.keep([2])).rejects.toThrow('no broker');
  state.failing = false;
  state.notes.set(2, keeperNote({ memberId: 'other-1', transactionalId: 'group-other' }));
  await sleep(30);
  expect(keeperIn(state.notes.get(2) ?? '')?.memberId).toBe('other-1');
});

test('tries again to take a note away, since nobody could begin the task else', async () => {
  const { kept, state } = surroundings();
  await kept.keep([1]);
  state.failing = true;
  await kept.letGo(1);
  expect([kept.tasks, state.notes.size]).toEqual([[], 1]);
  state.failing = false;
  await until(() => state.notes.size === 0);
});

test('keeps nothing for a group that it is not in', async () => {
  const { kept, state } = surroundings({ memberId: async () => undefined });
  await expect(kept.keep([1])).rejects.toThrow('not in its group');
  expect(state.done).toEqual([]);
});
