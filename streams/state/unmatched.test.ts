import { memoryRegistry } from '../avro/memory-registry.ts';
import { int, record } from '../avro/schema.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { unmatchedKeySerde, unmatchedValuesSerde } from './unmatched.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

// As Kafka Streams 4.3.1 wrote them.
test.each([
  [{ timestampMs: 1_000, isLeft: true, key: 'a' }, '00000000000003e80161'],
  [{ timestampMs: 4_000, isLeft: false, key: 'b' }, '0000000000000fa00062'],
])('the place %j is %s', (key, expected) => {
  const serde = unmatchedKeySerde(stringSerde);
  expect(hex(serde.serialize(key))).toBe(expected);
  expect(serde.deserialize(bytesOf(expected))).toEqual(key);
});

test.each([
  [true, ['L1'], '010000000100000003014c31'],
  [true, ['L1', 'L2'], '010000000200000003014c3100000003014c32'],
  [false, ['R2'], '010000000100000003005232'],
])('the values of side %s, %j, are %s', (isLeft, values, expected) => {
  const serde = unmatchedValuesSerde(stringSerde, stringSerde);
  expect(hex(serde.serialize({ isLeft, values }))).toBe(expected);
  expect(serde.deserialize(bytesOf(expected))).toEqual({ isLeft, values });
});

test('each side has the serde of its own stream', () => {
  const serde = unmatchedValuesSerde(longSerde, stringSerde);
  for (const held of [
    { isLeft: true, values: [1, 2] },
    { isLeft: false, values: ['', 'x'] },
  ]) {
    expect(serde.deserialize(serde.serialize(held))).toEqual(held);
  }
});

test.each(['', '00', '0100000001'])('bytes %j that are no such list are refused', (bytes) => {
  const serde = unmatchedValuesSerde(stringSerde, stringSerde);
  const undecodable = expect.objectContaining({ code: 'STREAMS_RECORD_UNDECODABLE' });
  expect(() => serde.deserialize(bytesOf(bytes))).toThrow(undecodable);
});

test('streams with different schemas are joined: each side is a subject of its own', async () => {
  const click = record('Click', { page: int });
  const view = record('View', { seconds: int });
  const use = { topic: 'app-j-changelog', part: 'value', registry: memoryRegistry() } as const;
  const bound = await unmatchedValuesSerde(click, view).forTopic?.(use);
  for (const held of [
    { isLeft: true, values: [{ page: 1 }] },
    { isLeft: false, values: [{ seconds: 2 }] },
  ]) {
    expect(bound?.deserialize(bound.serialize(held))).toEqual(held);
  }
});
