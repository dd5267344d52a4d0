import type { StreamsError } from '../../errors.ts';
import type { AvroJson } from '../registry.ts';
import { registryContract } from '../registry-contract.ts';
import { int, nullable, record, string } from '../schema.ts';
import { type ConfluentRegistryOptions, confluentRegistry } from './confluent-registry.ts';
import { RegistryFixture } from './registry-fixture.ts';

const first = record('Item', { n: int }).avro;
const second = record('Item', { n: int, note: nullable(string) }).avro;
const broken = record('Item', { n: string, size: int }).avro;

registryContract('a registry over HTTP that takes anything', async () => {
  const opened = await RegistryFixture.open();
  return { registry: confluentRegistry({ url: opened.url }), close: () => opened.close() };
});

let server: RegistryFixture;
beforeEach(async () => {
  server = await RegistryFixture.open();
});
afterEach(() => server.close());

const open = (options: Partial<ConfluentRegistryOptions> = {}) =>
  confluentRegistry({ url: server.url, retryForMs: 0, ...options });

async function failure(promise: Promise<unknown>): Promise<StreamsError> {
  return promise.then(
    () => {
      throw new Error('expected an error');
    },
    (error: StreamsError) => error,
  );
}

test('registers a schema, and knows it from then on without a question', async () => {
  const registry = open();
  const id = await registry.register('items-value', first);
  expect(server.versions('items-value')).toEqual([id]);
  expect(registry.schema(id)).toEqual(first);
  const asked = server.asked.length;
  expect(await registry.register('items-value', first)).toBe(id);
  expect(await registry.load(id)).toEqual(first);
  expect(server.asked).toHaveLength(asked);
});

test('asks once for a schema that is there, and registers nothing', async () => {
  const id = server.put('items-value', first);
  expect(await open().register('items-value', first)).toBe(id);
  expect(server.lines).toEqual(['POST /subjects/items-value']);
});

test('takes a schema whose attributes have another order for the same', async () => {
  const registry = open();
  const suit: AvroJson = { type: 'enum', name: 'Suit', symbols: ['A', 'B'] };
  const again: AvroJson = { symbols: ['A', 'B'], name: 'Suit', type: 'enum' };
  const id = await registry.register('suits-value', suit);
  const asked = server.asked.length;
  expect(await registry.register('suits-value', again)).toBe(id);
  expect(server.asked).toHaveLength(asked);
});

test('gives a name its place in the address, whatever is in it', async () => {
  await open().register('a/b?c#d-value', first);
  expect(server.versions('a/b?c#d-value')).toHaveLength(1);
});

test('one start asks once for the same schema, however many ask for it', async () => {
  const registry = open();
  const ids = await Promise.all([1, 2, 3].map(() => registry.register('items-value', first)));
  expect(new Set(ids).size).toBe(1);
  expect(server.lines.filter((line) => line.endsWith('/versions'))).toHaveLength(1);
});

test('two producers that register the same schema at once get the same id', async () => {
  const ids = await Promise.all([open(), open()].map((it) => it.register('items-value', first)));
  expect(ids[0]).toBe(ids[1]);
  expect(server.versions('items-value')).toHaveLength(1);
});

test('refuses what cannot read the latest version, though the registry would take it', async () => {
  server.put('items-value', first);
  server.put('items-value', second);
  const error = await failure(open().register('items-value', broken));
  expect(error).toMatchObject({
    code: 'STREAMS_SCHEMA_INCOMPATIBLE',
    retryable: false,
    message:
      "the new schema of subject 'items-value' cannot read its version 2:\n" +
      '  - n: int cannot be read as string\n' +
      "  - size: new in record 'Item' and without a default for older records",
  });
  expect(server.versions('items-value')).toHaveLength(2);
});

test('leaves the check to the registry when told to', async () => {
  server.put('items-value', first);
  await open({ compatibility: 'registry' }).register('items-value', broken);
  expect(server.versions('items-value')).toHaveLength(2);
});

test('tells every reason of a registry that refuses, where it lists them', async () => {
  server.instead = ({ path }) => {
    if (path.startsWith('/compatibility')) {
      return { status: 200, body: { is_compatible: false, messages: ['a is gone', 'b is new'] } };
    }
    return path.endsWith('/versions')
      ? { status: 409, body: { error_code: 409, message: 'no' } }
      : undefined;
  };
  expect(await failure(open().register('items-value', first))).toMatchObject({
    code: 'STREAMS_SCHEMA_INCOMPATIBLE',
    message:
      "the registry refuses the new schema of subject 'items-value':\n  - a is gone\n  - b is new",
  });
  expect(server.lines.at(-1)).toBe(
    'POST /compatibility/subjects/items-value/versions?verbose=true',
  );
});

test('tells what a registry that lists no reasons said when it refused', async () => {
  server.instead = ({ path }) =>
    path.endsWith('/versions')
      ? { status: 409, body: { error_code: 409, message: 'incompatible: {2} differences' } }
      : undefined;
  const error = await failure(open().register('items-value', first));
  expect(error.message).toBe(
    "the registry refuses the new schema of subject 'items-value':\n" +
      '  - incompatible: {2} differences',
  );
});

test('a refused schema may be mended: nothing of the refusal is kept', async () => {
  server.put('items-value', first);
  const registry = open();
  await expect(registry.register('items-value', broken)).rejects.toThrow();
  const id = await registry.register('items-value', second);
  expect(server.versions('items-value')).toContain(id);
});

test('loads a schema by its id once, also when many records wait for it', async () => {
  const id = server.put('items-value', first);
  const registry = open();
  expect(registry.schema(id)).toBeUndefined();
  const loaded = await Promise.all([1, 2, 3].map(() => registry.load(id)));
  expect(loaded).toEqual([first, first, first]);
  expect(registry.schema(id)).toEqual(first);
  expect(server.lines).toEqual([`GET /schemas/ids/${id}`]);
});

test.each([9, -5])('fails for good for the id %d, which nobody registered', async (id) => {
  expect(await failure(open().load(id))).toMatchObject({
    code: 'STREAMS_SCHEMA_UNKNOWN',
    retryable: false,
    message: `no schema is registered with id ${id}`,
  });
});

test('asks again for an id that was not there: it may have been registered since', async () => {
  const registry = open();
  const id = server.put('other-value', first) + 7;
  await expect(registry.load(id)).rejects.toThrow();
  expect(server.put('items-value', second)).toBe(id);
  expect(await registry.load(id)).toEqual(second);
});

test.each<[string, object, string]>([
  ['of another kind', { schema: 'message M {}', schemaType: 'PROTOBUF' }, 'it is of type PROTOBUF'],
  ['that is no JSON', { schema: '{' }, 'its text is not JSON'],
  [
    'that names what is not defined',
    { schema: '"Unknown"' },
    'not an Avro schema: undefined type name: Unknown',
  ],
])('a schema %s will never be readable, and says why', async (_, body, reason) => {
  server.instead = () => ({ status: 200, body });
  const error = await failure(open().load(7));
  expect(error).toMatchObject({ code: 'STREAMS_SCHEMA_UNKNOWN', retryable: false });
  expect(error.message).toContain(`the schema with id 7 is not readable as Avro: ${reason}`);
});
