import type { ProducedRecord } from '../log.ts';
import { partitionFor } from '../partitioner.ts';
import type { KnownTopic } from './kafka-topics.ts';
import type { NativeProducer } from './native-client.ts';
import { produce, RecordRouter } from './record-router.ts';

const events: KnownTopic = {
  name: 'events',
  partitions: 5,
  cleanupPolicy: 'delete',
  retentionMs: -1,
  maxMessageBytes: 1_000,
};
const state: KnownTopic = { ...events, name: 'state', cleanupPolicy: 'compact' };
const topics = new Map([events, state].map((topic) => [topic.name, topic]));
const router = new RecordRouter((name) => topics.get(name));

function record(more: Partial<ProducedRecord> = {}): ProducedRecord {
  const key = Buffer.from('foobar');
  return { topic: 'events', key, value: Buffer.from('v'), timestampMs: 1, headers: [], ...more };
}

test('a key goes where Kafka puts it, a record without one to the next partition', () => {
  expect(router.route(record()).partition).toBe(partitionFor(Buffer.from('foobar'), 5));
  const spread = [1, 2, 3, 4, 5].map(() => router.route(record({ key: null })).partition);
  expect(new Set(spread).size).toBe(5);
  expect(router.route(record({ partition: 3 })).partition).toBe(3);
});

test.each([
  ['STREAMS_TOPIC_UNKNOWN', record({ topic: 'unknown' })],
  ['STREAMS_TOPIC_UNKNOWN', record({ partition: 5 })],
  ['STREAMS_RECORD_INVALID', record({ timestampMs: -1 })],
  ['STREAMS_RECORD_INVALID', record({ timestampMs: 1.5 })],
  ['STREAMS_RECORD_INVALID', record({ topic: 'state', key: null })],
  ['STREAMS_RECORD_TOO_LARGE', record({ value: Buffer.alloc(1_000) })],
  ['STREAMS_RECORD_TOO_LARGE', record({ headers: [{ key: 'trace', value: Buffer.alloc(1_000) }] })],
])('refuses with %s what the broker would refuse', (code, refused) => {
  expect(() => router.route(refused)).toThrow(expect.objectContaining({ code }));
});

test('tells null from empty, and the first millisecond of 1970 from "now"', () => {
  const calls: unknown[][] = [];
  const producer = {
    produce: (...call: unknown[]) => calls.push(call),
  } as unknown as NativeProducer;
  const empty = new Uint8Array(0);
  const headers = [
    { key: 'none', value: null },
    { key: 'empty', value: empty },
  ];
  produce(producer, router.route(record({ key: empty, value: empty, timestampMs: 0, headers })));
  produce(producer, router.route(record({ key: null, value: null })));
  const [empties, nulls] = calls as [unknown[], unknown[]];
  // The client takes a buffer without memory for null.
  for (const bytes of [empties[2], empties[3]] as Buffer[]) {
    expect(bytes).toHaveLength(0);
    expect(bytes.buffer.byteLength).toBeGreaterThan(0);
  }
  expect(empties[4]).toBe(1);
  const [none, blank] = empties[6] as Record<string, Buffer>[];
  expect(none?.['none']?.buffer.byteLength).toBe(0);
  expect(blank?.['empty']?.buffer.byteLength).toBeGreaterThan(0);
  expect([nulls[2], nulls[3], nulls[6]]).toEqual([null, null, undefined]);
});
