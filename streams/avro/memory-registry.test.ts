import { memoryRegistry } from './memory-registry.ts';
import { RegisteredSubjects } from './registered-subjects.ts';
import { int, nullable, record, string } from './schema.ts';

const first = record('Item', { n: int }).avro;
const second = record('Item', { n: int, note: nullable(string) }).avro;
const broken = record('Item', { n: string, size: int }).avro;

test('counts ids from 1 and gives a schema one id over all subjects', async () => {
  const registry = memoryRegistry();
  expect(await registry.register('a-value', first)).toBe(1);
  expect(await registry.register('a-value', second)).toBe(2);
  expect(await registry.register('b-value', first)).toBe(1);
  expect(await registry.register('a-value', first)).toBe(1);
});

test('takes a schema whose attributes have another order for the same', async () => {
  const registry = memoryRegistry();
  await registry.register('a-value', { type: 'enum', name: 'E', symbols: ['A', 'B'] });
  expect(await registry.register('a-value', { symbols: ['A', 'B'], name: 'E', type: 'enum' })).toBe(
    1,
  );
  expect(await registry.register('c-value', { type: 'enum', name: 'E', symbols: ['B', 'A'] })).toBe(
    2,
  );
});

test('takes a schema with another default for another schema', async () => {
  const registry = memoryRegistry();
  const defaulting = (value: number) => ({
    type: 'record',
    name: 'R',
    fields: [{ name: 'n', type: 'int', default: value }],
  });
  expect(await registry.register('a-value', defaulting(1))).toBe(1);
  expect(await registry.register('a-value', defaulting(2))).toBe(2);
});

test('answers a schema by its id', async () => {
  const registry = memoryRegistry();
  const schemaId = await registry.register('a-value', first);
  expect(registry.schema(schemaId)).toEqual(first);
  expect(await registry.load(schemaId)).toEqual(first);
});

test('fails for good for an id that nobody registered', async () => {
  const registry = memoryRegistry();
  expect(registry.schema(9)).toBeUndefined();
  await expect(registry.load(9)).rejects.toMatchObject({
    code: 'STREAMS_SCHEMA_UNKNOWN',
    retryable: false,
    message: expect.stringContaining('9'),
  });
});

test('refuses a schema that cannot read the latest version, and says why', async () => {
  const registry = memoryRegistry();
  await registry.register('items-value', first);
  await registry.register('items-value', second);
  await expect(registry.register('items-value', broken)).rejects.toMatchObject({
    code: 'STREAMS_SCHEMA_INCOMPATIBLE',
    message:
      "the new schema of subject 'items-value' cannot read its version 2:\n" +
      '  - n: int cannot be read as string\n' +
      "  - size: new in record 'Item' and without a default for older records",
  });
  expect(await registry.register('others-value', broken)).toBe(3);
});

test('a refused schema leaves nothing behind', async () => {
  const registry = memoryRegistry();
  await registry.register('a-value', first);
  await expect(registry.register('a-value', broken)).rejects.toThrow();
  expect(registry.schema(2)).toBeUndefined();
  expect(await registry.register('a-value', second)).toBe(2);
});

test('goes on where a kept registry ended', () => {
  const kept = [
    { subject: 'a-value', id: 1, schema: first },
    { subject: 'a-value', id: 2, schema: second },
    { subject: 'b-value', id: 1, schema: first },
  ];
  const registered = new RegisteredSubjects(kept);
  expect(registered.subjects()).toEqual(['a-value', 'b-value']);
  expect(registered.versions('a-value')).toEqual([1, 2]);
  expect(registered.versions('unknown')).toEqual([]);
  expect(registered.propose('b-value', first)).toEqual({ id: 1, isNew: false });
  expect(registered.propose('b-value', second)).toEqual({ id: 2, isNew: true });
  expect(registered.propose('c-value', broken)).toEqual({ id: 3, isNew: true });
});
