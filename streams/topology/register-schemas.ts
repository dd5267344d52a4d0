/** Registers what topics hold, all at once and before the first record: the check of a start. */
import type { SchemaRegistry } from '../avro/registry.ts';
import { StreamsError } from '../errors.ts';
import { type Topic, topicSerdes } from './topic.ts';

// biome-ignore lint/suspicious/noExplicitAny: topics of every kind
type AnyTopic = Pick<Topic<any, any>, 'name' | 'key' | 'value'>;

/**
 * Registers the schemas of these topics under `<topic>-key` and `<topic>-value` and checks them
 * against what is registered there; what has no schema is left out. A registry that is used through
 * the same object afterwards is not asked again for a record.
 *
 * @throws StreamsError `STREAMS_SCHEMA_INCOMPATIBLE` with the reasons of every topic; what else
 *   `SchemaRegistry.register` throws.
 */
export async function registerSchemas(
  topics: readonly AnyTopic[],
  registry: SchemaRegistry,
): Promise<void> {
  const results = await Promise.allSettled(topics.map((topic) => topicSerdes(topic, registry)));
  const errors = results.flatMap((it) => (it.status === 'rejected' ? [it.reason as unknown] : []));
  const refusals = errors.filter(isIncompatible);
  // A registry that is away says the same of every topic: once is enough.
  if (refusals.length < errors.length) throw errors.find((error) => !isIncompatible(error));
  if (refusals.length > 0) {
    const message = refusals.map((refusal) => refusal.message).join('\n');
    throw new StreamsError('STREAMS_SCHEMA_INCOMPATIBLE', message, { cause: refusals[0] });
  }
}

function isIncompatible(error: unknown): error is StreamsError {
  return error instanceof StreamsError && error.code === 'STREAMS_SCHEMA_INCOMPATIBLE';
}
