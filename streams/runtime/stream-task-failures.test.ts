/** What a task leaves of records and punctuators that fail: a dead letter, or nothing at all. */
import { StreamsError } from '../errors.ts';
import type { ConsumedRecord, ProducedRecord } from '../log/log.ts';
import { longSerde } from '../serdes.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import {
  add,
  consumed,
  counts,
  headersOf,
  keeping,
  openTask,
  out,
  seen,
  text,
  textOf,
  words,
} from './stream-task-fixture.ts';

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

test('a dead letter that the log would refuse loses the headers of its record, not the task', () => {
  const checkOutput = (record: ProducedRecord) => {
    const bytes = record.headers.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    if (bytes > 5_000) throw new StreamsError('STREAMS_RECORD_TOO_LARGE', 'too many headers');
  };
  const builder = new StreamsBuilder();
  builder.stream(words).peek(() => {
    throw new Error('x'.repeat(100_000));
  });
  const { task, commit } = openTask(builder.build(), undefined, { checkOutput });
  const headers = [{ key: 'large', value: Buffer.alloc(4_900) }];
  const records = consumed([['a', 'tea']]).map((record) => ({ ...record, headers }));
  task.add({ topic: 'words', partition: 0, records, nextOffset: 1n, endOffset: 1n });
  task.process(1);
  const [letter] = commit().outputs as [ProducedRecord];
  expect(() => checkOutput(letter)).not.toThrow();
  expect(textOf(letter)).toEqual(['a', 'tea']);
  expect(headersOf(letter)).toMatchObject({
    '__streams.errors.topic': 'words',
    '__streams.errors.headers': 'left out: too many headers',
  });
});

test('dead letters that were rolled back are counted once', () => {
  const { task, commit } = openTask(keeping());
  add(task, words, [['a', 'boom']]);
  task.process(1);
  task.rollback();
  task.process(1);
  commit();
  expect(task.metrics.deadLetters).toBe(1);
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

test('a stream-time punctuator that has to wait for a schema is undone and fires again', () => {
  let known = false;
  const notYet = new StreamsError('STREAMS_SCHEMA_UNKNOWN', 'not yet', { retryable: true });
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .process<string, string, { seen: typeof seen }>('tick', {
      stores: { seen },
      process: () => {},
      punctuators: [
        {
          time: 'stream-time',
          everyMs: 10,
          punctuate: (nowMs, context) => {
            context.stores.seen.put('tick', `${context.stores.seen.get('tick') ?? ''}${nowMs},`);
            context.forward({ key: 'tick', value: String(nowMs) });
            if (!known) throw notYet;
          },
        },
      ],
    })
    .to(out);
  const { task, commit } = openTask(builder.build());
  add(task, words, [['a', 'x', 5]]);
  expect(() => task.process(10)).toThrow(notYet);
  expect(commit()).toMatchObject({ outputs: [] });
  known = true;
  expect(task.process(10)).toBe(0);
  const { outputs, writes } = commit();
  expect(outputs.map(textOf)).toEqual([['tick', '5']]);
  expect(writes.map(({ value }) => String(value))).toContain('5,');
});
