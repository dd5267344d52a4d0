/**
 * A schema registry that remembers which ids lead nowhere. A record may carry any four bytes as the
 * id of its schema; once the registry has said that there is none, or none in Avro, the record is
 * undecodable and goes to the dead letters, where it would otherwise be tried for ever.
 */
import type { SchemaRegistry } from '../avro/registry.ts';
import { StreamsError } from '../errors.ts';

export function rememberingMissing(registry: SchemaRegistry): SchemaRegistry {
  const missing = new Map<number, StreamsError>();
  return {
    register: (subject, schema) => registry.register(subject, schema),

    schema(id) {
      const schema = registry.schema(id);
      const cause = missing.get(id);
      if (schema !== undefined || cause === undefined) return schema;
      throw new StreamsError('STREAMS_RECORD_UNDECODABLE', cause.message, { cause });
    },

    async load(id) {
      try {
        return await registry.load(id);
      } catch (error) {
        const isMissing = error instanceof StreamsError && error.code === 'STREAMS_SCHEMA_UNKNOWN';
        if (isMissing && !error.retryable) missing.set(id, error);
        throw error;
      }
    },
  };
}

/** An id that the registry does not know is remembered by it, and the record becomes a dead letter. */
export async function loadSchema(registry: SchemaRegistry, id: number): Promise<void> {
  try {
    await registry.load(id);
  } catch (error) {
    const isMissing = error instanceof StreamsError && error.code === 'STREAMS_SCHEMA_UNKNOWN';
    if (!isMissing || error.retryable) throw error;
  }
}
