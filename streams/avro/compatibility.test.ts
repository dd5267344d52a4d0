import { incompatibilities } from './compatibility.ts';
import type { AvroJson } from './registry.ts';
import {
  array,
  enumeration,
  id,
  int,
  literal,
  long,
  map,
  nullable,
  record,
  string,
  timestampMillis,
  union,
  withDefault,
} from './schema.ts';

const of = (type: AvroJson, more: object = {}): AvroJson => ({
  type: 'record',
  name: 'R',
  fields: [{ name: 'f', type, ...more }],
});
const letters = (symbols: string[], more: object = {}): AvroJson =>
  of({ type: 'enum', name: 'E', symbols, ...more });
const fixed = (size: number): AvroJson => of({ type: 'fixed', name: 'F', size });
const decimal = (scale: number): AvroJson =>
  of({ type: 'bytes', logicalType: 'decimal', precision: 10, scale });
const time = (unit: string): AvroJson => of({ type: 'long', logicalType: `timestamp-${unit}` });
const linked = (value: AvroJson): AvroJson => ({
  type: 'record',
  name: 'Node',
  fields: [
    { name: 'value', type: value },
    { name: 'next', type: ['null', 'Node'] },
  ],
});
const A = record('A', { type: literal('A'), n: int });
const B = record('B', { type: literal('B'), n: int });
const line = (n: typeof int) => record('Line', { n });
const nothing: AvroJson = { type: 'record', name: 'R', fields: [] };

test.each<[string, AvroJson, AvroJson]>([
  ['no change', of('int'), of('int')],
  ['a field removed', nothing, of('int')],
  ['a field added with a default', of('int', { default: 1 }), nothing],
  ['a nullable field added', record('R', { f: nullable(int) }).avro, nothing],
  ['a field with withDefault added', record('R', { f: withDefault(string, '') }).avro, nothing],
  [
    'a field renamed with an alias',
    of('int', { aliases: ['g'] }),
    { type: 'record', name: 'R', fields: [{ name: 'g', type: 'int' }] },
  ],
  ['int to long', of('long'), of('int')],
  ['int to double', of('double'), of('int')],
  ['long to double', of('double'), of('long')],
  ['float to double', of('double'), of('float')],
  ['string to bytes', of('bytes'), of('string')],
  ['bytes to string', of('string'), of('bytes')],
  ['a field made nullable', of(['null', 'int']), of('int')],
  ['a union branch added', of(['null', 'int', 'string']), of(['null', 'int'])],
  ['union branches in another order', of(['int', 'null']), of(['null', 'int'])],
  ['a record added to a union', union(A, B).avro, union(A).avro],
  ['a record that becomes a union', union(A, B).avro, A.avro],
  ['a symbol added', letters(['A', 'B']), letters(['A'])],
  ['symbols in another order', letters(['B', 'A']), letters(['A', 'B'])],
  ['a symbol removed with a default', letters(['A'], { default: 'A' }), letters(['A', 'B'])],
  [
    'array items promoted',
    of({ type: 'array', items: 'long' }),
    of({ type: 'array', items: 'int' }),
  ],
  [
    'a record renamed with an alias',
    { ...(of('int') as object), name: 'S', aliases: ['R'] },
    of('int'),
  ],
  [
    'a string that becomes an id',
    record('R', { f: id('Sku') }).avro,
    record('R', { f: string }).avro,
  ],
  ['the same decimal', decimal(2), decimal(2)],
  ['the same recursive schema', linked('int'), linked('int')],
  ['a recursive schema with a promotion', linked('long'), linked('int')],
  [
    'the same in a namespace',
    { ...(of('int') as object), namespace: 'x' },
    { ...(of('int') as object), name: 'x.R' },
  ],
])('allows %s', (_, reader, writer) => {
  expect(incompatibilities(reader, writer)).toEqual([]);
});

