/** Rules about the repository itself. Each says why, so that a failure teaches. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'])
  .toString()
  .trim()
  .split('\n')
  .filter((path) => existsSync(path));

const read = (path: string) => ({ path, text: readFileSync(path, 'utf8') });
const sources = tracked.filter((path) => /\.tsx?$/.test(path)).map(read);
const documents = tracked.filter((path) => path.endsWith('.md')).map(read);
const texts = [
  ...sources,
  ...documents,
  ...tracked.filter((path) => /\.(js|cjs|json|css|py|ya?ml|sh|txt)$|^\.ci\//.test(path)).map(read),
];

type File = { readonly path: string; readonly text: string };
const broken = (files: readonly File[], rule: (file: File) => boolean) =>
  files.filter((file) => !rule(file)).map((file) => file.path);

test('a file fits in the head: 400 lines at most', () => {
  expect(broken(sources, ({ text }) => text.split('\n').length <= 401)).toEqual([]);
});

test('a name says what is inside: no utils, helpers, common, misc, manager, base', () => {
  const vague = /(^|[/-])(utils?|helpers?|common|misc|managers?|base|shared|core)([/.-]|$)/;
  expect(broken(sources, ({ path }) => !vague.test(path))).toEqual([]);
});

test('time and chance are passed in, so that a test can replay them', () => {
  const ambient = /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|randomUUID)\b/;
  const pure = sources.filter(({ path }) =>
    /^(streams\/(operators|windows)|topologies|schemas)\//.test(path),
  );
  expect(broken(pure, ({ text }) => !ambient.test(text))).toEqual([]);
});

test('only the command reads the environment or ends the process', () => {
  const ambient = /\bprocess\.(env|exit)\b/;
  const libraries = sources.filter(
    ({ path }) =>
      /^(streams|schemas|topologies|connectors|serving|batch)\//.test(path) &&
      !/\.test\.ts$|\/testing\/|avsc\/check\.ts$|crash/.test(path),
  );
  expect(broken(libraries, ({ text }) => !ambient.test(text))).toEqual([]);
});

test('no test is skipped or runs alone', () => {
  const marked = /\b(it|test|describe)\.(skip|only|todo)\b|\bx(it|test|describe)\(/;
  expect(
    broken(sources, ({ path, text }) => path.endsWith('tidy.test.ts') || !marked.test(text)),
  ).toEqual([]);
});

test('nothing is left half done: a mark of unfinished work is an issue, not a comment', () => {
  const marks = /\b(TODO|FIXME|XXX|HACK)\b/;
  expect(
    broken(sources, ({ path, text }) => path.endsWith('tidy.test.ts') || !marks.test(text)),
  ).toEqual([]);
});

test('the repository names no machine, and the lockfile no download address', () => {
  const machine = /\/work\/(main|shared)|\.\.\/shared\/|"resolved": "https?:/;
  expect(
    broken(texts, ({ path, text }) => path.endsWith('tidy.test.ts') || !machine.test(text)),
  ).toEqual([]);
});

test('every file says at its head what it is', () => {
  const headed = /^(#!.*\n)?(\/\*\*|\/\/|import type|export \{|export type)/;
  const quiet = ({ path }: File) => /\.test\.tsx?$|\.test-types\.ts$/.test(path);
  expect(broken(sources, (file) => quiet(file) || headed.test(file.text))).toEqual([]);
});

test('a document has one title', () => {
  const titles = (text: string) =>
    text.replace(/^```[\s\S]*?^```/gm, '').match(/^# /gm)?.length ?? 0;
  expect(broken(documents, ({ text }) => titles(text) === 1)).toEqual([]);
});

test('a decision record is numbered, and no number is used twice', () => {
  const records = tracked.filter((path) => path.startsWith('docs/decisions/'));
  const names = records.map((path) => path.slice('docs/decisions/'.length));
  expect(names.filter((name) => !/^\d{4}-[a-z0-9-]+\.md$/.test(name))).toEqual([]);
  const numbers = names.map((name) => name.slice(0, 4));
  expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
});

test('every dependency has its reason in a decision record', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const reasons = documents
    .filter(({ path }) => path.startsWith('docs/decisions/'))
    .map(({ text }) => text)
    .join('\n');
  const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(names.filter((name) => !reasons.includes(`\`${name}\``))).toEqual([]);
});

test('every error code of the library and the connectors is explained in docs/errors.md', () => {
  const declared = sources
    .filter(({ path }) => /^(streams\/errors|connectors\/(sink-error|views\/view))\.ts$/.test(path))
    .flatMap(({ text }) => text.match(/'(STREAMS|SINK|VIEW)(_[A-Z]+)+'/g) ?? [])
    .map((quoted) => quoted.slice(1, -1));
  const explained = (
    readFileSync('docs/errors.md', 'utf8').match(/^\| `?[A-Z]+(_[A-Z]+)+/gm) ?? []
  ).map((row) => row.replace(/^\| `?/, ''));
  expect([...new Set(explained)].sort()).toEqual([...new Set(declared)].sort());
});
