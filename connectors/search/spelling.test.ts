import fc from 'fast-check';
import { deletionsOf, editDistance, storedDeletionsOf, toleranceOf } from './spelling.ts';

// a; b; how many edits apart
test.each([
  ['tea', 'tea', 0],
  ['tea', 'team', 1],
  ['tea', 'ta', 1],
  ['tea', 'tia', 1],
  ['tea', 'tae', 1],
  ['kettle', 'ekttel', 2],
  ['ca', 'abc', 3], // No part is edited twice: the unrestricted distance would be 2.
  ['', 'abc', 3],
])('%j and %j are %i edits apart', (a, b, edits) => {
  expect(editDistance(a, b)).toBe(edits);
  expect(editDistance(b, a)).toBe(edits);
});

const letters = fc.constantFrom(...'abcdefgh');
const word = fc.string({ unit: letters, minLength: 3, maxLength: 14 });

type Edit = (text: string, at: number, letter: string) => string;
const edits: readonly Edit[] = [
  (text, at) => text.slice(0, at) + text.slice(at + 1),
  (text, at, letter) => text.slice(0, at) + letter + text.slice(at),
  (text, at, letter) => text.slice(0, at) + letter + text.slice(at + 1),
  (text, at) => text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2),
];
const edit = fc.tuple(fc.constantFrom(...edits), fc.nat({ max: 13 }), letters);

test('a misspelt word shares a deletion with what was meant, whatever was done to it', () => {
  fc.assert(
    fc.property(word, fc.array(edit, { minLength: 1, maxLength: 2 }), (meant, changes) => {
      const typed = changes.reduce(
        (text, [change, at, letter]) => change(text, at % Math.max(1, text.length), letter),
        meant,
      );
      const tolerance = toleranceOf(typed);
      fc.pre(tolerance > 0 && meant.length >= 3 && editDistance(typed, meant) <= tolerance);
      const stored = storedDeletionsOf(meant);
      expect([...deletionsOf(typed, tolerance)].some((deletion) => stored.has(deletion))).toBe(
        true,
      );
    }),
    { numRuns: 2_000 },
  );
});

// word; how many mistakes are forgiven
test.each([
  ['tea', 0],
  ['shirt', 1],
  ['battery', 1],
  ['notebook', 2],
  ['400ml', 0],
])('forgives in %j %i mistakes', (text, mistakes) => {
  expect(toleranceOf(text)).toBe(mistakes);
});
