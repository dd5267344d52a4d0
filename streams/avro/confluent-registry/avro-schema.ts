/** The Avro schema in a registry's answer, whole: with what it refers to written into it. */
import { StreamsError } from '../../errors.ts';
import { codecFor } from '../codec.ts';
import type { AvroJson } from '../registry.ts';
import type { Body } from './answer.ts';
import { type Referenced, withReferences } from './references.ts';
import type { Ask } from './rest-api.ts';

interface Reference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/**
 * @param what names the schema in messages
 * @throws StreamsError `STREAMS_SCHEMA_INVALID` when it is of another kind than Avro, or cannot be
 *   read as Avro: it never will be.
 */
export async function avroSchemaIn(body: Body, what: string, ask: Ask): Promise<AvroJson> {
  const referenced: Referenced = new Map();
  const schema = await own(body, what, ask, referenced);
  const whole = referenced.size === 0 ? schema : withReferences(schema, referenced);
  try {
    codecFor(whole);
  } catch (cause) {
    throw unreadable(what, cause instanceof Error ? cause.message : String(cause), cause);
  }
  return whole;
}

/** The schema as it was registered; what it refers to is added to `referenced`. */
async function own(body: Body, what: string, ask: Ask, referenced: Referenced): Promise<AvroJson> {
  const { schema: text, schemaType = 'AVRO', references } = body;
  if (schemaType !== 'AVRO') throw unreadable(what, `it is of type ${String(schemaType)}`);
  for (const reference of (references ?? []) as readonly Reference[]) {
    if (referenced.has(reference.name)) continue;
    const found = await referredTo(reference, what, ask);
    referenced.set(reference.name, await own(found, what, ask, referenced));
  }
  try {
    return JSON.parse(String(text)) as AvroJson;
  } catch (cause) {
    throw unreadable(what, 'its text is not JSON', cause);
  }
}

async function referredTo({ subject, version }: Reference, what: string, ask: Ask): Promise<Body> {
  // A version that was deleted since is still what the schema was registered with.
  const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`;
  const answer = await ask('GET', path);
  if (answer.kind === 'found') return answer.body;
  throw unreadable(what, `it refers to version ${version} of '${subject}': ${answer.message}`);
}

function unreadable(what: string, reason: string, cause?: unknown): StreamsError {
  const message = `${what} is not readable as Avro: ${reason}`;
  return new StreamsError('STREAMS_SCHEMA_INVALID', message, { cause });
}
