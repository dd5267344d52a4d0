import fc from 'fast-check';
import { memoryRegistry } from './avro/memory-registry.ts';
import { id, int } from './avro/schema.ts';
import type { Serde } from './serde.ts';
import {
  bytesSerde,
  intSerde,
  jsonSerde,
  longSerde,
  sessionWindowedSerde,
  stringSerde,
  windowedSerde,
} from './serdes.ts';

const hex = (encoded: Uint8Array) => Buffer.from(encoded).toString('hex');
const windowed = windowedSerde(stringSerde, 10_000);
const session = sessionWindowedSerde(stringSerde);
const at = (startMs: number) => ({ key: 'k', window: { startMs, endMs: startMs + 10_000 } });

// As Kafka's serializers write them.
test.each<[string, Serde<never>, unknown, string]>([
  ['a string', stringSerde as never, 'té', '74c3a9'],
  ['an empty string', stringSerde as never, '', ''],
  ['long 1', longSerde as never, 1, '0000000000000001'],
  ['long -1', longSerde as never, -1, 'ffffffffffffffff'],
  ['long 2^32', longSerde as never, 2 ** 32, '0000000100000000'],
  ['long -2^32', longSerde as never, -(2 ** 32), 'ffffffff00000000'],
  ['the greatest long', longSerde as never, Number.MAX_SAFE_INTEGER, '001fffffffffffff'],
  ['the least long', longSerde as never, Number.MIN_SAFE_INTEGER, 'ffe0000000000001'],
  ['int 258', intSerde as never, 258, '00000102'],
  ['int -1', intSerde as never, -1, 'ffffffff'],
  ['json', jsonSerde() as never, { a: [1, null] }, '7b2261223a5b312c6e756c6c5d7d'],
  ['a windowed key', windowed as never, at(10_000), '6b0000000000002710'],
  [
    "a session's key",
    session as never,
    { key: 'k', window: { startMs: 1, endMs: 258 } },
    '6b00000000000001020000000000000001',
  ],
])('writes %s as Kafka does, and reads it', (_, serde, value, expected) => {
  expect(hex(serde.serialize(value as never))).toBe(expected);
  expect(serde.deserialize(new Uint8Array(Buffer.from(expected, 'hex')))).toEqual(value);
});

test('every serde reads back what it wrote', () => {
  const roundTrip = <T>(serde: Serde<T>, values: fc.Arbitrary<T>) =>
    fc.assert(
      fc.property(values, (value) => {
        expect(serde.deserialize(serde.serialize(value))).toEqual(value);
      }),
    );
  roundTrip(stringSerde, fc.string({ unit: 'binary' }));
  roundTrip(longSerde, fc.maxSafeInteger());
  roundTrip(intSerde, fc.integer());
  roundTrip(bytesSerde, fc.uint8Array());
  roundTrip(jsonSerde<unknown>(), fc.jsonValue({ noUnicodeString: false }).filter(hasNoMinusZero));
  roundTrip(
    windowed,
    fc.maxSafeNat().map((start) => at(Math.floor(start / 2))),
  );
});

/** JSON writes -0 as 0. */
function hasNoMinusZero(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return !Object.is(value, -0);
  return Object.values(value).every(hasNoMinusZero);
}

test.each<[string, () => unknown]>([
  ['a number as a string', () => stringSerde.serialize(1 as never)],
  ['a long beyond 2^53', () => longSerde.serialize(2 ** 53)],
  ['a fraction as a long', () => longSerde.serialize(0.5)],
  ['an int beyond 32 bits', () => intSerde.serialize(2 ** 31)],
  ['a fraction as an int', () => intSerde.serialize(0.5)],
  ['text as bytes', () => bytesSerde.serialize('x' as never)],
  ['undefined as JSON', () => jsonSerde().serialize(undefined)],
  ['a bigint as JSON', () => jsonSerde().serialize(1n)],
  [
    'a session that ends at NaN',
    () => session.serialize({ key: 'k', window: { startMs: 0, endMs: Number.NaN } }),
  ],
  ['a window that starts at NaN', () => windowed.serialize(at(Number.NaN))],
])('refuses to write %s', (_, write) => {
  expect(write).toThrow(expect.objectContaining({ code: 'STREAMS_RECORD_UNENCODABLE' }));
});

test.each<[string, Serde<never>, string]>([
  ['a long of 7 bytes', longSerde as never, '00000000000000'],
  ['a long of 9 bytes', longSerde as never, '000000000000000000'],
  ['a long beyond 2^53', longSerde as never, '0020000000000000'],
  ['an int of 8 bytes', intSerde as never, '0000000000000000'],
  ['what is not JSON', jsonSerde() as never, '7b'],
  ['no bytes as JSON', jsonSerde() as never, ''],
  ['a windowed key without a window', windowed as never, '6b'],
  ["a session's key without its times", session as never, '6b0000000000000001'],
])('refuses to read %s', (_, serde, bytes) => {
  expect(() => serde.deserialize(Buffer.from(bytes, 'hex'))).toThrow(
    expect.objectContaining({ code: 'STREAMS_RECORD_UNDECODABLE' }),
  );
});

test('refuses a window size that is not a whole number above 0', () => {
  for (const sizeMs of [0, -1, 0.5, Number.NaN]) {
    expect(() => windowedSerde(stringSerde, sizeMs)).toThrow('sizeMs');
  }
});

test('a windowed key takes the form that its inner serde has in the topic', async () => {
  const use = { topic: 't', part: 'key', registry: memoryRegistry() } as const;
  const sku = await windowedSerde(id('Sku'), 10).forTopic?.(use);
  expect(hex(sku?.serialize(at(1) as never) ?? Buffer.of())).toBe('6b0000000000000001');
  const count = await windowedSerde(int, 10).forTopic?.(use);
  const key = { key: 3, window: { startMs: 1, endMs: 11 } };
  const encoded = count?.serialize(key) ?? Buffer.of();
  expect(hex(encoded)).toBe('0000000001060000000000000001');
  expect(count?.deserialize(encoded)).toEqual(key);
});

test("a session's key takes the form that its inner serde has in the topic", async () => {
  const use = { topic: 't', part: 'key', registry: memoryRegistry() } as const;
  const count = await sessionWindowedSerde(int).forTopic?.(use);
  const key = { key: 3, window: { startMs: 1, endMs: 11 } };
  const encoded = count?.serialize(key) ?? Buffer.of();
  expect(hex(encoded)).toBe('000000000106000000000000000b0000000000000001');
  expect(count?.deserialize(encoded)).toEqual(key);
});
