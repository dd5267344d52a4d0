import { type AnySchema, avro, stringSerde, topic } from '#streams';
import { allTopics } from '../all-topics.ts';
import { checkCommittedSchemas } from './committed-schemas.ts';
import { schemaFiles } from './schema-files.ts';

const { int, nullable, record, string } = avro;

const teas = (value: AnySchema) => [topic('tea.events', { key: stringSerde, value })];
const committed = schemaFiles(teas(record('Tea', { leaf: string })));

test('the shop starts on the schemas that are committed', () => {
  expect(checkCommittedSchemas(allTopics)).toBeUndefined();
});

test('a schema that has grown and can read the committed one starts, and is told of', () => {
  const grown = teas(record('Tea', { leaf: string, grams: nullable(int) }));
  expect(checkCommittedSchemas(grown, committed)).toBe(
    'schemas/avsc: tea.events-value.avsc is out of date; see `npm run check:schemas`',
  );
});

test('a file that is missing or of no topic keeps nothing from starting', () => {
  const others = new Map([['old.events-value.avsc', '"string"']]);
  expect(checkCommittedSchemas(teas(record('Tea', { leaf: string })), others)).toBe(
    'schemas/avsc: tea.events-value.avsc is missing, old.events-value.avsc is of no topic; ' +
      'see `npm run check:schemas`',
  );
});

test('a schema that cannot read the committed one does not start, and the field is named', () => {
  const broken = teas(record('Tea', { leaf: string, grams: int }));
  const check = () => checkCommittedSchemas(broken, committed);
  expect(check).toThrow(expect.objectContaining({ code: 'STREAMS_SCHEMA_INCOMPATIBLE' }));
  expect(check).toThrow(
    'schemas/avsc/tea.events-value.avsc: incompatible\n' +
      "  grams: new in record 'Tea' and without a default for older records\n" +
      '  remedy: give a new field a default',
  );
});
