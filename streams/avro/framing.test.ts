import { StreamsError } from '../errors.ts';
import { isUnknownSchema } from './framing.ts';
import { memoryRegistry } from './memory-registry.ts';
import {
  array,
  bytes,
  enumeration,
  id,
  int,
  literal,
  long,
  map,
  nullable,
  record,
  type Schema,
  string,
  timestampMillis,
  union,
  withDefault,
} from './schema.ts';

const hex = (encoded: Uint8Array) => Buffer.from(encoded).toString('hex');
const Count = record('Count', { n: int });

function failure(run: () => unknown): StreamsError {
  try {
    run();
  } catch (error) {
    if (error instanceof StreamsError) return error;
    throw error;
  }
  throw new Error('expected a StreamsError');
}

async function serdeOf<T>(schema: Schema<T>, registry = memoryRegistry(), topic = 'counts') {
  const serde = await schema.forTopic?.({ topic, part: 'value', registry });
  if (serde === undefined) throw new Error('a schema has forTopic');
  return serde;
}

/** What `reader` makes of a value that `writer` wrote. */
async function readAs<W, R>(writer: Schema<W>, value: NoInfer<W>, reader: Schema<R>): Promise<R> {
  const registry = memoryRegistry();
  const written = (await serdeOf(writer, registry, 'written')).serialize(value);
  return (await serdeOf(reader, registry, 'read')).deserialize(written);
}

test("writes Confluent's wire format: zero, the id big-endian, Avro", async () => {
  const registry = { ...memoryRegistry(), register: async () => 0x01020304 };
  const serde = await serdeOf(Count, registry);
  expect(hex(serde.serialize({ n: 64 }))).toBe('00010203048001');
  expect(serde.deserialize(Buffer.from('00010203048001', 'hex'))).toEqual({ n: 64 });
});

test('registers a value under <topic>-value and a key under <topic>-key', async () => {
  const subjects: string[] = [];
  const registry = { ...memoryRegistry(), register: async (s: string) => subjects.push(s) };
  await Count.forTopic?.({ topic: 'counts', part: 'value', registry });
  await Count.forTopic?.({ topic: 'counts', part: 'key', registry });
  expect(subjects).toEqual(['counts-value', 'counts-key']);
});

test('writes a string key as plain UTF-8 and does not register it', async () => {
  const register = () => Promise.reject(new Error('must not be called'));
  const registry = { ...memoryRegistry(), register };
  for (const schema of [string, id('Sku')]) {
    const serde = await schema.forTopic?.({ topic: 't', part: 'key', registry });
    expect(hex(serde?.serialize('té' as never) ?? Buffer.of())).toBe('74c3a9');
    expect(serde?.deserialize(Buffer.from('74c3a9', 'hex'))).toBe('té');
  }
});

test('frames a string that is a value', async () => {
  expect(hex((await serdeOf(string)).serialize('a'))).toBe('00000000010261');
});

test('reads bytes that are no Buffer', async () => {
  const serde = await serdeOf(Count);
  expect(serde.deserialize(new Uint8Array(serde.serialize({ n: 5 })))).toEqual({ n: 5 });
});

test.each<[string, string, string]>([
  ['no bytes', '', 'a record of 0 bytes is truncated'],
  ['less than a frame', '00000000', 'a record of 4 bytes is truncated'],
  ['another first byte', '7b22610000', 'begins with byte 123'],
  ['a frame alone', '0000000001', "cannot decode 'Count': its 0 bytes are truncated"],
  ['a varint cut short', '000000000180', 'truncated'],
  ['bytes after the value', '00000000010200', '1 bytes follow the value'],
  ['an int beyond 32 bits', '0000000001feffffff7f', 'more than 32 bits'],
])('refuses %s and says what is wrong', async (_, bytes, message) => {
  const serde = await serdeOf(Count);
  const error = failure(() => serde.deserialize(Buffer.from(bytes, 'hex')));
  expect(error.code).toBe('STREAMS_RECORD_UNDECODABLE');
  expect(error.message).toContain(message);
});

// Each claims far more than it holds, or steps back: without bounds avsc reads on for hours.
test.each<[string, Schema<never>, string]>([
  ['an array', array(int) as never, 'feffffffffffff1f'],
  ['an array of strings', array(string) as never, 'feffffffffffff1f'],
  ['an array in a block with a size', array(int) as never, 'fdffffffffffff1f01'],
  ['an array of empty records', array(record('Empty', {})) as never, 'feffffffffffff1f'],
  ['a map', map(int) as never, 'feffffffffffff1f'],
  ['a string', string as never, 'feffffffffffff1f'],
  ['a string of a negative length', array(string) as never, '0205020502050205'],
  ['bytes of a negative length', bytes as never, '0505'],
  ['an endless varint', long as never, 'ffffffffffffffffffffffffffff'],
  ['a branch that is not there', nullable(int) as never, '0402'],
  ['a symbol that is not there', enumeration('E', ['A']) as never, '04'],
])('refuses %s in corrupted bytes at once', (_, schema, bytes) => {
  const error = failure(() => schema.deserialize(Buffer.from(bytes, 'hex')));
  expect(error.code).toBe('STREAMS_RECORD_UNDECODABLE');
});

