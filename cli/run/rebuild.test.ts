import { memoryRegistry } from '#streams';
import { sinkFeed } from '../../connectors/sink-feed.ts';
import { levels, MemoryView, openLog, produce, rowsOf } from '../../connectors/sink-fixture.ts';
import { type RebuildOptions, rebuildView } from './rebuild.ts';

const registry = memoryRegistry();

async function logOf(entries: readonly (readonly [string, number | null])[]) {
  const log = await openLog();
  await produce(log, entries);
  return log;
}

function copyInto(copy: MemoryView) {
  const done: string[] = [];
  const begin: RebuildOptions['begin'] = async () => ({
    feeds: [sinkFeed(levels, copy)],
    switchOver: async () => void done.push('switched over'),
    abandon: async () => void done.push('abandoned'),
  });
  return { begin, done };
}

const quietly = { name: 'levels', registry, progress: () => {} };
const signal = new AbortController().signal;

test('puts a copy of all that is in the log in place, and says of how many records', async () => {
  const log = await logOf([
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['b', null],
  ]);
  const copy = new MemoryView();
  const { begin, done } = copyInto(copy);
  expect(await rebuildView({ ...quietly, log, begin, signal })).toBe(4);
  expect(rowsOf(copy)).toEqual({ a: 3 });
  expect(done).toEqual(['switched over']);
});

test('leaves the live view as it is when it is given up', async () => {
  const log = await logOf([['a', 1]]);
  const copy = new MemoryView();
  const { begin, done } = copyInto(copy);
  let answer = () => {};
  copy.apply = () => new Promise((resolve) => (answer = resolve));
  const ending = new AbortController();
  const rebuilt = rebuildView({ ...quietly, log, begin, signal: ending.signal });
  ending.abort();
  // A sink ends what it has begun.
  const answering = setInterval(() => answer(), 1);
  await expect(rebuilt).rejects.toThrow('given up: the live view is as it was');
  clearInterval(answering);
  expect(done).toEqual(['abandoned']);
});

test('drops a copy that cannot be put in place', async () => {
  const log = await logOf([['a', 1]]);
  const { begin, done } = copyInto(new MemoryView());
  const failing: RebuildOptions['begin'] = async () => ({
    ...(await begin()),
    switchOver: () => Promise.reject(new Error('the store is away')),
  });
  await expect(rebuildView({ ...quietly, log, begin: failing, signal })).rejects.toThrow(
    'the store is away',
  );
  expect(done).toEqual(['abandoned']);
});
