/**
 * avsc's types where they are too trusting for a log: a corrupted count must fail at once and not
 * loop for hours, a value that would be written as another one must be refused. They replace
 * avsc's own through its `typeHook`, and override the three methods that avsc 5 types are made of
 * (`_check`, `_read`, `_write`); the version is pinned because these are not documented.
 *
 * | avsc 5.7.9                                          | here                  |
 * | --------------------------------------------------- | --------------------- |
 * | a negative long below -2^52 comes back as another   | exact within +-2^53   |
 * | an int of more than 32 bits is read                 | refused               |
 * | an array of 2^40 items is read until memory is full | refused by its size   |
 * | a map key `__proto__` is lost                       | kept                  |
 * | `toString` counts as a symbol of every enum         | refused               |
 * | bytes must be a Buffer                              | any Uint8Array        |
 * | a union of records holds `{RecordName: value}`      | plain, told by `type` |
 * | one unreadable branch or symbol spoils a resolver   | only its records fail |
 */
import avsc from 'avsc';
import { asBuffer } from '../bytes.ts';
import type { Resolver, Tap, TypeInternals } from './avsc-internals.ts';
import { TaggedUnion } from './tagged-union.ts';

const { types } = avsc;

/** avsc is exact up to here with a margin for its doubling. */
const avscExactLong = 2 ** 51;

class StrictInt extends types.IntType {
  _read(tap: Tap): number {
    const n = tap.readInt();
    if (n !== (n | 0)) throw new Error(`an int holds more than 32 bits (${n})`);
    return n;
  }
}

class StrictLong extends types.LongType {
  _check(value: unknown): boolean {
    return Number.isSafeInteger(value);
  }

  _write(tap: Tap, value: number): void {
    if (!Number.isSafeInteger(value)) throw new Error('not a whole number within 2^53');
    if (value > -avscExactLong && value < avscExactLong) tap.writeLong(value);
    else writeLargeLong(tap, value);
  }

  _read(tap: Tap): number {
    const start = tap.pos;
    const n = tap.readLong();
    if (n > -avscExactLong && n < avscExactLong) return n;
    tap.pos = start;
    return readLargeLong(tap);
  }
}

/** Zig-zag by parts: the sign and the low 6 bits first, since doubling would pass 2^53. */
function writeLargeLong(tap: Tap, value: number): void {
  const magnitude = value < 0 ? -value - 1 : value;
  let low = (magnitude % 64) * 2 + (value < 0 ? 1 : 0);
  let rest = Math.floor(magnitude / 64);
  while (rest > 0) {
    tap.buf[tap.pos++] = low | 0x80;
    low = rest % 128;
    rest = Math.floor(rest / 128);
  }
  tap.buf[tap.pos++] = low;
}

function readLargeLong(tap: Tap): number {
  const first = tap.buf[tap.pos++] ?? 0;
  let magnitude = (first & 0x7f) >> 1;
  let byte = first;
  for (let scale = 64; byte & 0x80; scale *= 128) {
    byte = tap.buf[tap.pos++] ?? 0;
    magnitude += (byte & 0x7f) * scale;
  }
  const n = first & 1 ? -magnitude - 1 : magnitude;
  if (!Number.isSafeInteger(n)) throw new Error('a long is beyond 2^53');
  return n;
}

class StrictBytes extends types.BytesType {
  _check(value: unknown): boolean {
    return value instanceof Uint8Array;
  }

  _write(tap: Tap, value: Uint8Array): void {
    if (!(value instanceof Uint8Array)) throw new Error('not bytes');
    tap.writeBytes(asBuffer(value));
  }
}

class StrictEnum extends types.EnumType {
  // biome-ignore lint/suspicious/noExplicitAny: avsc's own options object
  constructor(schema: avsc.Schema, options: any) {
    super(schema, options);
    Object.setPrototypeOf((this as unknown as { _indices: object })._indices, null);
  }

