import { inParallel } from './in-parallel.ts';

const inputs = Array.from({ length: 100 }, (_, index) => index);
const later = { atMs: Number.POSITIVE_INFINITY };

test('does all, and no more at once than it may', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await inParallel(inputs, { concurrency: 7, deadline: later }, async (input) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    done.push(input);
  });
  expect(most).toBe(7);
  expect(done.toSorted((a, b) => a - b)).toEqual(inputs);
});

test('begins nothing after a failure, and ends when what was under way has ended', async () => {
  let begun = 0;
  let ended = 0;
  const failing = inParallel(inputs, { concurrency: 4, deadline: later }, async (input) => {
    begun += 1;
    await Promise.resolve();
    ended += 1;
    if (input === 10) throw new Error('away');
  });
  await expect(failing).rejects.toThrow('away');
  expect(ended).toBe(begun);
  expect(begun).toBeLessThan(20);
});

test('begins nothing past the deadline', async () => {
  const begun: number[] = [];
  const late = inParallel(inputs, { concurrency: 4, deadline: { atMs: -1 } }, async (input) => {
    begun.push(input);
  });
  await expect(late).rejects.toThrow('took too long');
  expect(begun).toEqual([]);
});
