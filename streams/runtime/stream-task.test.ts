import fc from 'fast-check';
import { StreamsError } from '../errors.ts';
import type { ConsumedRecord, ProducedRecord } from '../log/log.ts';
import type { Serde } from '../serde.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { MemoryTaskStorage } from '../state/memory-storage.ts';
import { keyValueStore } from '../state/store.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import type { Topology } from '../topology/topology.ts';
import { unboundSerdes } from './bound-serdes.ts';
import { StreamTask, type StreamTaskOptions } from './stream-task.ts';

const text = { key: stringSerde, value: stringSerde, partitions: 1 };
const words = topic('words', text);
const others = topic('others', text);
const out = topic('out', text);
const counts = topic('counts', { key: stringSerde, value: longSerde, partitions: 1 });

function openTask(
  topology: Topology,
  storage = new MemoryTaskStorage(),
  options: Partial<StreamTaskOptions> = {},
) {
  const clock = { nowMs: 0 };
  const task = new StreamTask({
    topology,
    subTopologyId: 0,
    partition: 0,
    applicationId: 'shop',
    storage,
    serdes: unboundSerdes,
    globalTables: new Map(),
    clock: () => clock.nowMs,
    random: () => 0.5,
    partitionCount: () => 1,
    ...options,
  });
  const commit = () => {
    const prepared = task.prepareCommit();
    storage.apply(prepared.writes);
    task.committed();
    return prepared;
  };
  return { task, storage, clock, commit };
}

type Row = readonly [key: string, value: string | null, timestampMs?: number];

function consumed(rows: readonly Row[], firstOffset = 0): ConsumedRecord[] {
  return rows.map(([key, value, timestampMs = 0], index) => ({
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    timestampMs,
    headers: [],
    offset: BigInt(firstOffset + index),
  }));
}

function add(task: StreamTask, to: { readonly name: string }, rows: readonly Row[], first = 0) {
  const nextOffset = BigInt(first + rows.length);
  const records = consumed(rows, first);
  task.add({ topic: to.name, partition: 0, records, nextOffset, endOffset: nextOffset });
}

const textOf = ({ key, value }: ProducedRecord) => [String(key), value && String(value)];
const headersOf = ({ headers }: ProducedRecord) =>
  Object.fromEntries(headers.map(({ key, value }) => [key, String(value)]));

const seen = keyValueStore('seen', text);

/** Keeps every word, forwards it, and fails on 'boom' after it has done both. */
function keeping(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .process<string, string, { seen: typeof seen }>('keep', {
      stores: { seen },
      process: ({ key, value }, context) => {
        context.stores.seen.put(key, value);
        context.forward({ key, value });
        if (value === 'boom') throw new Error('cannot keep a boom');
      },
    })
    .to(out);
  return builder.build();
}

describe('a record that fails', () => {
  test('becomes a dead letter that tells what happened and where it came from', () => {
    const { task, commit } = openTask(keeping());
    add(task, words, [
      ['a', 'tea'],
      ['b', 'boom', 7],
      ['c', 'pot'],
    ]);
    expect(task.process(10)).toBe(3);
    const { outputs, offsets } = commit();
    expect(outputs.map(textOf)).toEqual([
      ['a', 'tea'],
      ['b', 'boom'],
      ['c', 'pot'],
    ]);
    const letter = outputs[1] as ProducedRecord;
    expect(letter.topic).toBe('shop-dead-letters');
    expect(letter.timestampMs).toBe(7);
    expect(headersOf(letter)).toEqual({
      '__streams.errors.code': 'STREAMS_RECORD_FAILED',
      '__streams.errors.message': 'cannot keep a boom',
      '__streams.errors.topic': 'words',
      '__streams.errors.partition': '0',
      '__streams.errors.offset': '1',
      '__streams.errors.timestamp': '7',
      '__streams.errors.application': 'shop',
      '__streams.errors.node': 'keep',
    });
    expect(offsets).toEqual([{ topic: 'words', partition: 0, offset: 3n }]);
    expect(task.metrics.deadLetters).toBe(1);
  });

  test('leaves nothing behind in stores, and what was there before it stays', () => {
    const { task, storage, commit } = openTask(keeping());
    add(task, words, [
      ['a', 'tea'],
      ['a', 'boom'],
      ['b', 'boom'],
    ]);
    task.process(10);
    commit();
    expect(String(storage.get('seen', Buffer.from('a')))).toBe('tea');
    expect(storage.get('seen', Buffer.from('b'))).toBeUndefined();
  });

  test('keeps its own headers, and tells of its last failure only', () => {
    const { task, commit } = openTask(keeping());
    const headers = [
      { key: 'trace', value: Buffer.from('t1') },
      { key: '__streams.errors.code', value: Buffer.from('OLD') },
    ];
    const [record] = consumed([['a', 'boom']]) as [ConsumedRecord];
    task.add({
      topic: 'words',
      partition: 0,
      records: [{ ...record, headers }],
      nextOffset: 1n,
      endOffset: 1n,
    });
    task.process(1);
    const [letter] = commit().outputs as [ProducedRecord];
    expect(headersOf(letter).trace).toBe('t1');
    const codes = letter.headers.filter(({ key }) => key === '__streams.errors.code');
    expect(codes.map(({ value }) => String(value))).toEqual(['STREAMS_RECORD_FAILED']);
  });
});

test('a record that cannot be read, cannot be written or has no time becomes a dead letter', () => {
  const builder = new StreamsBuilder();
  builder
    .stream(topic('words', { ...text, key: longSerde }), { name: 'read' })
    .map(({ key, value }) => ({ key: String(key), value: Number(value) }))
    .to(counts, { name: 'write' });
  const { task, commit } = openTask(builder.build());
  const eight = '\0\0\0\0\0\0\0\x07';
  add(task, words, [
    ['short', '1', 1],
    [eight, 'many', 2],
    [eight, '9', -1],
    [eight, '9', 3],
  ]);
  task.process(10);
  const { outputs } = commit();
  const codes = outputs.slice(0, 3).map((record) => headersOf(record)['__streams.errors.code']);
  expect(codes).toEqual([
    'STREAMS_RECORD_UNDECODABLE',
    'STREAMS_RECORD_UNENCODABLE',
    'STREAMS_RECORD_UNDECODABLE',
  ]);
  expect(outputs[3]?.topic).toBe('counts');
});

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

test('a punctuator that fails fails the task: there is no record to blame', () => {
  const builder = new StreamsBuilder();
  builder.stream(words).process('tick', {
    process: () => {},
    punctuators: [
      {
        time: 'wall-clock',
        everyMs: 1,
        punctuate: () => {
          throw new Error('no tick');
        },
      },
    ],
  });
  const { task, clock } = openTask(builder.build());
  clock.nowMs = 1;
  expect(() => task.punctuate()).toThrow(
    expect.objectContaining({
      code: 'STREAMS_TASK_FAILED',
      message: "the punctuator of 'tick' failed: Error: no tick",
    }),
  );
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
