/** What every schema registry does. Called by each of them with what opens it. */
import { randomUUID } from 'node:crypto';
import type { AvroJson, SchemaRegistry } from './registry.ts';
import {
  int,
  literal,
  long,
  nullable,
  record,
  string,
  timestampMillis,
  union,
  withDefault,
} from './schema.ts';

export interface RegistryUnderTest {
  readonly registry: SchemaRegistry;
  close(): Promise<void> | void;
}

const first = record('Item', { n: int }).avro;
const second = record('Item', { n: int, note: nullable(string) }).avro;
const broken = record('Item', { n: string, size: int }).avro;
const readsOnlyTheFirst = record('Item', { n: int, note: withDefault(int, 0) }).avro;

/** Far behind the ids of a registry that others use as well. */
const nobodysId = 2 ** 31 - 1;

export function registryContract(
  name: string,
  open: () => Promise<RegistryUnderTest> | RegistryUnderTest,
): void {
  describe(`${name} as a schema registry`, () => {
    let registry: SchemaRegistry;
    let opened: RegistryUnderTest;
    let subject: string;
    beforeEach(async () => {
      opened = await open();
      registry = opened.registry;
      subject = `items-${randomUUID()}-value`;
    });
    afterEach(() => opened.close());

    idsContract(() => ({ registry, subject }));
    compatibilityContract(() => ({ registry, subject }));
  });
}

type Now = () => { readonly registry: SchemaRegistry; readonly subject: string };

function idsContract(now: Now): void {
  test.each<[string, AvroJson]>([
    ['a record', first],
    [
      'a union',
      union(record('A', { type: literal('A') }), record('B', { type: literal('B') })).avro,
    ],
    ['a string', 'string'],
  ])('gives %s an id, the same each time, and answers it by the id', async (_, schema) => {
    const { registry, subject } = now();
    const id = await registry.register(subject, schema);
    expect(await registry.register(subject, schema)).toBe(id);
    expect(registry.schema(id)).toEqual(schema);
    expect(await registry.load(id)).toEqual(schema);
  });

  test('gives a schema one id over all subjects', async () => {
    const { registry, subject } = now();
    const id = await registry.register(subject, first);
    expect(await registry.register(`other-${subject}`, first)).toBe(id);
  });

  test('takes a schema whose attributes have another order for the same', async () => {
    const { registry, subject } = now();
    const suit: AvroJson = { type: 'enum', name: 'Suit', symbols: ['A', 'B'] };
    const turned: AvroJson = { symbols: ['A', 'B'], name: 'Suit', type: 'enum' };
    const id = await registry.register(subject, suit);
    expect(await registry.register(subject, turned)).toBe(id);
  });

  test.each<[string, AvroJson]>([
    ['another default', record('Item', { n: withDefault(int, 2) }).avro],
    ['no default', first],
    ['a time for a number', record('Item', { n: timestampMillis }).avro],
  ])('takes a schema with %s for another schema', async (_, other) => {
    const { registry, subject } = now();
    const id = await registry.register(subject, record('Item', { n: withDefault(int, 1) }).avro);
    expect(await registry.register(`other-${subject}`, other)).not.toBe(id);
  });

  test('gives whoever registers the same schema at once the same id', async () => {
    const { registry, subject } = now();
    const ids = await Promise.all([1, 2, 3].map(() => registry.register(subject, second)));
    expect(new Set(ids).size).toBe(1);
  });

  test('fails for good for an id that nobody registered', async () => {
    const { registry } = now();
    expect(registry.schema(nobodysId)).toBeUndefined();
    await expect(registry.load(nobodysId)).rejects.toMatchObject({
      code: 'STREAMS_SCHEMA_UNKNOWN',
      retryable: false,
      message: expect.stringContaining(String(nobodysId)),
    });
  });
}

function compatibilityContract(now: Now): void {
  test('takes a schema that reads the latest version', async () => {
    const { registry, subject } = now();
    const id = await registry.register(subject, first);
    expect(await registry.register(subject, second)).not.toBe(id);
    expect(await registry.register(subject, first)).toBe(id);
  });

  test('refuses a schema that cannot read the latest version, and says why', async () => {
    const { registry, subject } = now();
    await registry.register(subject, first);
    await registry.register(subject, second);
    await expect(registry.register(subject, broken)).rejects.toMatchObject({
      code: 'STREAMS_SCHEMA_INCOMPATIBLE',
      message:
        `the new schema of subject '${subject}' cannot read its version 2:\n` +
        '  - n: int cannot be read as string\n' +
        "  - size: new in record 'Item' and without a default for older records",
    });
    await expect(registry.register(subject, readsOnlyTheFirst)).rejects.toMatchObject({
      code: 'STREAMS_SCHEMA_INCOMPATIBLE',
    });
    expect(await registry.register(`other-${subject}`, broken)).toBeGreaterThan(0);
  });

  test('refuses a number that means something else now', async () => {
    const { registry, subject } = now();
    await registry.register(subject, record('At', { at: long }).avro);
    await expect(
      registry.register(subject, record('At', { at: timestampMillis }).avro),
    ).rejects.toMatchObject({
      code: 'STREAMS_SCHEMA_INCOMPATIBLE',
      message: expect.stringContaining('at: changed its meaning'),
    });
  });

  test('a refused schema leaves nothing behind', async () => {
    const { registry, subject } = now();
    const id = await registry.register(subject, first);
    await expect(registry.register(subject, broken)).rejects.toThrow();
    expect(await registry.register(subject, first)).toBe(id);
    expect(await registry.register(subject, second)).not.toBe(id);
  });
}
