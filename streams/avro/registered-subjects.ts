/**
 * The rules of a schema registry, without where it keeps them: subjects to versions to ids. Ids
 * count from 1; a schema has one id over all subjects; a version must read the one before it.
 */
import { StreamsError } from '../errors.ts';
import { incompatibilities } from './compatibility.ts';
import { canonicalText } from './definition.ts';
import type { AvroJson } from './registry.ts';

/** One version of one subject; those of a subject come in the order of their registration. */
export interface RegisteredSchema {
  readonly subject: string;
  readonly id: number;
  readonly schema: AvroJson;
}

export class RegisteredSubjects {
  readonly #byId = new Map<number, AvroJson>();
  readonly #idByText = new Map<string, number>();
  readonly #versions = new Map<string, number[]>();
  #lastId = 0;

  /** What was registered before, in its order; nothing of it is checked again. */
  constructor(registered: Iterable<RegisteredSchema> = []) {
    for (const version of registered) this.add(version);
  }

  /**
   * The id of `schema` under `subject`. `isNew` says that it is not registered there yet: keep it
   * durably if you do, then `add` it.
   *
   * @throws StreamsError `STREAMS_SCHEMA_INCOMPATIBLE` with every reason when the schema cannot
   *   read the subject's latest version.
   */
  propose(subject: string, schema: AvroJson): { readonly id: number; readonly isNew: boolean } {
    const versions = this.#versions.get(subject) ?? [];
    const known = this.#idByText.get(canonicalText(schema));
    if (known !== undefined && versions.includes(known)) return { id: known, isNew: false };

    const latest = this.#byId.get(versions.at(-1) ?? 0);
    if (latest !== undefined) checkCanRead(subject, schema, latest, versions.length);
    return { id: known ?? this.#lastId + 1, isNew: true };
  }

  /** Adding the same version twice changes nothing. */
  add({ subject, id, schema }: RegisteredSchema): void {
    const versions = this.#versions.get(subject) ?? [];
    if (!versions.includes(id)) this.#versions.set(subject, [...versions, id]);
    this.#byId.set(id, schema);
    this.#idByText.set(canonicalText(schema), id);
    this.#lastId = Math.max(this.#lastId, id);
  }

  schema(id: number): AvroJson | undefined {
    return this.#byId.get(id);
  }

  /** The ids of a subject's versions, oldest first. */
  versions(subject: string): readonly number[] {
    return this.#versions.get(subject) ?? [];
  }

  /** In the order of their names. */
  subjects(): readonly string[] {
    return [...this.#versions.keys()].sort();
  }
}

/** @throws StreamsError `STREAMS_SCHEMA_INCOMPATIBLE` when `schema` cannot read `latest`. */
export function checkCanRead(
  subject: string,
  schema: AvroJson,
  latest: AvroJson,
  version: number,
): void {
  const reasons = incompatibilities(schema, latest);
  if (reasons.length === 0) return;
  throw incompatible(
    `the new schema of subject '${subject}' cannot read its version ${version}`,
    reasons,
  );
}

export function incompatible(refusal: string, reasons: readonly string[]): StreamsError {
  const list = reasons.map((reason) => `  - ${reason}`).join('\n');
  return new StreamsError('STREAMS_SCHEMA_INCOMPATIBLE', `${refusal}:\n${list}`);
}

/** What every registry says when an id leads nowhere. Loading again does not help. */
export function schemaNotRegistered(id: number): StreamsError {
  return new StreamsError('STREAMS_SCHEMA_UNKNOWN', `no schema is registered with id ${id}`);
}
