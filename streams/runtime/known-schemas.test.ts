import { memoryRegistry } from '../avro/memory-registry.ts';
import type { SchemaRegistry } from '../avro/registry.ts';
import { StreamsError } from '../errors.ts';
import { rememberingMissing } from './known-schemas.ts';

const failing = (error: StreamsError): SchemaRegistry => ({
  ...memoryRegistry(),
  load: () => Promise.reject(error),
});

test('once an id is known to lead nowhere, its records are undecodable for the same reason', async () => {
  const reason = 'the schema with id 7 is not readable as Avro: it is of type PROTOBUF';
  const registry = rememberingMissing(failing(new StreamsError('STREAMS_SCHEMA_UNKNOWN', reason)));
  expect(registry.schema(7)).toBeUndefined();
  await expect(registry.load(7)).rejects.toThrow(reason);
  expect(() => registry.schema(7)).toThrow(
    expect.objectContaining({ code: 'STREAMS_RECORD_UNDECODABLE', message: reason }),
  );
});

test('a registry that is away says nothing about an id', async () => {
  const away = new StreamsError('STREAMS_REGISTRY_UNAVAILABLE', 'away', { retryable: true });
  const registry = rememberingMissing(failing(away));
  await expect(registry.load(7)).rejects.toBe(away);
  expect(registry.schema(7)).toBeUndefined();
});
