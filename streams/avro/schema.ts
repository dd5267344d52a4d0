/** Avro schemas written as values, with the type of the data they describe. */

import type { Serde } from '../serde.ts';
import { stringSerde } from '../serdes.ts';
import { type Codec, codecFor } from './codec.ts';
import {
  branchesOf,
  checkDistinct,
  checkName,
  invalid,
  isUnion,
  withNamesOnce,
} from './definition.ts';
import { framedSerde } from './framing.ts';
import { misfit, tagOf } from './misfit.ts';
import { parseSchema } from './parsed-schema.ts';
import type { AvroJson } from './registry.ts';

declare const brand: unique symbol;

/**
 * An Avro schema, and the serde for the data it describes. Used as it is, it reads and writes bare
 * Avro; `forTopic` gives the serde that writes Confluent's wire format (a zero byte, the schema's
 * id as four bytes, the Avro bytes) and reads whatever version wrote a record. As a key, a schema
 * of type string is plain UTF-8, as Kafka's StringSerializer writes it.
 */
export interface Schema<T> extends Serde<T> {
  /** The schema in Avro's JSON form. */
  readonly avro: AvroJson;
}

// biome-ignore lint/suspicious/noExplicitAny: a Schema<T> is invariant in T
export type AnySchema = Schema<any>;

/** The TypeScript type of the data a schema describes. */
export type Decoded<S extends AnySchema> = ReturnType<S['deserialize']>;

/** A string that means one thing only: `Branded<'Sku'>` is not assignable to `Branded<'OrderId'>`. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

type Fields = Record<string, AnySchema>;

/** As composed, every named type written out where it is used; `avro` has each of them once. */
const definitions = new WeakMap<AnySchema, AvroJson>();

/** What a record writes into a field of this schema besides its type. */
const fieldDefaults = new WeakMap<AnySchema, { readonly default: unknown }>();

const noPrefix = new Uint8Array(0);

export const string: Schema<string> = schema('string');
export const boolean: Schema<boolean> = schema('boolean');
/** 32 bits, signed. */
export const int: Schema<number> = schema('int');
/** 64 bits in Avro; here a whole number within plus or minus 2^53, else it fails. */
export const long: Schema<number> = schema('long');
export const double: Schema<number> = schema('double');
export const bytes: Schema<Uint8Array> = schema('bytes');
/** Milliseconds since the Unix epoch. */
export const timestampMillis: Schema<number> = schema({
  type: 'long',
  logicalType: 'timestamp-millis',
});

/** A string that stands for one kind of thing: no other string can take its place. */
export function id<Name extends string>(name: Name): Schema<Branded<Name>> {
  return schema({ type: 'string', logicalType: 'id', of: name });
}

/** A field that always holds `value`: the discriminant of a union of records. */
export function literal<const Value extends string>(value: Value): Schema<Value> {
  checkName('literal', value);
  return schema({ type: 'enum', name: `${value}Type`, symbols: [value] });
}

/** One of `symbols`. Names must match `[A-Za-z_][A-Za-z0-9_]*`. */
export function enumeration<const Symbols extends readonly string[]>(
  name: string,
  symbols: Symbols,
): Schema<Symbols[number]> {
  checkName('enumeration', name);
  if (symbols.length === 0) throw invalid(`enumeration '${name}' has no symbols`);
  for (const symbol of symbols) checkName(`symbol of '${name}'`, symbol);
  checkDistinct(`enumeration '${name}'`, symbols);
  return schema({ type: 'enum', name, symbols });
}

export function record<F extends Fields>(
  name: string,
  fields: F,
): Schema<{ readonly [Name in keyof F]: Decoded<F[Name]> }> {
  checkName('record', name);
  const avroFields = Object.entries(fields).map(([field, of]) => {
    checkName(`field of '${name}'`, field);
    return { name: field, type: definitionOf(of), ...fieldDefaults.get(of) };
  });
  return schema({ type: 'record', name, fields: avroFields });
}

/** A union of records, told apart by their `type` literal. */
export function union<const S extends readonly AnySchema[]>(
  ...branches: S
): Schema<Decoded<S[number]>> {
  const records = branches.flatMap((of) => branchesOf(definitionOf(of)));
  if (records.length === 0) throw invalid('a union has no branches');
  checkDistinct('a union', records.map(tagOfBranch));
  return schema(records);
}

/** `T` or `null`; as a field it has the default `null`, so that it can be added later. */
export function nullable<T>(of: Schema<T>): Schema<T | null> {
  const branches = branchesOf(definitionOf(of)).filter((branch) => branch !== 'null');
  const nullableOf = schema<T | null>(['null', ...branches]);
  fieldDefaults.set(nullableOf, { default: null });
  return nullableOf;
}

export function array<T>(items: Schema<T>): Schema<readonly T[]> {
  return schema({ type: 'array', items: definitionOf(items) });
}

export function map<T>(values: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return schema({ type: 'map', values: definitionOf(values) });
}

/**
 * A field that older records lack: they are read with `value`. Writers still write the field.
 *
 * @throws StreamsError `STREAMS_SCHEMA_INVALID` when `value` is not of the schema.
 */
export function withDefault<T>(of: Schema<T>, value: T): Schema<T> {
  const definition = definitionOf(of);
  const reason = misfit(parseSchema(of.avro), value);
  if (reason !== undefined) throw invalid(`a default does not fit its field: ${reason}`);

  const field = schema<T>(isUnion(definition) ? withBranchFirst(definition, value) : definition);
  fieldDefaults.set(field, { default: defaultJson(value) });
  return field;
}

function definitionOf(of: AnySchema): AvroJson {
  return definitions.get(of) ?? of.avro;
}

function schema<T>(definition: AvroJson): Schema<T> {
  const avro = withNamesOnce(definition);
  const isString = !isUnion(avro) && (typeof avro === 'string' ? avro : avro.type) === 'string';
  const plainKey = stringSerde as Serde<unknown> as Serde<T>;
  // A codec takes milliseconds to make, and most schemas are only parts of others.
  let made: Codec | undefined;
  const codec = (): Codec => {
    made ??= codecFor(avro);
    return made;
  };

  const of: Schema<T> = {
    avro,
    ...(isString ? { asKey: plainKey } : {}),
    serialize: (value) => codec().encode(value, noPrefix),
    deserialize: (bytes) => codec().decode(bytes, 0) as T,
    forTopic: async ({ topic, part, registry }) => {
      if (part === 'key' && isString) return plainKey;
      return framedSerde(codec(), await registry.register(`${topic}-${part}`, avro), registry);
    },
  };
  definitions.set(of, definition);
  return of;
}

function tagOfBranch(branch: AvroJson): string {
  const tag = tagOf(parseSchema(withNamesOnce(branch)));
  if (tag !== undefined) return tag;
  const name = typeof branch === 'string' ? branch : JSON.stringify(branch);
  throw invalid(`a union is of records with a field \`type: literal(…)\`; this is none: ${name}`);
}

/** Avro reads a default as the union's first branch, so the branch of `value` goes first. */
function withBranchFirst(branches: readonly AvroJson[], value: unknown): AvroJson {
  const fits = (branch: AvroJson) =>
    misfit(parseSchema(withNamesOnce(branch)), value) === undefined;
  return [...branches].sort((a, b) => Number(fits(b)) - Number(fits(a)));
}

/** Avro's JSON for defaults has bytes as a string with a character for each byte. */
function defaultJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (Array.isArray(value)) return value.map(defaultJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, defaultJson(of)]));
}
