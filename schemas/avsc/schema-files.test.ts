import { type AnySchema, avro, stringSerde, topic } from '#streams';
import { allTopics } from '../all-topics.ts';
import { committedSchemas } from './committed-schemas.ts';
import { faultsOf, schemaFiles } from './schema-files.ts';

const { int, nullable, record, string } = avro;

const files = (value: AnySchema) => schemaFiles([topic('tea.events', { key: stringSerde, value })]);
const file = 'tea.events-value.avsc';
const before = record('Tea', { leaf: string });

test('the written schemas are those of the code: else run `npm run schemas` and commit', () => {
  expect(faultsOf(schemaFiles(allTopics), committedSchemas())).toEqual([]);
});

test('finds no fault with what was written before', () => {
  expect(faultsOf(files(before), files(before))).toEqual([]);
});

test('writes a schema as JSON that a person can read', () => {
  const text = files(before).get(file) ?? '';
  expect(JSON.parse(text)).toEqual(before.avro);
  expect(text.split('\n').length).toBeGreaterThan(5);
});

test('misses the schema of a new topic', () => {
  const [fault] = faultsOf(files(before), new Map());
  expect(fault).toMatchObject({ file, kind: 'missing' });
});

test('says where a file is out of date when the change can be read', () => {
  const after = record('Tea', { leaf: string, grams: nullable(int) });
  const [fault, ...others] = faultsOf(files(after), files(before));
  expect(others).toEqual([]);
  expect(fault).toMatchObject({ file, kind: 'stale' });
  expect(fault?.reasons).toEqual([
    expect.stringMatching(/^line \d+ is `.*` and ought to be `.*`$/),
  ]);
});

test('refuses a change that cannot read what was written before, and names the field', () => {
  const after = record('Tea', { leaf: string, grams: int });
  const [fault] = faultsOf(files(after), files(before));
  expect(fault).toMatchObject({
    kind: 'incompatible',
    reasons: ["grams: new in record 'Tea' and without a default for older records"],
  });
});

test('finds a file that no topic declares, and one that is no JSON', () => {
  const written = new Map([
    [file, '{'],
    ['old.events-value.avsc', '"string"'],
  ]);
  expect(faultsOf(files(before), written).map(({ kind }) => kind)).toEqual([
    'unreadable',
    'orphan',
  ]);
});

test('has no file for a topic that is not in Avro', () => {
  expect(schemaFiles([topic('plain', { key: stringSerde, value: stringSerde })]).size).toBe(0);
});
