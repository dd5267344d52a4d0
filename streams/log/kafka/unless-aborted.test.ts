import { getEventListeners } from 'node:events';
import { unlessAborted } from './unless-aborted.ts';

test('gives what the work gives, and leaves no listener behind', async () => {
  const { signal } = new AbortController();
  await expect(unlessAborted(signal, Promise.resolve(7))).resolves.toBe(7);
  await expect(unlessAborted(signal, Promise.reject(new Error('broken')))).rejects.toThrow(
    'broken',
  );
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('does not wait for work that does not end', async () => {
  const controller = new AbortController();
  const waiting = unlessAborted(controller.signal, new Promise(() => {}));
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(unlessAborted(controller.signal, Promise.resolve(7))).rejects.toThrow('enough');
});

test('work that nobody waits for any more may fail', async () => {
  const failing = Promise.reject(new Error('broken'));
  await expect(unlessAborted(AbortSignal.abort(), failing)).rejects.toThrow('aborted');
});

test('waits for the work alone when there is no signal', async () => {
  await expect(unlessAborted(undefined, Promise.resolve(7))).resolves.toBe(7);
});