test.each<[string, AvroJson, AvroJson, string[]]>([
  [
    'a field without a default',
    of('int'),
    nothing,
    ["f: new in record 'R' and without a default for older records"],
  ],
  [
    'a field renamed',
    of('int'),
    { type: 'record', name: 'R', fields: [{ name: 'g', type: 'int' }] },
    ["f: new in record 'R' and without a default for older records"],
  ],
  ['long to int', of('int'), of('long'), ['f: long cannot be read as int']],
  ['double to float', of('float'), of('double'), ['f: double cannot be read as float']],
  ['int to string', of('string'), of('int'), ['f: int cannot be read as string']],
  [
    'a nullable field made required',
    of('int'),
    of(['null', 'int']),
    ['f: null cannot be read as int'],
  ],
  [
    'a record gone from a union',
    union(A).avro,
    union(A, B).avro,
    ["record 'B' is not a branch of the union any more (record 'A')"],
  ],
  [
    'a branch gone from a nullable',
    of(['null', 'int']),
    of(['null', 'string']),
    ['f: string is not a branch of the union any more (null, int)'],
  ],
  [
    'a change inside a branch',
    union(record('A', { type: literal('A'), n: string })).avro,
    union(A).avro,
    ['n: int cannot be read as string'],
  ],
  [
    'symbols removed',
    letters(['B']),
    letters(['A', 'B', 'C']),
    [
      "f: enum 'E' lost symbol 'A' and has no default",
      "f: enum 'E' lost symbol 'C' and has no default",
    ],
  ],
  [
    'a record renamed',
    B.avro,
    A.avro,
    [
      "record 'A' was renamed to 'B' without an alias",
      "type: enum 'AType' was renamed to 'BType' without an alias",
      "type: enum 'BType' lost symbol 'A' and has no default",
    ],
  ],
  [
    'an enum renamed',
    record('R', { f: enumeration('G', ['A']) }).avro,
    record('R', { f: enumeration('E', ['A']) }).avro,
    ["f: enum 'E' was renamed to 'G' without an alias"],
  ],
  [
    'another namespace',
    { ...(of('int') as object), namespace: 'y' },
    { ...(of('int') as object), namespace: 'x' },
    ["record 'x.R' was renamed to 'y.R' without an alias"],
  ],
  [
    'micros for millis',
    time('micros'),
    time('millis'),
    ['f: changed its meaning from timestamp-millis to timestamp-micros'],
  ],
  [
    'a time out of a number',
    record('R', { f: timestampMillis }).avro,
    record('R', { f: long }).avro,
    ['f: changed its meaning from no logical type to timestamp-millis'],
  ],
  [
    'a number out of a time',
    of('long'),
    time('millis'),
    ['f: changed its meaning from timestamp-millis to no logical type'],
  ],
  [
    'another scale',
    decimal(3),
    decimal(2),
    ['f: changed its meaning from decimal(10,2) to decimal(10,3)'],
  ],
  [
    'a unit inside a nullable',
    of(['null', { type: 'long', logicalType: 'timestamp-micros' }]),
    of(['null', { type: 'long', logicalType: 'timestamp-millis' }]),
    ['f: changed its meaning from timestamp-millis to timestamp-micros'],
  ],
  ['another size', fixed(8), fixed(4), ["f: fixed 'F' changed from 4 to 8 bytes"]],
  [
    'a map for an array',
    of({ type: 'map', values: 'int' }),
    of({ type: 'array', items: 'int' }),
    ['f: array cannot be read as map'],
  ],
  ['a recursive schema', linked('string'), linked('int'), ['value: int cannot be read as string']],
  [
    'several, each with its path',
    record('Cart', { lines: array(line(int)), byShop: map(array(string)), user: string }).avro,
    record('Cart', { lines: array(line(string as never)), byShop: map(array(int)) }).avro,
    [
      'lines[].n: string cannot be read as int',
      'byShop{}[]: int cannot be read as string',
      "user: new in record 'Cart' and without a default for older records",
    ],
  ],
])('refuses %s and says where', (_, reader, writer, reasons) => {
  expect(incompatibilities(reader, writer)).toEqual(reasons);
});

test('reports a type that is used twice and does not fit for both places', () => {
  const two = (n: typeof int) => record('R', { a: line(n), b: line(n) }).avro;
  expect(incompatibilities(two(string as never), two(int))).toEqual([
    'a.n: int cannot be read as string',
    'b.n: int cannot be read as string',
  ]);
});

test('refuses what is no schema', () => {
  expect(() => incompatibilities(of('Unknown'), of('int'))).toThrow(
    "type 'Unknown' is used but not defined before",
  );
});
