/** Garbage made from a JSON schema: a good value, and ways to spoil it so that it cannot be good. */
import type { Random } from '../../cli/demo/random.ts';

export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** A body as it goes over the wire, and what is wrong with it. */
export interface Spoilt {
  readonly wrong: string;
  readonly body: string | Buffer;
  readonly contentType?: string;
}

/** Larger than any JSON route takes. */
const hugeBytes = 1_500_000;

/** Plausible for the schema; right in type, not always in meaning. */
export function plausible(schema: Schema): unknown {
  const one = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (one) return plausible(one);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [kind = ''] = [schema.type ?? []].flat();
  switch (kind) {
    case 'object': {
      const entries = Object.entries(schema.properties ?? {});
      return Object.fromEntries(entries.map(([name, part]) => [name, plausible(part)]));
    }
    case 'array':
      return [plausible(schema.items ?? {})];
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1);
    case 'boolean':
      return false;
    default:
      return 'garbage';
  }
}

/** Bodies that no JSON route can take, whatever its schema. */
export function unreadable(): Spoilt[] {
  const deep = 100_000;
  return [
    { wrong: 'not JSON', body: '{"sku": ' },
    { wrong: 'JSON and more', body: '{} {}' },
    { wrong: 'NaN', body: '{"quantity": NaN}' },
    { wrong: 'empty', body: '' },
    { wrong: 'null bytes', body: '\0\0\0\0' },
    { wrong: 'invalid UTF-8', body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]) },
    { wrong: 'huge', body: `{"title": "${'x'.repeat(hugeBytes)}"}` },
    { wrong: 'nested deeply', body: `${'['.repeat(deep)}${']'.repeat(deep)}` },
    { wrong: 'null', body: 'null' },
    { wrong: 'a list', body: '[]' },
    { wrong: 'a string', body: '"garbage"' },
    { wrong: 'a number', body: '1e308' },
    { wrong: '__proto__', body: '{"__proto__": {"isAdmin": true}}' },
    { wrong: 'constructor', body: '{"constructor": {"prototype": {"isAdmin": true}}}' },
    { wrong: 'plain text', body: 'quantity=1', contentType: 'text/plain' },
    {
      wrong: 'a form',
      body: 'quantity=1&sku=x',
      contentType: 'application/x-www-form-urlencoded',
    },
    { wrong: 'XML', body: '<order/>', contentType: 'application/xml' },
    { wrong: 'a nonsense type', body: '{}', contentType: ';;;=/' },
    { wrong: 'JSON in UTF-16', body: Buffer.from('{}', 'utf16le') },
  ];
}

/** A plausible body with one thing wrong: each required field gone, each field of a wrong kind. */
export function misshapen(schema: Schema): Spoilt[] {
  const good = plausible(schema);
  if (!isRecord(good)) return [];
  const spoilt: Spoilt[] = [];
  for (const name of schema.required ?? []) {
    const { [name]: _, ...rest } = good;
    spoilt.push({ wrong: `without ${name}`, body: JSON.stringify(rest) });
  }
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    for (const [wrong, literal] of impossible(part)) {
      const others = Object.entries(good).filter(([other]) => other !== name);
      const fields = others.map(
        ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
      );
      const body = `{${[...fields, `${JSON.stringify(name)}: ${literal}`].join(', ')}}`;
      spoilt.push({ wrong: `${name} is ${wrong}`, body });
    }
  }
  return spoilt;
}

/** JSON that the schema cannot accept, as text: some of it no serializer would write. */
function impossible(part: Schema): [wrong: string, literal: string][] {
  const { type, minimum, maxLength } = part;
  const types = [type].flat();
  const wrong: [string, string][] = [];
  const has = (...names: string[]) => types.some((one) => one !== undefined && names.includes(one));
  if (!has('object')) wrong.push(['an object', '{"$gt": ""}']);
  if (!has('array')) wrong.push(['a list', '[["x"]]']);
  if (!has('string')) wrong.push(['a string', '"garbage"']);
  if (!has('null')) wrong.push(['null', 'null']);
  if (has('integer')) {
    wrong.push(['a fraction', '1.5'], ['1e308', '1e308'], ['-1e308', '-1e308']);
    if (minimum !== undefined) wrong.push(['too little', String(minimum - 1)]);
  }
  for (const { wrong: inside, body } of misshapen(part)) {
    if (typeof body === 'string') wrong.push([`wrong: ${inside}`, body]);
  }
  for (const { wrong: inside, body } of misshapen(part.items ?? {})) {
    if (typeof body === 'string') wrong.push([`wrong: ${inside}`, `[${body}]`]);
  }
  if (has('string')) {
    wrong.push(['a number', '1e308']);
    if (maxLength !== undefined)
      wrong.push(['too long', JSON.stringify('x'.repeat(maxLength + 1))]);
  }
  // A schema that names no type takes anything.
  return types[0] === undefined ? [] : wrong;
}

/** Parts of a path that name nothing. */
export function strangeNames(random: Random): string[] {
  return [
    '%00',
    'a%00b',
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e',
    '%ff%fe',
    '%E0%A4%A',
    '__proto__',
    'constructor',
    'toString',
    '%27%20or%201%3D1%20--',
    '%F0%9F%92%A9',
    '-1',
    '1e308',
    'NaN',
    'null',
    '%20',
    'x'.repeat(300),
    'x'.repeat(3_000),
    `unknown-${random.between(1, 1e9)}`,
  ];
}

/** Values of a query that mean nothing. */
export function strangeQueryValues(): string[] {
  return [
    '-1',
    '0',
    '1e308',
    '-1e308',
    '99999999999999999999',
    'NaN',
    'null',
    '%00',
    '%ff',
    '%F0%9F%92%A9',
    '"',
    '%27%22%3B--',
    '*%20OR%20(',
    'NEAR(',
    'x'.repeat(5_000),
    'eyJhbGciOiJub25lIn0',
    '[]',
    'true&%NAME%=false',
    '2026-13-45',
  ];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
