import { memoryRegistry } from './memory-registry.ts';
import { RegisteredSubjects } from './registered-subjects.ts';
import { registryContract } from './registry-contract.ts';
import { int, nullable, record, string } from './schema.ts';

registryContract('the registry in memory', () => ({ registry: memoryRegistry(), close: () => {} }));

const first = record('Item', { n: int }).avro;
const second = record('Item', { n: int, note: nullable(string) }).avro;
const broken = record('Item', { n: string, size: int }).avro;

test('counts ids from 1, those of refused schemas left out', async () => {
  const registry = memoryRegistry();
  expect(await registry.register('a-value', first)).toBe(1);
  await expect(registry.register('a-value', broken)).rejects.toThrow();
  expect(registry.schema(2)).toBeUndefined();
  expect(await registry.register('a-value', second)).toBe(2);
  expect(await registry.register('b-value', first)).toBe(1);
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
