/**
 * JSON schemas that know the TypeScript type of what they describe: one declaration checks a
 * request, types its handler, serialises the answer and documents both in OpenAPI.
 */
import type { FastifyPluginAsync, FastifyTypeProvider, RawServerDefault } from 'fastify';

declare const described: unique symbol;

export interface JsonSchema<T> {
  readonly [keyword: string]: unknown;
  readonly [described]?: T;
}

type Shape = Readonly<Record<string, JsonSchema<unknown>>>;

/** The type that a schema describes. */
export type Described<S> = S extends JsonSchema<infer T> ? T : never;

type ObjectOf<Required extends Shape, Optional extends Shape> = {
  readonly [Name in keyof Required]: Described<Required[Name]>;
} & { readonly [Name in keyof Optional]?: Described<Optional[Name]> | undefined };

/** Types handlers by their route's schemas. */
export interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends JsonSchema<infer T> ? T : unknown;
  readonly serializer: this['schema'] extends JsonSchema<infer T> ? T : unknown;
}

/** The routes of one service, as a Fastify plugin with its ports as options. */
export type Routes<Options extends object> = FastifyPluginAsync<
  Options,
  RawServerDefault,
  SchemaTypes
>;

/** No control characters and no half of a surrogate pair: nothing that a store could choke on. */
const plainCharacters = '^[^\\p{Cc}\\p{Cs}]*$';
/** As above, and no name that an object has already. */
const fieldName = '^(?!__proto__$)[^\\p{Cc}\\p{Cs}]*$';
const plainLines = '^(?:[^\\p{Cc}\\p{Cs}]|[\\n\\r\\t])*$';

/** An object that has these fields and no others. */
export function object<R extends Shape, O extends Shape = Record<never, never>>(
  required: R,
  optional?: O,
): JsonSchema<ObjectOf<R, O>> {
  return {
    type: 'object',
    required: Object.keys(required),
    properties: { ...required, ...optional },
    additionalProperties: false,
  };
}

/** Parameters of a query string; others are ignored. */
export function query<O extends Shape, R extends Shape = Record<never, never>>(
  optional: O,
  required?: R,
): JsonSchema<ObjectOf<R, O>> {
  const properties = { ...optional, ...required };
  return { type: 'object', properties, required: Object.keys(required ?? {}) };
}

export function list<T>(
  items: JsonSchema<T>,
  limits: { readonly minItems?: number; readonly maxItems?: number } = {},
): JsonSchema<readonly T[]> {
  return { type: 'array', items, ...limits };
}

/** Free names to values of one kind. */
export function mapOf<T>(
  values: JsonSchema<T>,
  limits: { readonly maxProperties?: number } = {},
): JsonSchema<Readonly<Record<string, T>>> {
  return {
    type: 'object',
    additionalProperties: values,
    propertyNames: { type: 'string', maxLength: 100, pattern: fieldName },
    ...limits,
  };
}

export function nullable<T>(of: JsonSchema<T>): JsonSchema<T | null> {
  const withNull = 'enum' in of ? { enum: [...(of['enum'] as unknown[]), null] } : {};
  return { ...of, ...withNull, type: [of['type'], 'null'] };
}

export function withDescription<T>(of: JsonSchema<T>, description: string): JsonSchema<T> {
  return { ...of, description };
}

/** Takes, and ignores, what is not described. */
export function withOtherFields<T>(of: JsonSchema<T>): JsonSchema<T> {
  return { ...of, additionalProperties: true };
}

export const boolean: JsonSchema<boolean> = { type: 'boolean' };
export const number: JsonSchema<number> = { type: 'number' };
/** Something that only its reader understands. */
export const anything: JsonSchema<unknown> = {};

export function integer(
  minimum = Number.MIN_SAFE_INTEGER,
  maximum = Number.MAX_SAFE_INTEGER,
): JsonSchema<number> {
  return { type: 'integer', minimum, maximum };
}

/** A line of text that a person or a program wrote. */
export function text(maxLength: number, minLength = 0): JsonSchema<string> {
  return {
    type: 'string',
    minLength,
    maxLength,
    pattern: plainCharacters,
    description: 'text without control characters',
  };
}

/** Text that may have several lines. */
export function longText(maxLength: number): JsonSchema<string> {
  return {
    type: 'string',
    maxLength,
    pattern: plainLines,
    description: 'text without control characters other than line breaks and tabs',
  };
}

/** Text of a given form; `description` says it in words and is what a caller reads when it is not. */
export function matching<T extends string = string>(
  pattern: string,
  description: string,
  maxLength = 200,
): JsonSchema<T> {
  return { type: 'string', pattern, description, maxLength };
}

/** An id of something that the caller has seen before: whatever it is, it is looked up. */
export function id<T extends string>(description: string): JsonSchema<T> {
  return { type: 'string', minLength: 1, maxLength: 128, pattern: plainCharacters, description };
}

export function oneOf<const V extends string>(...values: readonly V[]): JsonSchema<V> {
  return { type: 'string', enum: values };
}

/** What an answer says; not checked on the way in. */
export function reply<T extends string = string>(): JsonSchema<T> {
  return { type: 'string' };
}
