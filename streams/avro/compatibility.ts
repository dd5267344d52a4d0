/**
 * BACKWARD compatibility, as Avro's schema resolution and Confluent's registry have it: can a
 * reader with the new schema read what the old one wrote? Stricter in one thing: a number that
 * stays a number but means something else (seconds for milliseconds, another scale) is refused.
 */
import type {
  ParsedEnum,
  ParsedField,
  ParsedFixed,
  ParsedRecord,
  ParsedSchema,
} from './parsed-schema.ts';
import { parseSchema } from './parsed-schema.ts';
import type { AvroJson } from './registry.ts';

/**
 * Why `reader` (the new schema) cannot read what `writer` (the old one) wrote: a sentence for each
 * reason, beginning with the path of the field. Empty when it can.
 *
 * @throws StreamsError `STREAMS_SCHEMA_INVALID` when one of them is not an Avro schema.
 */
export function incompatibilities(reader: AvroJson, writer: AvroJson): string[] {
  return findings(reader, writer).map((finding) => finding.text);
}

/**
 * Of the incompatibilities, those that Avro would read without an error and wrongly. A reader asks
 * for these; of the others it meets only what its records hold.
 */
export function changedMeanings(reader: AvroJson, writer: AvroJson): string[] {
  return findings(reader, writer)
    .filter((finding) => finding.isMeaning)
    .map((finding) => finding.text);
}

interface Finding {
  readonly text: string;
  readonly isMeaning: boolean;
}

function findings(reader: AvroJson, writer: AvroJson): Finding[] {
  return compare(parseSchema(reader), parseSchema(writer), '', new Map());
}

/** Pairs under comparison: a recursive schema meets itself again. */
type Seen = Map<ParsedSchema, Set<ParsedSchema>>;

function compare(reader: ParsedSchema, writer: ParsedSchema, path: string, seen: Seen): Finding[] {
  if (writer.kind === 'union') {
    return writer.branches.flatMap((branch) => compare(reader, branch, path, seen));
  }
  if (reader.kind === 'union') return compareWithUnion(reader.branches, writer, path, seen);

  if (reader.kind === 'record' && writer.kind === 'record') {
    return compareRecords(reader, writer, path, seen);
  }
  if (reader.kind === 'enum' && writer.kind === 'enum') return compareEnums(reader, writer, path);
  if (reader.kind === 'array' && writer.kind === 'array') {
    return compare(reader.items, writer.items, `${path}[]`, seen);
  }
  if (reader.kind === 'map' && writer.kind === 'map') {
    return compare(reader.values, writer.values, `${path}{}`, seen);
  }
  if (reader.kind === 'fixed' && writer.kind === 'fixed') {
    return [
      ...compareNames(reader, writer, path),
      ...compareSizes(reader, writer, path),
      ...compareMeanings(reader.meaning, writer.meaning, path),
    ];
  }
  if (reader.kind !== writer.kind && !promotions[writer.kind]?.includes(reader.kind)) {
    return [at(path, `${nameOf(writer)} cannot be read as ${nameOf(reader)}`)];
  }
  return compareMeanings(meaningOf(reader), meaningOf(writer), path);
}

/** Written kind to the kinds that Avro also reads it as. */
const promotions: { readonly [writer: string]: readonly string[] } = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

/** The branch of the writer's own name or kind speaks for the union when none can read it. */
function compareWithUnion(
  branches: readonly ParsedSchema[],
  writer: ParsedSchema,
  path: string,
  seen: Seen,
): Finding[] {
  const reasons = branches.map((branch) => compare(branch, writer, path, seen));
  if (reasons.some((found) => found.length === 0)) return [];

  const closest = branches.findIndex((branch) =>
    'name' in branch && 'name' in writer
      ? branch.name === writer.name
      : branch.kind === writer.kind,
  );
  const found = reasons[closest];
  if (found !== undefined) return found;
  const readable = branches.map(nameOf).join(', ');
  return [at(path, `${nameOf(writer)} is not a branch of the union any more (${readable})`)];
}

function compareRecords(
  reader: ParsedRecord,
  writer: ParsedRecord,
  path: string,
  seen: Seen,
): Finding[] {
  const compared = seen.get(reader) ?? new Set();
  if (compared.has(writer)) return [];
  seen.set(reader, compared.add(writer));

  const fields = reader.fields.flatMap((field) => {
    const written = writtenField(field, writer);
    const fieldPath = path === '' ? field.name : `${path}.${field.name}`;
    if (written !== undefined) return compare(field.type, written.type, fieldPath, seen);
    return field.hasDefault
      ? []
      : [at(fieldPath, `new in record '${reader.name}' and without a default for older records`)];
  });
  const found = [...compareNames(reader, writer, path), ...fields];
  // Only what is under way or was found to fit may be skipped: another branch may ask again.
  if (found.length > 0) compared.delete(writer);
  return found;
}

function writtenField(field: ParsedField, writer: ParsedRecord): ParsedField | undefined {
  const names = [field.name, ...field.aliases];
  return writer.fields.find((written) => names.includes(written.name));
}

function compareEnums(reader: ParsedEnum, writer: ParsedEnum, path: string): Finding[] {
  const removed = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
  return [
    ...compareNames(reader, writer, path),
    ...(reader.fallback !== undefined
      ? []
      : removed.map((symbol) =>
          at(path, `enum '${reader.name}' lost symbol '${symbol}' and has no default`),
        )),
  ];
}

function compareNames(
  reader: ParsedRecord | ParsedEnum | ParsedFixed,
  writer: ParsedRecord | ParsedEnum | ParsedFixed,
  path: string,
): Finding[] {
  if (reader.name === writer.name || reader.aliases.includes(writer.name)) return [];
  const renamed = `'${writer.name}' was renamed to '${reader.name}' without an alias`;
  return [at(path, `${writer.kind} ${renamed}`)];
}

function compareSizes(reader: ParsedFixed, writer: ParsedFixed, path: string): Finding[] {
  if (reader.size === writer.size) return [];
  const sizes = `from ${writer.size} to ${reader.size} bytes`;
  return [at(path, `fixed '${reader.name}' changed ${sizes}`)];
}

function compareMeanings(
  reader: string | undefined,
  writer: string | undefined,
  path: string,
): Finding[] {
  if (reader === writer) return [];
  const from = writer ?? 'no logical type';
  const text = `changed its meaning from ${from} to ${reader ?? 'no logical type'}`;
  return [{ ...at(path, text), isMeaning: true }];
}

function meaningOf(schema: ParsedSchema): string | undefined {
  return 'meaning' in schema ? schema.meaning : undefined;
}

function nameOf(schema: ParsedSchema): string {
  return 'name' in schema ? `${schema.kind} '${schema.name}'` : schema.kind;
}

function at(path: string, reason: string): Finding {
  return { text: path === '' ? reason : `${path}: ${reason}`, isMeaning: false };
}
