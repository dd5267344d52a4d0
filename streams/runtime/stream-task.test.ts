import fc from 'fast-check';
import { StreamsError } from '../errors.ts';
import type { Serde } from '../serde.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { MemoryTaskStorage } from '../state/memory-storage.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import {
  add,
  consumed,
  counts,
  keeping,
  openTask,
  others,
  out,
  type Row,
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
    expect(task.prepareCommit()).toMatchObject({ outputs: [], offsets: [], writes: [] });
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

test('counts what a map counts, whatever is committed, rolled back, lost or failing', () => {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .peek(({ value }) => {
      if (value === 'boom') throw new Error('boom');
    })
    .groupByKey('by-key')
    .count('counts')
    .toStream()
    .to(counts);
  const topology = builder.build();
  const row = fc.tuple(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.constantFrom('x', 'y', 'boom'),
    fc.nat(20),
  );
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), rows: fc.array(row, { maxLength: 5 }) }),
    fc.record({ do: fc.constant('process' as const), records: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ do: fc.constantFrom('commit' as const, 'rollback' as const, 'crash' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const storage = new MemoryTaskStorage();
      const log: Row[] = [];
      let committed = 0;
      let running = openTask(topology, storage);
      const commit = () => {
        const { offsets } = running.commit();
        committed = Number(offsets[0]?.offset ?? committed);
      };
      for (const next of steps) {
        if (next.do === 'add') {
          add(running.task, words, next.rows, log.length);
          log.push(...next.rows);
        } else if (next.do === 'process') running.task.process(next.records);
        else if (next.do === 'commit') commit();
        else if (next.do === 'rollback') running.task.rollback();
        else {
          running = openTask(topology, storage);
          add(running.task, words, log.slice(committed), committed);
        }
      }
      running.task.process(Number.POSITIVE_INFINITY);
      commit();
      const model = new Map<string, number>();
      for (const [key, value] of log) {
        if (value !== 'boom') model.set(key, (model.get(key) ?? 0) + 1);
      }
      const kept = [...storage.range('counts', undefined, undefined)].map(
        ([key, value]) =>
          [stringSerde.deserialize(key), longSerde.deserialize(value.subarray(8))] as const,
      );
      expect(new Map(kept)).toEqual(model);
    }),
  );
});
