/** What comes out of a table that is cached, record by record and commit by commit. */
import type { ProducedRecord } from '../log/log.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { CacheBudget } from '../state/cache-budget.ts';
import { MemoryTaskStorage } from '../state/memory-storage.ts';
import type { KTable } from '../topology/kstream.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import type { Topology } from '../topology/topology.ts';
import { sessionWindows } from '../windows/session-windows.ts';
import { hoppingWindows } from '../windows/time-windows.ts';
import {
  add,
  consumed,
  counts,
  headersOf,
  openTask,
  others,
  out,
  text,
  textOf,
  words,
} from './stream-task-fixture.ts';

const large = 1_000_000;

function openCached(topology: Topology, maxBytes = large) {
  const cacheBudget = new CacheBudget(maxBytes);
  return { ...openTask(topology, new MemoryTaskStorage(), { cacheBudget }), cacheBudget };
}

const countOf = ({ key, value, timestampMs }: ProducedRecord) => [
  String(key),
  longSerde.deserialize(value as Buffer),
  timestampMs,
];

function counting(caching?: boolean): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .groupByKey('by-key')
    .count('count', caching === undefined ? undefined : { caching })
    .toStream()
    .mapValues((count) => count ?? 0)
    .to(counts);
  return builder.build();
}

/** The latest word of each key, as it is sent on. */
function latest(use: (table: KTable<string, string>) => void): Topology {
  const builder = new StreamsBuilder();
  use(builder.table(words, 'latest'));
  return builder.build();
}

test('a key that is updated several times in a commit comes out once, at its newest', () => {
  const { task, commit } = openCached(counting());
  add(task, words, [
    ['a', 'x', 1],
    ['b', 'x', 2],
    ['a', 'x', 9],
    ['a', 'x', 3],
  ]);
  task.process(10);
  const { outputs, writes } = commit();
  // In the order of the newest updates. The time of a count is the largest of its records.
  expect(outputs.map(countOf)).toEqual([
    ['b', 1, 2],
    ['a', 3, 9],
  ]);
  expect(writes.filter(({ store }) => store === 'count')).toHaveLength(2);
  expect(task.metrics.caches).toEqual([{ store: 'count', updates: 4, sent: 2 }]);
  add(task, words, [['a', 'x', 10]], 4);
  task.process(10);
  expect(commit().outputs.map(countOf)).toEqual([['a', 4, 10]]);
});

test('headers are those of the newest update', () => {
  const { task, commit } = openCached(counting());
  const records = consumed([
    ['a', 'x'],
    ['a', 'y'],
  ]).map((record) => ({ ...record, headers: [{ key: 'n', value: record.value }] }));
  task.add({ topic: 'words', partition: 0, records, nextOffset: 2n, endOffset: 2n });
  task.process(10);
  expect(commit().outputs.map(headersOf)).toEqual([{ n: 'y' }]);
});

test('windows are cached each for itself', () => {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .groupByKey('by-key')
    .windowedBy(hoppingWindows({ sizeMs: 10, advanceMs: 5, graceMs: 0 }))
    .count('count')
    .toStream()
    .map(({ key, value }) => ({ key: `${key.key}@${key.window.startMs}`, value: value ?? 0 }))
    .to(counts);
  const { task, commit } = openCached(builder.build());
  add(task, words, [
    ['a', 'x', 6],
    ['a', 'x', 8],
    ['a', 'x', 11],
  ]);
  task.process(10);
  expect(commit().outputs.map(countOf)).toEqual([
    ['a@0', 2, 8],
    ['a@5', 3, 11],
    ['a@10', 1, 11],
  ]);
});

test('a session that grows within a commit comes out as it is in the end, and leaves no trace of what it was', () => {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .groupByKey('by-key')
    .windowedBy(sessionWindows({ inactivityGapMs: 10, graceMs: 1_000 }))
    .reduce('sessions', (all, word) => all + word, text)
    .toStream()
    .map(({ key: { key, window }, value }) => {
      return { key: `${key}@${window.startMs}-${window.endMs}`, value };
    })
    .to(out);
  const { task, commit } = openCached(builder.build());
  const commitOf = (timesMs: readonly number[], offset: number) => {
    add(
      task,
      words,
      timesMs.map((timeMs) => ['a', 'x', timeMs] as const),
      offset,
    );
    task.process(10);
    return commit();
  };
  const first = commitOf([1, 5, 9], 0);
  expect(first.outputs.map(textOf)).toEqual([['a@1-9', 'xxx']]);
  expect(first.writes.filter(({ store }) => store === 'sessions')).toHaveLength(1);
  // Downstream knows of the first one: it is told of its end, and not of those in between.
  const second = commitOf([12, 15, 40], 3);
  expect(second.outputs.map(textOf)).toEqual([
    ['a@1-9', null],
    ['a@1-15', 'xxxxx'],
    ['a@40-40', 'x'],
  ]);
  expect(second.writes.filter(({ store }) => store === 'sessions')).toHaveLength(3);
});

