import { setTimeout as delay } from 'node:timers/promises';
import { breakerOf } from './circuit-breaker.ts';
import { ViewError } from './views/view.ts';

/** A view on a server that answers or does not, as it is told. */
function serverView() {
  const asked: string[] = [];
  const server = { isAway: false };
  const port = {
    get: async (key: string): Promise<string> => {
      asked.push(key);
      if (server.isAway) throw new ViewError('VIEW_UNAVAILABLE', 'no answer');
      if (key === 'unreadable') throw new ViewError('VIEW_CURSOR_INVALID', 'no cursor');
      return `value of ${key}`;
    },
    onApplied: () => () => {},
  };
  return { asked, server, port };
}

const quick = { failuresInARow: 3, tryAgainAfterMs: 20 };
const away = { code: 'VIEW_UNAVAILABLE' };

test('lets through what a server answers, and what it says no to', async () => {
  const breaker = breakerOf('MySQL', quick);
  const { port } = serverView();
  const view = breaker.guard(port);
  for (let time = 0; time < 5; time += 1) {
    await expect(view.get('unreadable')).rejects.toMatchObject({ code: 'VIEW_CURSOR_INVALID' });
  }
  expect(await view.get('a')).toBe('value of a');
  expect(view.onApplied).toBe(port.onApplied);
  expect(breaker.isOpen).toBe(false);
});

test('asks no more after some failures in a row, whichever of its views met them', async () => {
  const breaker = breakerOf('MySQL', { ...quick, tryAgainAfterMs: 60_000 });
  const { port, server, asked } = serverView();
  const views = [breaker.guard(port), breaker.guard(port)] as const;
  server.isAway = true;
  for (const view of [...views, ...views]) await expect(view.get('a')).rejects.toMatchObject(away);
  expect(asked).toHaveLength(3);
  expect(breaker.isOpen).toBe(true);
  await expect(views[0].get('a')).rejects.toThrow('MySQL has not answered for a while');
});

test('lets one try after a while, and all when it was answered', async () => {
  const breaker = breakerOf('MySQL', quick);
  const { port, server, asked } = serverView();
  const view = breaker.guard(port);
  server.isAway = true;
  for (let time = 0; time < 3; time += 1) await expect(view.get('a')).rejects.toMatchObject(away);
  server.isAway = false;
  while (breaker.isOpen) {
    await delay(5);
    await view.get('b').catch(() => {}); // Refused until the while is over.
  }
  expect(asked.filter((key) => key === 'b')).toHaveLength(1);
  expect(await Promise.all(['c', 'd'].map(view.get))).toEqual(['value of c', 'value of d']);
});