test('says which schema to load for an id not known here, and reads once it is', async () => {
  const known = new Map<number, string>();
  const registry = {
    register: async () => 1,
    schema: (schemaId: number) => known.get(schemaId),
    load: async () => 'int',
  };
  const serde = await serdeOf(long, registry);
  const record = Buffer.from('000000002a06', 'hex');

  const error = failure(() => serde.deserialize(record));
  expect(error).toMatchObject({ code: 'STREAMS_SCHEMA_UNKNOWN', retryable: true, schemaId: 42 });
  expect(error.message).toContain('42');
  expect(isUnknownSchema(error) && error.schemaId).toBe(42);
  expect(isUnknownSchema(new StreamsError('STREAMS_SCHEMA_UNKNOWN', 'no such id'))).toBe(false);

  known.set(42, 'int');
  expect(serde.deserialize(record)).toBe(3);
});

test('reads what an older schema wrote: defaults for new fields, old ones left out', async () => {
  const older = record('Item', { gone: map(array(string)), n: int });
  const newer = record('Item', { n: long, note: nullable(string), size: withDefault(int, 7) });
  const read = await readAs(older, { gone: { a: ['x'] }, n: 3 }, newer);
  expect(read).toStrictEqual({ n: 3, note: null, size: 7 });
});

const Added = record('Added', { type: literal('Added'), n: int });
const Removed = record('Removed', { type: literal('Removed'), n: int });

test('reads a record of a union whose branches have moved', async () => {
  const value = { type: 'Removed', n: 3 } as const;
  expect(await readAs(union(Added, Removed), value, union(Removed, Added))).toStrictEqual(value);
});

test('reads a single record as a union that has grown around it', async () => {
  const value = { type: 'Added', n: 3 } as const;
  expect(await readAs(Added, value, union(Removed, Added))).toStrictEqual(value);
  expect(await readAs(Added, value, nullable(union(Removed, Added)))).toStrictEqual(value);
});

test('an older reader fails only for the records whose branch it does not know', async () => {
  const newer = union(Added, Removed);
  expect(await readAs(newer, { type: 'Added', n: 3 }, union(Added))).toEqual({
    type: 'Added',
    n: 3,
  });
  await expect(readAs(newer, { type: 'Removed', n: 3 }, union(Added))).rejects.toMatchObject({
    code: 'STREAMS_RECORD_UNDECODABLE',
    message: expect.stringContaining("'Removed' of the writer's union: it is no branch"),
  });
});

test('a branch that cannot be read fails only its own records, wherever it is used', async () => {
  const Grown = record('Added', { type: literal('Added'), n: int, size: int });
  const older = record('R', { of: union(Added, Removed), again: nullable(union(Added, Removed)) });
  const newer = record('R', { of: union(Grown, Removed), again: nullable(union(Grown, Removed)) });
  const removed = { type: 'Removed', n: 3 } as const;
  const added = { type: 'Added', n: 3 } as const;

  const value = { of: removed, again: removed };
  expect(await readAs(older, value, newer)).toEqual(value);
  for (const unreadable of [
    { ...value, of: added },
    { ...value, again: added },
  ]) {
    await expect(readAs(older, unreadable, newer)).rejects.toMatchObject({
      code: 'STREAMS_RECORD_UNDECODABLE',
      message: expect.stringContaining('no matching field for default-less Added.size'),
    });
  }
});

test('an older reader fails only for the records whose symbol it does not know', async () => {
  const newer = record('R', { of: enumeration('E', ['A', 'B']) });
  const older = record('R', { of: enumeration('E', ['A']) });
  expect(await readAs(newer, { of: 'A' }, older)).toEqual({ of: 'A' });
  await expect(readAs(newer, { of: 'B' }, older)).rejects.toMatchObject({
    code: 'STREAMS_RECORD_UNDECODABLE',
    message: expect.stringContaining("E has no symbol 'B' here"),
  });
});

test('refuses each record of a schema that cannot be read, with the reason', async () => {
  const registry = memoryRegistry();
  const written = (await serdeOf(Count, registry, 'other')).serialize({ n: 1 });
  const serde = await serdeOf(record('Sum', { n: int }), registry);
  for (const _ of [1, 2]) {
    const error = failure(() => serde.deserialize(written));
    expect(error.code).toBe('STREAMS_RECORD_UNDECODABLE');
    expect(error.message).toContain("record 'Count' was renamed to 'Sum'");
  }
});

test('does not read seconds as milliseconds', async () => {
  const at = record('At', { at: timestampMillis });
  const plain = record('At', { at: long });
  await expect(readAs(plain, { at: 1 }, at)).rejects.toMatchObject({
    code: 'STREAMS_RECORD_UNDECODABLE',
    message: expect.stringContaining('at: changed its meaning'),
  });
});
