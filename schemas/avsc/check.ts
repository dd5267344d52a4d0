/** Checks that the schema files are those of the code; with `--write`, writes those that may change. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allTopics } from '../all-topics.ts';
import { committedSchemas, textOf } from './committed-schemas.ts';
import { type Fault, faultsOf, schemaFiles } from './schema-files.ts';

const folder = import.meta.dirname;
const [argument] = process.argv.slice(2);

if (argument !== undefined && argument !== '--write') {
  console.error(`unknown argument '${argument}'\nusage: npm run check:schemas, npm run schemas`);
  process.exitCode = 2;
} else {
  process.exitCode = run(argument === '--write');
}

function run(mayWrite: boolean): number {
  const declared = schemaFiles(allTopics);
  const faults = faultsOf(declared, committedSchemas());
  const left = faults.filter((fault) => !(mayWrite && write(fault, declared)));
  for (const fault of left) console.error(textOf(fault));
  if (left.length === 0) console.log(`${declared.size} schemas are as declared`);
  return left.length === 0 ? 0 : 1;
}

function write({ file, kind }: Fault, declared: ReadonlyMap<string, string>): boolean {
  const text = declared.get(file);
  if (text === undefined || (kind !== 'missing' && kind !== 'stale')) return false;
  writeFileSync(join(folder, file), text);
  console.log(`wrote schemas/avsc/${file}`);
  return true;
}
