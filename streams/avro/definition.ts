/**
 * Schema definitions as the combinators of `schema.ts` compose them: every named type written out
 * wherever it is used. Avro allows one definition of a name in a schema, so `withNamesOnce` keeps
 * the first and refers to it by name after that.
 */
import { StreamsError } from '../errors.ts';
import type { AvroJson } from './registry.ts';

interface Attributes {
  readonly [property: string]: unknown;
}

/** The first definition stays, later equal ones become their name. */
export function withNamesOnce(definition: AvroJson): AvroJson {
  return emit(definition, new Map());
}

function emit(definition: AvroJson, defined: Map<string, string>): AvroJson {
  if (typeof definition === 'string') return definition;
  if (isUnion(definition)) return definition.map((branch) => emit(branch, defined));

  const { type, name } = definition;
  if (typeof name === 'string') {
    const text = canonicalText(definition);
    const earlier = defined.get(name);
    if (earlier === text) return name;
    if (earlier !== undefined) {
      throw invalid(`type '${name}' has two different definitions: ${earlier} and ${text}`);
    }
    defined.set(name, text);
  }
  if (type === 'record') {
    const fields = definition.fields as readonly Attributes[];
    return {
      ...definition,
      fields: fields.map((f) => ({ ...f, type: emit(f.type as AvroJson, defined) })),
    };
  }
  if (type === 'array') {
    return { ...definition, items: emit(definition.items as AvroJson, defined) };
  }
  if (type === 'map') {
    return { ...definition, values: emit(definition.values as AvroJson, defined) };
  }
  return definition;
}

/** `Array.isArray` does not narrow a readonly array. */
export function isUnion(definition: AvroJson): definition is readonly AvroJson[] {
  return Array.isArray(definition);
}

/** The branches of a union; any other schema is its own only branch. */
export function branchesOf(definition: AvroJson): readonly AvroJson[] {
  return isUnion(definition) ? definition : [definition];
}

/**
 * The same text for the same schema, whatever the order of its attributes. Unlike Avro's parsing
 * canonical form it keeps defaults and logical types: readers depend on them.
 */
export function canonicalText(schema: AvroJson): string {
  return JSON.stringify(schema, (_, value: unknown) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** @throws StreamsError `STREAMS_SCHEMA_INVALID` unless Avro takes `name` as a name. */
export function checkName(what: string, name: string): void {
  // avsc assigns fields by name, and assigning `__proto__` loses the value.
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name !== '__proto__') return;
  throw invalid(`${what} '${name}' is not an Avro name: use letters, digits and _, no digit first`);
}

export function checkDistinct(what: string, values: readonly string[]): void {
  const repeated = values.find((value, i) => values.indexOf(value) !== i);
  if (repeated !== undefined) throw invalid(`${what} has '${repeated}' twice`);
}

export function invalid(message: string, cause?: unknown): StreamsError {
  return new StreamsError('STREAMS_SCHEMA_INVALID', message, { cause });
}
