import { afterEach, expect, test } from '@jest/globals';
import { behaviourEvents } from '#schemas/behaviour';
import type { UserId } from '#schemas/users';
import { type Log, type MemoryLog, memoryLog, memoryRegistry } from '#streams';
import { openFactWriter } from './fact-writer.ts';

const anna = 'user_anna' as UserId;
const searched = { type: 'Searched', query: 'tea', pincode: null, total: 1 } as const;
const queueLimit = 10_000;

const logs: MemoryLog[] = [];
afterEach(async () => {
  await Promise.all(logs.splice(0).map((log) => log.close()));
});

/** A log whose appends wait for `allow`, which says what becomes of them. */
async function writerOn(allow: () => Promise<void>) {
  const log = memoryLog();
  logs.push(log);
  const { name, partitions, cleanupPolicy, retentionMs } = behaviourEvents;
  await log.createTopics([{ name, partitions, cleanupPolicy, retentionMs }]);
  const slow = Object.create(log) as Log;
  slow.append = async (records) => {
    await allow();
    return log.append(records);
  };
  const clock = { nowMs: () => 1_000 };
  const writer = openFactWriter({ log: slow, registry: memoryRegistry(), clock });
  const written = async () => {
    const { offsets } = await log.describeTopic(name);
    return Number(offsets.reduce((sum, { end }) => sum + end, 0n));
  };
  return { writer, written };
}

test('what was noted is in the log when the writer has closed', async () => {
  const { writer, written } = await writerOn(async () => {});
  for (let count = 0; count < 2_500; count++) writer.note(anna, searched);
  await writer.close();
  expect(await written()).toBe(2_500);
  expect(writer.droppedCount).toBe(0);
});

test('a log that is too slow costs notes, which are counted, and no more memory', async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { writer, written } = await writerOn(() => gate);
  const noted = queueLimit + 5_000;
  for (let count = 0; count < noted; count++) writer.note(anna, searched);
  expect(writer.droppedCount).toBeGreaterThan(0);
  release();
  await writer.close();
  expect((await written()) + writer.droppedCount).toBe(noted);
});

test('notes that the log refuses are counted and hurt nobody; facts are refused aloud', async () => {
  const { writer, written } = await writerOn(async () => {
    throw new Error('the disk is full');
  });
  writer.note(anna, searched);
  await writer.close();
  expect(writer.droppedCount).toBe(1);
  await expect(writer.publish(behaviourEvents, anna, searched)).rejects.toMatchObject({
    code: 'log-unavailable',
  });
  expect(await written()).toBe(0);
});
