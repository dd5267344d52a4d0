import { expect, test } from '@jest/globals';
import { ViewError } from '#views/view';
import { whenShown } from './read-your-writes.ts';
import { FakeTable } from './testing/fake-table.ts';

function waitFor(view: FakeTable<string, number>, version: number, timeoutMs = 5_000) {
  const look = () => view.get('anna');
  return whenShown({ view, look, shows: (seen) => (seen ?? 0) >= version, timeoutMs });
}

test('what is shown already is answered at once', async () => {
  const view = new FakeTable<string, number>();
  view.put('anna', 3);
  expect(await waitFor(view, 2)).toBe(3);
});

test('waits until the view has reached the version', async () => {
  const view = new FakeTable<string, number>();
  const shown = waitFor(view, 2);
  view.put('anna', 1);
  view.put('ben', 2);
  view.put('anna', 2);
  expect(await shown).toBe(2);
});

test('a view that sends no news is looked at again', async () => {
  const view = new FakeTable<string, number>();
  view.onApplied = () => () => {};
  const shown = waitFor(view, 2);
  view.rows.set('anna', 2);
  expect(await shown).toBe(2);
});

test('gives up in time, and says that the change holds', async () => {
  const view = new FakeTable<string, number>();
  await expect(waitFor(view, 1, 10)).rejects.toMatchObject({
    code: 'not-shown-in-time',
    message: expect.stringContaining('durable'),
  });
});

test('does not wait long for a view that is away, and waits on for one that is back', async () => {
  const view = new FakeTable<string, number>();
  const away = new ViewError('VIEW_UNAVAILABLE', 'its server was killed');
  let looks = 0;
  const wait = (isAway: () => boolean) =>
    whenShown({
      view,
      look: async () => {
        looks += 1;
        if (isAway()) throw away;
        return view.get('anna');
      },
      shows: (seen) => (seen ?? 0) >= 1,
      timeoutMs: 5_000,
    });
  const startedMs = performance.now();
  await expect(wait(() => true)).rejects.toMatchObject({ code: 'not-shown-in-time' });
  expect(performance.now() - startedMs).toBeLessThan(2_000);

  looks = 0;
  const back = wait(() => looks < 20);
  setTimeout(() => view.put('anna', 1), 1_700);
  expect(await back).toBe(1);
});
