/** Avro schemas written as values, with the type of the data they describe. */

import type { Serde } from '../serde.ts';
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
  return schema({ type: 'enum', name: `${value}Type`, symbols: [value] });
}

/** One of `symbols`. Names must match `[A-Za-z_][A-Za-z0-9_]*`. */
export function enumeration<const Symbols extends readonly string[]>(
  name: string,
  symbols: Symbols,
): Schema<Symbols[number]> {
  return schema({ type: 'enum', name, symbols });
}

export function record<F extends Fields>(
  name: string,
  fields: F,
): Schema<{ readonly [Name in keyof F]: Decoded<F[Name]> }> {
  const avroFields = Object.entries(fields).map(([field, s]) => ({ name: field, type: s.avro }));
  return schema({ type: 'record', name, fields: avroFields });
}

/** A union of records, told apart by their `type` literal. */
export function union<const S extends readonly AnySchema[]>(
  ...branches: S
): Schema<Decoded<S[number]>> {
  return schema(branches.map((branch) => branch.avro));
}

/** `T` or `null`; as a field it has the default `null`, so that it can be added later. */
export function nullable<T>(of: Schema<T>): Schema<T | null> {
  return schema(['null', of.avro]);
}

export function array<T>(items: Schema<T>): Schema<readonly T[]> {
  return schema({ type: 'array', items: items.avro });
}

export function map<T>(values: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return schema({ type: 'map', values: values.avro });
}

/** A field that older records lack: they are read with `value`. */
export function withDefault<T>(of: Schema<T>, _value: T): Schema<T> {
  return of;
}

function schema<T>(avro: AvroJson): Schema<T> {
  return {
    avro,
    serialize: (value) => Buffer.from(JSON.stringify(value)),
    deserialize: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as T,
  };
}
