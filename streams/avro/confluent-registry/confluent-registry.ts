/**
 * A schema registry that speaks Confluent's REST API: Confluent's own, Apicurio, Karapace, Redpanda.
 *
 *   register ─▶ is it there? ─▶ its id
 *                   │ no
 *                   ▼
 *               does it read the latest version? ─▶ no: STREAMS_SCHEMA_INCOMPATIBLE
 *                   │ yes
 *                   ▼
 *               register it; the registry checks by its own level ─▶ 409: the same
 *
 * An id never changes its schema, so what was learnt is kept for the life of the process.
 */
import { StreamsError } from '../../errors.ts';
import { canonicalText } from '../definition.ts';
import { schemaNotRegistered } from '../registered-subjects.ts';
import type { AvroJson, SchemaRegistry } from '../registry.ts';
import { avroSchemaIn } from './avro-schema.ts';
import { checkMilliseconds, type RegistryConnection } from './connection.ts';
import { register } from './registration.ts';
import { type Ask, restApi } from './rest-api.ts';
import { retrying } from './retrying.ts';

export interface ConfluentRegistryOptions extends RegistryConnection {
  /**
   * How long `register` tries again while the registry is away, in milliseconds; 0 asks once. `load`
   * asks once: who reads records has a way to wait of its own.
   *
   * @defaultValue 30_000
   */
  readonly retryForMs?: number | undefined;
  /**
   * `backward`: a schema must read the subject's latest version, even where the registry is set to
   * take anything; then the registry checks by the level that it is set to. `registry`: only the
   * registry checks.
   *
   * @defaultValue 'backward'
   */
  readonly compatibility?: 'backward' | 'registry' | undefined;
  /** Spreads the tries; a number in [0, 1). @defaultValue Math.random */
  readonly random?: (() => number) | undefined;
}

/**
 * Connects when it is first asked. Its methods throw, beside what `SchemaRegistry` says, StreamsError
 * `STREAMS_REGISTRY_UNAVAILABLE` (retryable) and `STREAMS_REGISTRY_REFUSED`.
 *
 * @throws StreamsError `STREAMS_CONFIG_INVALID`
 */
export function confluentRegistry(options: ConfluentRegistryOptions): SchemaRegistry {
  const { retryForMs = 30_000, compatibility = 'backward', random = Math.random, signal } = options;
  checkMilliseconds('retryForMs', retryForMs, 0);
  const ask = restApi(options);
  const patience = { forMs: retryForMs, random, signal };
  const checksFirst = compatibility === 'backward';
  const schemas = new Map<number, AvroJson>();
  const ids = new Map<string, Promise<number>>();
  const loads = new Map<number, Promise<AvroJson>>();

  const registered = async (subject: string, schema: AvroJson): Promise<number> => {
    const id = await retrying(() => register(ask, { subject, schema, checksFirst }), patience);
    schemas.set(id, schema);
    return id;
  };

  const loaded = async (id: number): Promise<AvroJson> => {
    const schema = await schemaWithId(ask, id);
    schemas.set(id, schema);
    return schema;
  };

  return {
    register: (subject, schema) =>
      once(ids, `${subject} ${canonicalText(schema)}`, () => registered(subject, schema)),

    schema: (id) => schemas.get(id),

    load: async (id) => schemas.get(id) ?? once(loads, id, () => loaded(id)),
  };
}

/** Whoever asks for the same shares one answer; a failure is forgotten, so that the next asks again. */
function once<K, T>(answers: Map<K, Promise<T>>, key: K, ask: () => Promise<T>): Promise<T> {
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = ask();
  answers.set(key, answer);
  answer.catch(() => answers.delete(key));
  return answer;
}

/** What is no Avro, or refers to what is gone, will never be readable: as if it were not there. */
async function schemaWithId(ask: Ask, id: number): Promise<AvroJson> {
  if (id < 0) throw schemaNotRegistered(id); // Four bytes of a record can say anything.
  const answer = await ask('GET', `/schemas/ids/${id}`);
  if (answer.kind !== 'found') throw schemaNotRegistered(id);
  try {
    return await avroSchemaIn(answer.body, `the schema with id ${id}`, ask);
  } catch (cause) {
    if (!(cause instanceof StreamsError) || cause.code !== 'STREAMS_SCHEMA_INVALID') throw cause;
    throw new StreamsError('STREAMS_SCHEMA_UNKNOWN', cause.message, { cause });
  }
}
