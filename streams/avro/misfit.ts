/**
 * Why a value does not fit its schema. `misfit` finds the path and the reason and is called only
 * after an encoding has failed; `shapeCheck` is the part that runs for every value: it finds what
 * avsc lets pass, fields that the schema does not have and fields left out because of a default.
 */
import type { ParsedRecord, ParsedSchema } from './parsed-schema.ts';

type Check = (value: unknown) => boolean;

/** `undefined` when there is nothing to check: no record inside. */
export function shapeCheck(schema: ParsedSchema): Check | undefined {
  if (schema.kind === 'record') return recordCheck(schema);
  if (schema.kind === 'union') return unionCheck(schema.branches);
  if (schema.kind === 'array') {
    const check = shapeCheck(schema.items);
    return check && ((value) => !Array.isArray(value) || value.every(check));
  }
  if (schema.kind === 'map') {
    const check = shapeCheck(schema.values);
    return check && ((value) => !isObject(value) || Object.values(value).every(check));
  }
  return undefined;
}

function recordCheck(schema: ParsedRecord): Check {
  const { length } = schema.fields;
  // avsc writes the default for a field that is left out, and refuses the other ones itself.
  const withDefault = schema.fields.filter((field) => field.hasDefault).map((field) => field.name);
  const inner = schema.fields.flatMap(({ name, type }) => {
    const check = shapeCheck(type);
    return check ? [{ name, check }] : [];
  });

  return (value) => {
    if (!isObject(value)) return false;
    let count = 0;
    for (const _ in value) count++;
    if (count !== length) return false;
    for (const name of withDefault) if (value[name] === undefined) return false;
    for (const { name, check } of inner) if (!check(value[name])) return false;
    return true;
  };
}

function unionCheck(branches: readonly ParsedSchema[]): Check | undefined {
  const others = branches.filter((branch) => branch.kind !== 'null');
  if (others.length === 1 && others[0] !== undefined) {
    const check = shapeCheck(others[0]);
    return check && ((value) => value === null || check(value));
  }
  const checks = new Map(others.map((branch) => [tagOf(branch), shapeCheck(branch)]));
  return (value) => {
    if (value === null) return true; // avsc knows whether there is a null branch.
    return checks.get((value as { type?: string } | undefined)?.type)?.(value) ?? false;
  };
}

/** The first reason, as `path: expected …, found …`; `undefined` when the value fits. */
export function misfit(schema: ParsedSchema, value: unknown, path = ''): string | undefined {
  if (schema.kind === 'record') return recordMisfit(schema, value, path);
  if (schema.kind === 'union') return unionMisfit(schema.branches, value, path);
  if (schema.kind === 'array') {
    if (!Array.isArray(value)) return mismatch(path, 'an array', value);
    return firstOf(value, (item, i) => misfit(schema.items, item, `${path}[${i}]`));
  }
  if (schema.kind === 'map') {
    if (!isObject(value)) return mismatch(path, 'a map', value);
    return firstOf(Object.keys(value), (key) =>
      misfit(schema.values, value[key], `${path}[${JSON.stringify(key)}]`),
    );
  }
  if (schema.kind === 'enum') {
    if (typeof value === 'string' && schema.symbols.includes(value)) return undefined;
    const symbols = schema.symbols.map((symbol) => `'${symbol}'`).join(', ');
    return mismatch(path, schema.symbols.length === 1 ? symbols : `one of ${symbols}`, value);
  }
  const [expected, fits] = leaves[schema.kind];
  return fits(value) ? undefined : mismatch(path, expected, value);
}

function recordMisfit(schema: ParsedRecord, value: unknown, path: string): string | undefined {
  if (!isObject(value)) return mismatch(path, `a record '${schema.name}'`, value);
  for (const { name, type } of schema.fields) {
    const fieldPath = join(path, name);
    if (value[name] === undefined) return `${fieldPath}: expected ${nameOf(type)}, found nothing`;
    const found = misfit(type, value[name], fieldPath);
    if (found !== undefined) return found;
  }
  const names = schema.fields.map((field) => field.name);
  for (const key in value) {
    if (names.includes(key)) continue;
    return `${join(path, key)}: record '${schema.name}' has no such field`;
  }
  return undefined;
}

function unionMisfit(
  branches: readonly ParsedSchema[],
  value: unknown,
  path: string,
): string | undefined {
  const others = branches.filter((branch) => branch.kind !== 'null');
  if (value === null && others.length < branches.length) return undefined;
  const tag = isObject(value) ? value.type : undefined;
  const branch = others.length === 1 ? others[0] : others.find((b) => tagOf(b) === tag);
  if (branch !== undefined) return misfit(branch, value, path);

  const tags = others.map((other) => `'${tagOf(other)}'`).join(', ');
  if (!isObject(value)) return mismatch(path, `a record with type ${tags}`, value);
  return mismatch(join(path, 'type'), `one of ${tags}`, tag);
}

const leaves: Record<
  'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string' | 'fixed',
  readonly [expected: string, fits: Check]
> = {
  null: ['null', (value) => value === null],
  boolean: ['a boolean', (value) => typeof value === 'boolean'],
  int: ['a whole number of 32 bits', (value) => value === ((value as number) | 0)],
  long: ['a whole number within 2^53', Number.isSafeInteger],
  float: ['a number', (value) => typeof value === 'number'],
  double: ['a number', (value) => typeof value === 'number'],
  bytes: ['bytes (a Uint8Array)', (value) => value instanceof Uint8Array],
  fixed: ['bytes (a Uint8Array)', (value) => value instanceof Uint8Array],
  string: ['a string', (value) => typeof value === 'string'],
};

/** The value of the `type` literal that tells a record from the others of its union. */
export function tagOf(schema: ParsedSchema): string | undefined {
  if (schema.kind !== 'record') return undefined;
  const tag = schema.fields.find((field) => field.name === 'type')?.type;
  return tag?.kind === 'enum' && tag.symbols.length === 1 ? tag.symbols[0] : undefined;
}

function mismatch(path: string, expected: string, found: unknown): string {
  return `${path === '' ? '' : `${path}: `}expected ${expected}, found ${describe(found)}`;
}

function nameOf(schema: ParsedSchema): string {
  return 'name' in schema ? `${schema.kind} '${schema.name}'` : schema.kind;
}

/** Long enough to recognise a value, short enough for a log line. */
const shownCharacters = 60;

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return `an object (${Object.keys(value).join(', ')})`;
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const shown = text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
  return `${typeof value} ${shown}`;
}

function join(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}

function firstOf<T>(
  items: readonly T[],
  find: (item: T, index: number) => string | undefined,
): string | undefined {
  for (let i = 0; i < items.length; i++) {
    const found = find(items[i] as T, i);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