  _check(value: unknown): boolean {
    return typeof value === 'string' && internals(this)._indices[value] !== undefined;
  }

  _write(tap: Tap, value: unknown): void {
    const index = typeof value === 'string' ? internals(this)._indices[value] : undefined;
    if (index === undefined) throw new Error('not a symbol');
    tap.writeLong(index);
  }

  /** Equivalent: Java's ResolvingGrammar, which fails at an unknown symbol, not at the schema. */
  _update(resolver: Resolver, writer: avsc.Type): void {
    if (writer.typeName !== 'enum' || !namesMatch(this, writer)) return;
    const known = internals(this)._indices;
    const fallback = (this as unknown as { default?: string }).default;
    const written = (writer as avsc.types.EnumType).symbols;
    const read = written.map((symbol) => (known[symbol] === undefined ? fallback : symbol));
    resolver._read = (tap) => {
      const index = tap.readLong();
      const symbol = read[index];
      if (symbol === undefined) {
        throw new Error(`${this.name} has no symbol '${written[index] ?? index}' here`);
      }
      return symbol;
    };
  }
}

class BoundedArray extends types.ArrayType {
  _read(tap: Tap): unknown[] {
    const items = this.itemsType as TypeInternals;
    const values: unknown[] = [];
    for (let count = blockSize(tap); count > 0; count = blockSize(tap)) {
      while (count-- > 0) {
        values.push(items._read(tap));
        if (tap.pos > tap.buf.length) return values; // Truncated: avsc sees it by the position.
      }
    }
    return values;
  }

  _skip(tap: Tap): void {
    this._read(tap);
  }
}

class BoundedMap extends types.MapType {
  _read(tap: Tap): Record<string, unknown> {
    const of = this.valuesType as TypeInternals;
    const values: Record<string, unknown> = {};
    for (let count = blockSize(tap); count > 0; count = blockSize(tap)) {
      while (count-- > 0) {
        const key = tap.readString() ?? '';
        const value = of._read(tap);
        if (key === '__proto__') Object.defineProperty(values, key, { ...plainProperty, value });
        else values[key] = value;
        if (tap.pos > tap.buf.length) return values;
      }
    }
    return values;
  }

  _skip(tap: Tap): void {
    this._read(tap);
  }
}

const plainProperty = { enumerable: true, configurable: true, writable: true };

/** More items than bytes cannot be, unless an item is empty, and then this many will do. */
const emptyItemsLimit = 1_000_000;

function blockSize(tap: Tap): number {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    tap.readLong(); // The block's size in bytes, for readers that skip it.
  }
  const remaining = tap.buf.length - tap.pos;
  if (!(count <= Math.max(remaining, emptyItemsLimit))) {
    throw new Error(`a block claims ${count} items, ${remaining} bytes remain`);
  }
  return count;
}

function internals(type: avsc.Type): { readonly _indices: Record<string, number> } {
  return type as unknown as { _indices: Record<string, number> };
}

function namesMatch(reader: avsc.Type, writer: avsc.Type): boolean {
  return reader.name === writer.name || (reader.aliases ?? []).includes(writer.name ?? '');
}

const int = new StrictInt();
const long = new StrictLong();
const bytes = new StrictBytes();

/** For `forSchema`: answers with the strict type, or `undefined` to leave it to avsc. */
export function strictType(schema: unknown, options: object): avsc.Type | undefined {
  if (Array.isArray(schema)) return new TaggedUnion(schema, options);
  const named = schema as avsc.Schema;
  const type = typeof schema === 'string' ? schema : (schema as { type?: unknown }).type;
  switch (type) {
    case 'int':
      return int;
    case 'long':
      return long;
    case 'bytes':
      return bytes;
    case 'enum':
      return new StrictEnum(named, options);
    case 'array':
      return new BoundedArray(named, options);
    case 'map':
      return new BoundedMap(named, options);
    default:
      return undefined;
  }
}
