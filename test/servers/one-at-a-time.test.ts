import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { oneAtATime } from './one-at-a-time.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'one-at-a-time-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('one works while the other waits', async () => {
  const lock = join(folder, 'lock');
  const seen: string[] = [];
  const work = (name: string) =>
    oneAtATime(lock, async () => {
      seen.push(`${name} begins`);
      await sleep(50);
      seen.push(`${name} ends`);
    });
  await Promise.all([work('first'), work('second')]);
  expect(seen).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

test('work that fails gives the lock back', async () => {
  const lock = join(folder, 'lock');
  const failing = oneAtATime(lock, () => Promise.reject(new Error('no network')));
  await expect(failing).rejects.toThrow('no network');
  await expect(oneAtATime(lock, async () => 'done')).resolves.toBe('done');
});

test('a holder that died does not block', async () => {
  const lock = join(folder, 'lock');
  // More than any system gives to a process.
  symlinkSync('99999999', lock);
  await expect(oneAtATime(lock, async () => 'done')).resolves.toBe('done');
});
