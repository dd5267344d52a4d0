import { memoryLog } from '../log/memory/memory-log.ts';
import { MemoryLocalState } from '../state/memory-local-state.ts';
import { StateUpkeep } from './state-upkeep.ts';
import { storedCompleteAt } from './stored-stream-time.ts';
import { TaskState } from './task-state.ts';

const hourMs = 60 * 60 * 1_000;
const log = memoryLog();
afterAll(() => log.close());

async function open() {
  const localState = new MemoryLocalState();
  const storage = await localState.openTask('app', '0_0');
  const state = new TaskState({ taskId: '0_0', partition: 0, storage, changelogs: [], log });
  await (await localState.openTask('app', '0_1')).close();
  const now = { ms: 0, isReachable: true };
  const used = new Set(['0_0']);
  const upkeep = new StateUpkeep({
    applicationId: 'app',
    localState,
    clock: () => now.ms,
    cleanupDelayMs: 10 * 60_000,
    isOpen: (taskId) => used.has(taskId),
    complete: async () => {
      if (!now.isReachable) throw new Error('no broker');
      return [state];
    },
  });
  return { upkeep, now, used, localState, completeAt: () => storedCompleteAt(storage) };
}

test('deletes state that nobody has used for the delay, not what was used in between', async () => {
  const { upkeep, now, used, localState } = await open();
  await upkeep.run();
  now.ms += 9 * 60_000;
  used.add('0_1');
  await upkeep.run();
  used.delete('0_1');
  await upkeep.run();
  now.ms += 9 * 60_000;
  await upkeep.run();
  expect(localState.tasks('app')).toEqual(['0_0', '0_1']);
  now.ms += 60_000;
  await upkeep.run();
  expect(localState.tasks('app')).toEqual(['0_0']);
  await upkeep.close();
});

test('leaves state alone that another thread has open', async () => {
  const { upkeep, now, localState } = await open();
  await upkeep.run();
  const elsewhere = await localState.openTask('app', '0_1');
  now.ms += hourMs;
  await upkeep.run();
  expect(localState.tasks('app')).toEqual(['0_0', '0_1']);
  await elsewhere.close();
  await upkeep.close();
});

test('notes every hour that state in use is complete, and not while the log cannot say so', async () => {
  const { upkeep, now, completeAt } = await open();
  now.ms = hourMs - 1;
  await upkeep.run();
  expect(completeAt()).toBe(-1);
  now.ms = hourMs;
  await upkeep.run();
  expect(completeAt()).toBe(hourMs);
  now.ms = 2 * hourMs;
  now.isReachable = false;
  await upkeep.run();
  expect(completeAt()).toBe(hourMs);
  now.isReachable = true;
  await upkeep.run();
  expect(completeAt()).toBe(2 * hourMs);
  await upkeep.close();
});
