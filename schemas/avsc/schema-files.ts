/**
 * The schemas as files, for programs in other languages: what each must hold, and what is wrong with
 * those that are there. A file that changes must go on reading what was written with it before.
 */
import { type AvroJson, incompatibilities, type Topic } from '#streams';

export interface Fault {
  readonly file: string;
  /** `stale` and `missing` are mended by writing the files; the others are a decision. */
  readonly kind: 'missing' | 'stale' | 'incompatible' | 'orphan' | 'unreadable';
  /** What is wrong, a sentence each. */
  readonly reasons: readonly string[];
  readonly remedy: string;
}

/** The text of each file by its name, one for the values of each topic. */
// biome-ignore lint/suspicious/noExplicitAny: topics of every kind
export function schemaFiles(topics: readonly Topic<any, any>[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { name, value } of topics) {
    if (!('avro' in value)) continue; // Not in Avro, so there is no schema to show.
    files.set(`${name}-value.avsc`, `${JSON.stringify(value.avro, null, 2)}\n`);
  }
  return files;
}

/** Compares the declared files with those that are `written`, by name. Empty when all is well. */
export function faultsOf(
  declared: ReadonlyMap<string, string>,
  written: ReadonlyMap<string, string>,
): Fault[] {
  const faults: Fault[] = [];
  for (const [file, text] of declared) {
    const before = written.get(file);
    if (before !== text) faults.push(faultOf(file, text, before));
  }
  for (const file of written.keys()) {
    if (declared.has(file)) continue;
    const reasons = ['no topic declares this schema'];
    faults.push({ file, kind: 'orphan', reasons, remedy: 'delete the file, or list its topic' });
  }
  return faults;
}

function faultOf(file: string, text: string, before: string | undefined): Fault {
  const write = 'run `npm run schemas` and commit the file';
  if (before === undefined) {
    const reasons = ['the topic is declared and its schema is not written'];
    return { file, kind: 'missing', reasons, remedy: write };
  }
  const writer = parsed(before);
  if (writer === undefined) {
    const remedy = 'restore the file from the repository';
    return { file, kind: 'unreadable', reasons: ['the file holds no JSON'], remedy };
  }
  const reasons = incompatibilities(JSON.parse(text) as AvroJson, writer);
  if (reasons.length > 0) {
    const remedy =
      'give a new field a default (avro.withDefault, avro.nullable), keep what was there, or ' +
      'declare a new topic; records of the old kind are in the log';
    return { file, kind: 'incompatible', reasons, remedy };
  }
  const changed = firstDifference(text, before);
  return { file, kind: 'stale', reasons: [changed], remedy: write };
}

function parsed(text: string): AvroJson | undefined {
  try {
    return JSON.parse(text) as AvroJson;
  } catch {
    return undefined;
  }
}

function firstDifference(text: string, before: string): string {
  const [now, then] = [text.split('\n'), before.split('\n')];
  const at = now.findIndex((line, index) => line !== then[index]);
  const line = (lines: readonly string[]) => lines[at]?.trim() ?? 'the end of the file';
  return `line ${at + 1} is \`${line(then)}\` and ought to be \`${line(now)}\``;
}
