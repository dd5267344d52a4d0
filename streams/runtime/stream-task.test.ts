import { StreamsError } from '../errors.ts';
import type { Serde } from '../serde.ts';
import { stringSerde } from '../serdes.ts';
import { MemoryTaskStorage } from '../state/memory-storage.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import {
  add,
  consumed,
  keeping,
  openTask,
  others,
  out,
  text,
  textOf,
  words,
} from './stream-task-fixture.ts';

test('a schema that is not known yet stops the task at the record, and no trace of it remains', () => {
  let known = false;
  const waiting: Serde<string> = {
    ...stringSerde,
    deserialize: (bytes) => {
      const value = stringSerde.deserialize(bytes);
      if (value !== 'new' || known) return value;
      throw new StreamsError('STREAMS_SCHEMA_UNKNOWN', 'schema 7', { retryable: true });
    },
  };
  const builder = new StreamsBuilder();
  builder.stream(topic('words', { ...text, value: waiting })).to(out);
  const { task, commit } = openTask(builder.build());
  add(task, words, [
    ['a', 'old'],
    ['b', 'new', 9],
  ]);
  expect(() => task.process(10)).toThrow(
    expect.objectContaining({ code: 'STREAMS_SCHEMA_UNKNOWN' }),
  );
  expect(task.streamTimeMs).toBe(0);
  expect(commit().outputs.map(textOf)).toEqual([['a', 'old']]);
  known = true;
  expect(task.process(10)).toBe(1);
  expect(commit().outputs.map(textOf)).toEqual([['b', 'new']]);
});

describe('time', () => {
  const merged = () => {
    const builder = new StreamsBuilder();
    builder.stream(words).merge(builder.stream(others)).to(out);
    return builder.build();
  };

  test('orders the records of several inputs', () => {
    const { task, commit } = openTask(merged());
    add(task, words, [
      ['w', '1', 1],
      ['w', '4', 4],
    ]);
    add(task, others, [
      ['o', '2', 2],
      ['o', '3', 3],
    ]);
    task.process(10);
    expect(commit().outputs.map(({ value }) => String(value))).toEqual(['1', '2', '3', '4']);
  });

  test('waits for an input of which the log is known to hold more', () => {
    const { task } = openTask(merged());
    task.begin({ topic: 'others', partition: 0 }, 0n, 1n);
    add(task, words, [['w', '5', 5]]);
    expect(task.process(10)).toBe(0);
    add(task, others, [['o', '1', 1]]);
    expect(task.process(10)).toBe(2);
  });

  test('waits taskIdleMs for an input that is drained, then goes on', () => {
    const { task, clock } = openTask(merged(), undefined, { taskIdleMs: 10 });
    add(task, words, [['w', '5', 5]]);
    expect(task.process(10)).toBe(0);
    clock.nowMs = 9;
    expect(task.process(10)).toBe(0);
    clock.nowMs = 10;
    expect(task.process(10)).toBe(1);
  });

  test('survives a restart where there is state, and goes back with a rollback', () => {
    const storage = new MemoryTaskStorage();
    const first = openTask(keeping(), storage);
    add(first.task, words, [['a', 'tea', 50]]);
    first.task.process(1);
    first.commit();
    add(first.task, words, [['a', 'pot', 90]], 1);
    first.task.process(1);
    expect(first.task.streamTimeMs).toBe(90);
    first.task.rollback();
    expect(first.task.streamTimeMs).toBe(50);
    expect(openTask(keeping(), storage).task.streamTimeMs).toBe(50);
  });
});

describe('a rollback', () => {
  test('brings the records back, and doing them again has the same result', () => {
    const { task, commit } = openTask(keeping());
    add(task, words, [
      ['a', 'tea'],
      ['b', 'pot'],
    ]);
    task.process(10);
    const before = task.prepareCommit();
    task.rollback();
    expect(commit()).toMatchObject({ outputs: [], offsets: [], writes: [] });
    expect(task.buffered()).toBe(2);
    task.process(10);
    expect(commit()).toEqual(before);
  });

  test('fires again what had fired since the last commit', () => {
    const fired: number[] = [];
    const builder = new StreamsBuilder();
    builder.stream(words).process('tick', {
      process: () => {},
      punctuators: [{ time: 'wall-clock', everyMs: 10, punctuate: (at) => void fired.push(at) }],
    });
    const { task, clock, commit } = openTask(builder.build());
    clock.nowMs = 10;
    task.punctuate();
    task.rollback();
    task.punctuate();
    commit();
    task.punctuate();
    expect(fired).toEqual([10, 10]);
  });
});

describe('a commit in flight', () => {
  const commitInFlight = () => {
    const { task, storage, commit } = openTask(keeping());
    add(task, words, [
      ['a', 'tea', 5],
      ['b', 'boom', 6],
      ['a', 'pot', 7],
    ]);
    task.process(2);
    const first = task.prepareCommit();
    task.process(1);
    return { task, storage, commit, first };
  };

  test('has what was done before it, the next one what is done meanwhile', () => {
    const { task, storage, commit, first } = commitInFlight();
    expect(first.outputs.map(textOf)).toEqual([
      ['a', 'tea'],
      ['b', 'boom'],
    ]);
    expect(first).toMatchObject({ consumed: 2, offsets: [{ offset: 2n }] });
    storage.apply(first.writes);
    task.committed();
    expect(String(storage.get('seen', Buffer.from('a')))).toBe('tea');
    const second = commit();
    expect(second.outputs.map(textOf)).toEqual([['a', 'pot']]);
    expect(second).toMatchObject({ consumed: 1, offsets: [{ offset: 3n }] });
    expect(String(storage.get('seen', Buffer.from('a')))).toBe('pot');
    expect(task.hasChanged).toBe(false);
  });

  test('that fails takes back what was done meanwhile too', () => {
    const { task, first, commit } = commitInFlight();
    task.rollback();
    expect(task.streamTimeMs).toBe(-1);
    expect(task.metrics).toMatchObject({ deadLetters: 0, lag: 3n });
    expect(task.hasChanged).toBe(false);
    expect(task.process(10)).toBe(3);
    const again = commit();
    expect(again.outputs.slice(0, 2)).toEqual(first.outputs);
    expect(again.outputs.slice(2).map(textOf)).toEqual([['a', 'pot']]);
    expect(again).toMatchObject({ consumed: 3, offsets: [{ offset: 3n }] });
  });

  test('is one at most, and is confirmed once', () => {
    const { task } = commitInFlight();
    expect(() => task.prepareCommit()).toThrow('while one is in flight');
    task.committed();
    expect(() => task.committed()).toThrow('has no commit in flight');
  });
});

test('offsets are committed past the gaps that compaction left, and only when they move', () => {
  const { task, commit } = openTask(keeping());
  task.begin({ topic: 'words', partition: 0 }, 5n, 20n);
  expect(commit().offsets).toEqual([]);
  const records = consumed([['a', 'x']], 7);
  task.add({ topic: 'words', partition: 0, records, nextOffset: 12n, endOffset: 20n });
  expect(task.metrics.lag).toBe(13n);
  task.process(1);
  expect(commit().offsets).toEqual([{ topic: 'words', partition: 0, offset: 12n }]);
  expect(task.metrics.lag).toBe(8n);
  expect(commit().offsets).toEqual([]);
});
