import fc from 'fast-check';
import { stringSerde } from '../serdes.ts';
import { GlobalTableStore } from './global-table-store.ts';

const bytes = (text: string) => Buffer.from(text);
const key = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 3 });
const update = fc.tuple(key, fc.option(fc.string()));

test('holds the latest row of each key, in the order of the keys bytes', () => {
  fc.assert(
    fc.property(fc.array(update), key, key, (updates, from, to) => {
      const table = new GlobalTableStore('t', stringSerde, stringSerde);
      const model = new Map<string, string>();
      for (const [at, value] of updates) {
        table.apply({ key: bytes(at), value: value === null ? null : bytes(value) });
        if (value === null) model.delete(at);
        else model.set(at, value);
        expect(table.get(at)).toBe(model.get(at));
      }
      const sorted = [...model].sort(([a], [b]) => Buffer.compare(bytes(a), bytes(b)));
      const pairs = (rows: Iterable<{ key: string; value: string }>) =>
        [...rows].map((row) => [row.key, row.value]);
      expect(pairs(table.all())).toEqual(sorted);
      expect(pairs(table.range(from, to))).toEqual(
        sorted.filter(
          ([at]) =>
            Buffer.compare(bytes(at), bytes(from)) >= 0 &&
            Buffer.compare(bytes(at), bytes(to)) <= 0,
        ),
      );
      expect(pairs(table.prefixScan(from))).toEqual(sorted.filter(([at]) => at.startsWith(from)));
      expect(table.size).toBe(model.size);
    }),
  );
});

test('a record without a key is no row', () => {
  const table = new GlobalTableStore('t', stringSerde, stringSerde);
  expect(table.apply({ key: null, value: bytes('x') })).toBe(false);
  expect(table.size).toBe(0);
});

test('a row is decoded when it is first read, and once', () => {
  let decoded = 0;
  const counting = {
    ...stringSerde,
    deserialize: (value: Uint8Array) => {
      decoded++;
      return stringSerde.deserialize(value);
    },
  };
  const table = new GlobalTableStore('t', stringSerde, counting);
  table.apply({ key: bytes('a'), value: bytes('1') });
  expect(decoded).toBe(0);
  table.get('a');
  table.get('a');
  expect(decoded).toBe(1);
});