test('a row that comes and goes within a commit was never there; one that was is deleted once', () => {
  const { task, commit } = openCached(latest((table) => table.toStream().to(out)));
  add(task, words, [
    ['a', 'tea'],
    ['a', null],
    ['b', 'pot'],
  ]);
  task.process(10);
  expect(commit().outputs.map(textOf)).toEqual([['b', 'pot']]);
  const more = [
    ['b', null],
    ['b', 'cup'],
    ['b', null],
    ['c', null],
  ] as const;
  add(task, words, more, 3);
  task.process(10);
  expect(commit().outputs.map(textOf)).toEqual([['b', null]]);
});

test('the old value of a change is the one that was sent on last', () => {
  const topology = latest((table) =>
    table
      .groupBy('by-word', ({ key, value }) => ({ key: value, value: key }), text)
      .count('sizes')
      .toStream()
      .to(counts),
  );
  const { task, commit } = openCached(topology);
  add(task, words, [
    ['a', 'tea'],
    ['a', 'pot'],
  ]);
  task.process(10);
  const grouped = () => commit().outputs.map(({ key }) => String(key));
  // Nobody knows of the tea: there is nothing to take back.
  expect(grouped()).toEqual(['pot']);
  add(
    task,
    words,
    [
      ['a', 'cup'],
      ['a', 'jug'],
    ] as const,
    2,
  );
  task.process(10);
  expect(grouped()).toEqual(['pot', 'jug']);
});

test('one cache feeds another, and both are empty when the commit is made', () => {
  const builder = new StreamsBuilder();
  const table = builder.stream(words).groupByKey('by-key').count('count');
  const changes = table.toStream().groupByKey('changes', { key: stringSerde, value: longSerde });
  changes.count('changes').toStream().to(counts);
  const { task, commit } = openCached(builder.build());
  add(task, words, [
    ['a', 'x'],
    ['a', 'x'],
    ['b', 'x'],
  ]);
  task.process(10);
  expect(commit().outputs.map(countOf)).toEqual([
    ['a', 1, 0],
    ['b', 1, 0],
  ]);
  expect(task.metrics.caches.map(({ updates, sent }) => [updates, sent])).toEqual([
    [3, 2],
    [2, 2],
  ]);
  expect(task.hasChanged).toBe(false);
});

test('a join sees the newest row of a table, though its update is still held', () => {
  const builder = new StreamsBuilder();
  const table = builder.table(words, 'latest');
  builder
    .stream(others)
    .join(table, (value, word) => `${value} ${word}`)
    .to(out);
  const { task, commit } = openCached(builder.build());
  add(task, words, [
    ['a', 'tea', 1],
    ['a', 'pot', 2],
  ]);
  add(task, others, [['a', 'green', 3]]);
  task.process(10);
  expect(commit().outputs.map(textOf)).toEqual([['a', 'green pot']]);
});

test('what weighs too much goes on after the record that made it too much, oldest first', () => {
  const entryBytes = 1 + 16 + 160;
  const { task, commit, cacheBudget } = openCached(counting(), 2 * entryBytes);
  add(task, words, [
    ['a', 'x', 1],
    ['b', 'x', 2],
    ['a', 'x', 3],
    ['c', 'x', 4],
    ['b', 'x', 5],
  ]);
  task.process(10);
  expect(cacheBudget.usedBytes).toBe(2 * entryBytes);
  expect(commit().outputs.map(countOf)).toEqual([
    ['b', 1, 2],
    ['a', 2, 3],
    ['c', 1, 4],
    ['b', 2, 5],
  ]);
  expect(cacheBudget.usedBytes).toBe(0);
});

test.each([
  ['caching: false', counting(false), large],
  ['no budget', counting(), undefined],
])('with %s every update comes out', (_name, topology, maxBytes) => {
  const cacheBudget = maxBytes === undefined ? undefined : new CacheBudget(maxBytes);
  const { task, commit } = openTask(topology, undefined, { cacheBudget });
  add(task, words, [
    ['a', 'x', 1],
    ['a', 'x', 2],
  ]);
  task.process(10);
  expect(commit().outputs.map(countOf)).toEqual([
    ['a', 1, 1],
    ['a', 2, 2],
  ]);
  expect(task.metrics.caches).toEqual([]);
});

test('tables that are joined are not cached: a deletion of both sides would be lost', () => {
  const builder = new StreamsBuilder();
  const joined = builder
    .table(words, 'left')
    .mapValues((word) => word)
    .join(builder.table(others, 'right'), (left, right) => `${left} ${right}`);
  joined.toStream().to(out);
  const topology = builder.build();
  expect(topology.stores.map(({ name, cached }) => [name, cached])).toEqual([
    ['left', false],
    ['right', false],
  ]);
  const { task, commit } = openCached(topology);
  add(task, words, [['a', 'tea', 1]]);
  add(task, others, [['a', 'pot', 1]]);
  task.process(10);
  expect(commit().outputs.map(textOf)).toEqual([['a', 'tea pot']]);
  add(task, words, [['a', null, 2]], 1);
  add(task, others, [['a', null, 2]], 1);
  task.process(10);
  expect(commit().outputs.map(textOf)).toEqual([['a', null]]);
});
