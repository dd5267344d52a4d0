/** What a cache keeps of work that is undone, and what happens when an update cannot be sent on. */
import { StreamsError } from '../errors.ts';
import type { Operator } from '../processor.ts';
import { longSerde } from '../serdes.ts';
import { CacheBudget } from '../state/cache-budget.ts';
import { MemoryTaskStorage } from '../state/memory-storage.ts';
import type { KStream } from '../topology/kstream.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { add, counts, headersOf, openTask, text, textOf, words } from './stream-task-fixture.ts';

/** Counts by key; `before` sees the words on their way, `onCount` the counts. */
function openCounting(
  onCount: (key: string, count: number) => void,
  before: (stream: KStream<string, string>) => void = () => {},
) {
  const builder = new StreamsBuilder();
  const stream = builder.stream(words);
  stream
    .groupByKey('by-key')
    .count('count')
    .toStream()
    .mapValues((count) => count ?? 0)
    .peek(({ key, value }) => onCount(key, value), { name: 'look' })
    .to(counts);
  before(stream);
  const cacheBudget = new CacheBudget(1_000_000);
  return openTask(builder.build(), new MemoryTaskStorage(), { cacheBudget });
}

const kept = (storage: MemoryTaskStorage, key: string) => {
  const bytes = storage.get('count', Buffer.from(key));
  return bytes && longSerde.deserialize(bytes.subarray(8));
};
const none = () => {};

test('a record that fails takes its update back, and the one before it goes on', () => {
  const { task, storage, commit } = openCounting(none, (stream) => {
    stream.peek(({ value }) => {
      if (value === 'boom') throw new Error('boom');
    });
  });
  add(task, words, [
    ['a', 'x'],
    ['a', 'boom'],
    ['b', 'boom'],
  ]);
  task.process(10);
  const { outputs } = commit();
  expect(outputs.map(({ topic, key }) => [topic, String(key)])).toEqual([
    ['shop-dead-letters', 'a'],
    ['shop-dead-letters', 'b'],
    ['counts', 'a'],
  ]);
  expect([kept(storage, 'a'), kept(storage, 'b')]).toEqual([1, undefined]);
});

test('an update that cannot be sent on makes a dead letter of the record that made it', () => {
  const { task, storage, commit } = openCounting((key, count) => {
    if (key === 'a') throw new Error(`no ${count}`);
  });
  add(task, words, [
    ['a', 'first'],
    ['b', 'x'],
    ['a', 'second', 7],
  ]);
  task.process(10);
  const { outputs, offsets } = commit();
  expect(outputs.map(({ topic }) => topic)).toEqual(['counts', 'shop-dead-letters']);
  const letter = outputs[1] as (typeof outputs)[number];
  expect(textOf(letter)).toEqual(['a', 'second']);
  expect(headersOf(letter)).toMatchObject({
    '__streams.errors.message': 'no 2',
    '__streams.errors.node': 'look',
    '__streams.errors.offset': '2',
    '__streams.errors.timestamp': '7',
  });
  // The records are counted: they were added before, and only telling of it failed.
  expect(kept(storage, 'a')).toBe(2);
  expect(offsets).toMatchObject([{ offset: 3n }]);
  expect(task.metrics.deadLetters).toBe(1);
});

test('an update that has to wait for a schema stays, and goes on after a rollback', () => {
  let known = false;
  const notYet = new StreamsError('STREAMS_SCHEMA_UNKNOWN', 'not yet', { retryable: true });
  const { task, commit } = openCounting(() => {
    if (!known) throw notYet;
  });
  add(task, words, [['a', 'x']]);
  task.process(10);
  expect(() => task.prepareCommit()).toThrow(notYet);
  known = true;
  expect(commit().outputs).toHaveLength(1);
  known = false;
  add(task, words, [['a', 'x']], 1);
  task.process(10);
  expect(() => task.prepareCommit()).toThrow(notYet);
  task.rollback();
  expect(task.process(10)).toBe(1);
  known = true;
  expect(commit()).toMatchObject({ outputs: [{ topic: 'counts' }], offsets: [{ offset: 2n }] });
});

test('a rollback forgets what is held', () => {
  const { task, commit } = openCounting(none);
  add(task, words, [['a', 'x']]);
  task.process(10);
  task.rollback();
  expect(commit().outputs).toEqual([]);
  task.process(10);
  const { outputs } = commit();
  expect(outputs.map(({ value }) => longSerde.deserialize(value as Buffer))).toEqual([1]);
});

/** Forwards two values of one key with every tick. */
const ticking: Operator<never, never, unknown, unknown> = ({ schedule, forward }) => {
  const tick = (timestampMs: number) => {
    for (const value of ['x', 'yy']) forward({ key: 'tick', value, timestampMs });
  };
  schedule({ time: 'wall-clock', everyMs: 10, punctuate: tick });
  return () => {};
};

test('what a punctuator has updated goes on too; when it cannot, the task fails', () => {
  let fails = false;
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .filter(() => true, { name: 'tick' })
    .toTable('latest', text)
    .toStream()
    .peek(() => {
      if (fails) throw new Error('no tick');
    })
    .mapValues((value) => value?.length ?? 0)
    .to(counts);
  const topology = builder.build();
  const nodes = topology.nodes.map((node) =>
    node.kind === 'processor' && node.name === 'tick' ? { ...node, operator: ticking } : node,
  );
  const cacheBudget = new CacheBudget(1_000_000);
  const { task, clock, commit } = openTask({ ...topology, nodes }, undefined, { cacheBudget });
  clock.nowMs = 10;
  task.punctuate();
  const { outputs } = commit();
  const sent = outputs.map(({ value, timestampMs }) => [
    longSerde.deserialize(value as Buffer),
    timestampMs,
  ]);
  expect(sent).toEqual([[2, 10]]);
  fails = true;
  clock.nowMs = 20;
  task.punctuate();
  expect(() => task.prepareCommit()).toThrow(
    expect.objectContaining({ code: 'STREAMS_TASK_FAILED' }),
  );
});
