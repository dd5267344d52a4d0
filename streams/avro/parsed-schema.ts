/**
 * An Avro schema with its names resolved: what compatibility and error messages walk. It takes any
 * schema, also one written elsewhere; a recursive schema becomes a graph with a cycle.
 */
import { invalid, isUnion } from './definition.ts';
import type { AvroJson } from './registry.ts';

const primitives = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] as const;
type PrimitiveKind = (typeof primitives)[number];

export interface ParsedPrimitive {
  readonly kind: PrimitiveKind;
  /** What the number or the bytes stand for, such as `timestamp-millis` or `decimal(10,2)`. */
  readonly meaning: string | undefined;
}

export interface ParsedField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: ParsedSchema;
  readonly hasDefault: boolean;
}

export interface ParsedRecord {
  readonly kind: 'record';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly fields: readonly ParsedField[];
}

export interface ParsedEnum {
  readonly kind: 'enum';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly symbols: readonly string[];
  /** What a reader takes for a symbol that it does not know. */
  readonly fallback: string | undefined;
}

export interface ParsedFixed {
  readonly kind: 'fixed';
  readonly name: string;
  readonly aliases: readonly string[];
  readonly size: number;
  readonly meaning: string | undefined;
}

export type ParsedSchema =
  | ParsedPrimitive
  | ParsedRecord
  | ParsedEnum
  | ParsedFixed
  | { readonly kind: 'array'; readonly items: ParsedSchema }
  | { readonly kind: 'map'; readonly values: ParsedSchema }
  | { readonly kind: 'union'; readonly branches: readonly ParsedSchema[] };

/** @throws StreamsError `STREAMS_SCHEMA_INVALID` for an unknown type or name. */
export function parseSchema(avro: AvroJson): ParsedSchema {
  return parse(avro, '', new Map());
}

type Named = Map<string, ParsedSchema>;

function parse(avro: AvroJson, namespace: string, named: Named): ParsedSchema {
  if (typeof avro === 'string') return reference(avro, namespace, named);
  if (isUnion(avro)) {
    return { kind: 'union', branches: avro.map((branch) => parse(branch, namespace, named)) };
  }
  const type = avro.type as AvroJson;
  if (typeof type !== 'string') return parse(type, namespace, named);
  switch (type) {
    case 'array':
      return { kind: 'array', items: parse(avro.items as AvroJson, namespace, named) };
    case 'map':
      return { kind: 'map', values: parse(avro.values as AvroJson, namespace, named) };
    case 'record':
    case 'error':
    case 'enum':
    case 'fixed':
      return parseNamed(type, avro, namespace, named);
    default:
      return isPrimitive(type)
        ? { kind: type, meaning: meaningOf(avro) }
        : reference(type, namespace, named);
  }
}

function parseNamed(
  type: 'record' | 'error' | 'enum' | 'fixed',
  avro: { readonly [property: string]: unknown },
  outerNamespace: string,
  named: Named,
): ParsedSchema {
  const name = qualify(String(avro.name), (avro.namespace as string | undefined) ?? outerNamespace);
  const namespace = namespaceOf(name);
  const aliases = ((avro.aliases ?? []) as string[]).map((alias) => qualify(alias, namespace));
  if (named.has(name)) throw invalid(`type '${name}' is defined twice`);

  if (type === 'enum') {
    const symbols = avro.symbols as readonly string[];
    const fallback = avro.default as string | undefined;
    const parsed = { kind: 'enum', name, aliases, symbols, fallback } as const;
    named.set(name, parsed);
    return parsed;
  }
  if (type === 'fixed') {
    const size = avro.size as number;
    const parsed = { kind: 'fixed', name, aliases, size, meaning: meaningOf(avro) } as const;
    named.set(name, parsed);
    return parsed;
  }
  const fields: ParsedField[] = [];
  const parsed = { kind: 'record', name, aliases, fields } as const;
  named.set(name, parsed); // Before its fields: they may refer to it.
  for (const field of avro.fields as readonly { readonly [property: string]: unknown }[]) {
    fields.push({
      name: String(field.name),
      aliases: (field.aliases ?? []) as readonly string[],
      type: parse(field.type as AvroJson, namespace, named),
      hasDefault: field.default !== undefined,
    });
  }
  return parsed;
}

function reference(name: string, namespace: string, named: Named): ParsedSchema {
  if (isPrimitive(name)) return { kind: name, meaning: undefined };
  const found = named.get(qualify(name, namespace)) ?? named.get(name);
  if (found === undefined) throw invalid(`type '${name}' is used but not defined before`);
  return found;
}

/** The full name of what is called `name` inside `namespace`. */
export function qualify(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

/** That of a full name: what its fields' types are looked up in. */
export function namespaceOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')));
}

export function isPrimitive(name: string): name is PrimitiveKind {
  return (primitives as readonly string[]).includes(name);
}

/** Our own marker `id` says what a string names; it does not change how it reads. */
function meaningOf(avro: { readonly [property: string]: unknown }): string | undefined {
  const logicalType = avro.logicalType;
  if (typeof logicalType !== 'string' || logicalType === 'id') return undefined;
  if (logicalType !== 'decimal') return logicalType;
  return `decimal(${String(avro.precision)},${String(avro.scale ?? 0)})`;
}
