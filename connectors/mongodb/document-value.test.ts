import fc from 'fast-check';
import { BSON } from 'mongodb';
import { fromDocument, toDocument } from './document-value.ts';

const names = fc.oneof(
  fc.string(),
  fc.constantFrom('price.inr', '$set', '$', '%', '%2e', '_bsontype', 'a\0b', '__proto__', '1', ''),
);
const values = fc.dictionary(
  names,
  fc.oneof(fc.string(), fc.array(fc.dictionary(names, fc.integer()))),
);

test('every value comes back through BSON as it was, whatever its names', () => {
  fc.assert(
    fc.property(values, (value) => {
      const stored = BSON.deserialize(BSON.serialize({ value: toDocument(value) }));
      expect(fromDocument(stored['value'])).toEqual(value);
    }),
  );
});

test('no name means anything to MongoDB or its driver', () => {
  fc.assert(
    fc.property(values, (value) => {
      for (const name of Object.keys(toDocument(value))) {
        expect(name).not.toMatch(/[.\0]|^\$|^_bsontype$/);
      }
    }),
  );
});

test('what needs no escape is not copied', () => {
  const value = { title: 'Tea', lines: [{ id: 'a' }], price: { amount: 1.5 } };
  expect(toDocument(value)).toBe(value);
  expect(fromDocument(value)).toBe(value);
});
