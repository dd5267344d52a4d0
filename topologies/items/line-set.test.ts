import fc from 'fast-check';
import { hasLine, pageOf, withLine } from './line-set.ts';

test('holds the lines that were put in, and no other', () => {
  const lines = fc.array(fc.integer({ min: 1, max: 2_000 }), { maxLength: 100 });
  fc.assert(
    fc.property(lines, (given) => {
      const pages = new Map<number, Uint8Array>();
      const expected = new Set<number>();
      for (const line of given) {
        expect(hasLine(pages.get(pageOf(line)), line)).toBe(expected.has(line));
        pages.set(pageOf(line), withLine(pages.get(pageOf(line)), line));
        expected.add(line);
      }
      const all = Array.from({ length: 2_000 }, (_, i) => i + 1);
      const held = all.filter((line) => hasLine(pages.get(pageOf(line)), line));
      expect(held).toEqual([...expected].sort((a, b) => a - b));
    }),
  );
});

test('leaves the page as it was and gives a new one', () => {
  const page = withLine(undefined, 7);
  withLine(page, 8);
  expect(hasLine(page, 8)).toBe(false);
});
