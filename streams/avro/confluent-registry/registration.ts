/** Registers a schema under a subject, unless it is there or readers would be lost. */
import { StreamsError } from '../../errors.ts';
import { checkCanRead, incompatible } from '../registered-subjects.ts';
import type { AvroJson } from '../registry.ts';
import type { Answer } from './answer.ts';
import { avroSchemaIn } from './avro-schema.ts';
import type { Ask } from './rest-api.ts';

export interface Registration {
  readonly subject: string;
  readonly schema: AvroJson;
  readonly checksFirst: boolean;
}

/** The id of the schema. @throws StreamsError `STREAMS_SCHEMA_INCOMPATIBLE` with every reason. */
export async function register(ask: Ask, registration: Registration): Promise<number> {
  const { subject, schema, checksFirst } = registration;
  const path = `/subjects/${encodeURIComponent(subject)}`;
  const body = { schema: JSON.stringify(schema) };

  const known = await ask('POST', path, body);
  if (known.kind === 'found') return idIn(known, subject);

  if (checksFirst) await checkLatest(ask, path, registration);
  const made = await ask('POST', `${path}/versions`, body);
  if (made.kind !== 'conflict') return idIn(made, subject);

  const reasons = await reasonsOf(ask, subject, body);
  throw incompatible(
    `the registry refuses the new schema of subject '${subject}'`,
    reasons.length > 0 ? reasons : [made.message],
  );
}

/** A registry may be set to take anything; what follows would then not be readable. */
async function checkLatest(ask: Ask, path: string, registration: Registration): Promise<void> {
  const { subject, schema } = registration;
  const latest = await ask('GET', `${path}/versions/latest`);
  if (latest.kind !== 'found') return;
  const { version } = latest.body;
  const written = await avroSchemaIn(latest.body, `version ${version} of '${subject}'`, ask);
  checkCanRead(subject, schema, written, Number(version));
}

/** One by one, where the registry tells them so; it has refused already, whatever it says here. */
async function reasonsOf(ask: Ask, subject: string, body: object): Promise<string[]> {
  const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions?verbose=true`;
  const answer = await ask('POST', path, body).catch((): Answer | undefined => undefined);
  if (answer?.kind !== 'found' || !Array.isArray(answer.body.messages)) return [];
  return answer.body.messages.map(String);
}

function idIn(answer: Answer, subject: string): number {
  const id = answer.kind === 'found' ? answer.body.id : answer.message;
  if (Number.isInteger(id)) return id as number;
  const message = `the registry gave no id for the schema of subject '${subject}': ${String(id)}`;
  throw new StreamsError('STREAMS_REGISTRY_REFUSED', message);
}
