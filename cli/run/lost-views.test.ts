/** Which process builds a lost view anew, and when. */
import { type MemoryLog, memoryLog, memoryRegistry } from '#streams';
import { type LostViewsOptions, mendLostViews } from './lost-views.ts';

const logs: MemoryLog[] = [];
afterEach(async () => {
  await Promise.all(logs.splice(0).map((log) => log.close()));
});

/** A view without topics: what is built anew of it is whole at once. */
function watching(options: Partial<LostViewsOptions> & { readonly looks: readonly boolean[] }) {
  const log = memoryLog();
  logs.push(log);
  const said: string[] = [];
  const done: string[] = [];
  const looks = [...options.looks];
  const view = {
    name: 'items',
    sink: 'items' as const,
    isLost: async () => looks.shift() ?? false,
    begin: async () => ({
      feeds: [],
      switchOver: async () => void done.push('switched over'),
      abandon: async () => void done.push('abandoned'),
    }),
  };
  const watch = mendLostViews({
    ...{ log, registry: memoryRegistry(), views: [view], leads: () => true },
    warn: (line) => said.push(line),
    lookEveryMs: 1,
    ...options,
  });
  const rest = async () => {
    while (looks.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await watch.close();
  };
  return { said, done, rest };
}

test('builds a view anew that is lost at two looks', async () => {
  const { said, done, rest } = watching({ looks: [false, true, true, false] });
  await rest();
  expect(done).toEqual(['switched over']);
  expect(said).toEqual([
    'items: what it was kept in is gone; it is built anew from the log',
    'items: built anew from 0 records',
  ]);
});

test('does not trust one look: a server that starts may seem empty', async () => {
  const { done, rest } = watching({ looks: [true, false, true, false] });
  await rest();
  expect(done).toEqual([]);
});

test('leaves it to the process that leads', async () => {
  let asked = 0;
  const leads = () => {
    asked += 1;
    return false;
  };
  const { done, rest } = watching({ looks: [], leads });
  await rest();
  expect(asked).toBeGreaterThan(1);
  expect(done).toEqual([]);
});
