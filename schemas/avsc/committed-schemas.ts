/**
 * The schema files as they are committed, and the check of a start without a schema registry of its
 * own history: on a fresh data directory they alone know what was written elsewhere before.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StreamsError, type Topic } from '#streams';
import { type Fault, faultsOf, schemaFiles } from './schema-files.ts';

/** By their names. */
export function committedSchemas(
  folder: string = import.meta.dirname,
): ReadonlyMap<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.avsc'));
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

/**
 * Answers what is to be mended and does no harm, in one line; `undefined` when there is nothing.
 *
 * @throws StreamsError `STREAMS_SCHEMA_INCOMPATIBLE` when a declared schema cannot read what its
 *   committed file describes, with every reason.
 */
export function checkCommittedSchemas(
  // biome-ignore lint/suspicious/noExplicitAny: topics of every kind
  topics: readonly Topic<any, any>[],
  committed: ReadonlyMap<string, string> = committedSchemas(),
): string | undefined {
  const faults = faultsOf(schemaFiles(topics), committed);
  const broken = faults.filter(({ kind }) => kind === 'incompatible');
  if (broken.length > 0) {
    throw new StreamsError('STREAMS_SCHEMA_INCOMPATIBLE', broken.map(textOf).join('\n'));
  }
  if (faults.length === 0) return undefined;
  const list = faults.map(({ file, kind }) => `${file} is ${wordFor[kind]}`).join(', ');
  return `schemas/avsc: ${list}; see \`npm run check:schemas\``;
}

/** A fault as people read it: the file, the reasons, what to do. */
export function textOf({ file, kind, reasons, remedy }: Fault): string {
  return [`schemas/avsc/${file}: ${kind}`, ...reasons, `remedy: ${remedy}`].join('\n  ');
}

const wordFor: Record<Fault['kind'], string> = {
  missing: 'missing',
  stale: 'out of date',
  incompatible: 'incompatible',
  orphan: 'of no topic',
  unreadable: 'unreadable',
};
