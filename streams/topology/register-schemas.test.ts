import { memoryRegistry } from '../avro/memory-registry.ts';
import type { SchemaRegistry } from '../avro/registry.ts';
import { int, nullable, record, string } from '../avro/schema.ts';
import { StreamsError } from '../errors.ts';
import { stringSerde } from '../serdes.ts';
import { registerSchemas } from './register-schemas.ts';
import { topic } from './topic.ts';

const Line = record('Line', { n: int });
const Grown = record('Line', { n: int, note: nullable(string) });
const Broken = record('Line', { n: int, size: int });

const orders = topic('orders', { key: Line, value: Line });
const carts = topic('carts', { key: string, value: Line });

function noting(registry: SchemaRegistry): { registry: SchemaRegistry; subjects: string[] } {
  const subjects: string[] = [];
  const register: SchemaRegistry['register'] = (subject, schema) => {
    subjects.push(subject);
    return registry.register(subject, schema);
  };
  return { registry: { ...registry, register }, subjects };
}

test('registers keys and values under the names of their topics, and nothing without a schema', async () => {
  const { registry, subjects } = noting(memoryRegistry());
  const plain = topic('plain', { key: stringSerde, value: stringSerde });
  await registerSchemas([orders, carts, plain], registry);
  expect(subjects.sort()).toEqual(['carts-value', 'orders-key', 'orders-value']);
});

test('takes a schema that reads what is registered', async () => {
  const registry = memoryRegistry();
  await registerSchemas([carts], registry);
  await registerSchemas([topic('carts', { key: string, value: Grown })], registry);
  expect(registry.schema(2)).toEqual(Grown.avro);
});

test('refuses every schema that does not, in one error that names them all', async () => {
  const registry = memoryRegistry();
  await registerSchemas([orders, carts], registry);
  const broken = ['orders', 'carts'].map((name) => topic(name, { key: string, value: Broken }));
  await expect(registerSchemas(broken, registry)).rejects.toMatchObject({
    code: 'STREAMS_SCHEMA_INCOMPATIBLE',
    message: ['orders', 'carts']
      .map(
        (name) =>
          `the new schema of subject '${name}-value' cannot read its version 1:\n` +
          "  - size: new in record 'Line' and without a default for older records",
      )
      .join('\n'),
  });
});

test('a registry that is away is told of before what it refuses: the whole answer is not known', async () => {
  const memory = memoryRegistry();
  await registerSchemas([orders, carts], memory);
  const away = new StreamsError('STREAMS_REGISTRY_UNAVAILABLE', 'away', { retryable: true });
  const registry: SchemaRegistry = {
    ...memory,
    register: (subject, schema) =>
      subject === 'carts-value' ? Promise.reject(away) : memory.register(subject, schema),
  };
  const broken = topic('orders', { key: string, value: Broken });
  await expect(registerSchemas([broken, carts], registry)).rejects.toBe(away);
});
