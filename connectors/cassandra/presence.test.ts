import fc from 'fast-check';
import { flipsAfter, flipsSince, isPresentAt } from './presence.ts';

// changes: of one key, offset and whether it has a value then.
const changesOf = (values: readonly boolean[], from = 0) =>
  values.map((isPresent, index) => ({ offset: BigInt(from + index), isPresent }));

test.each`
  values                        | at     | present
  ${[]}                         | ${5n}  | ${false}
  ${[true]}                     | ${0n}  | ${false}
  ${[true]}                     | ${1n}  | ${true}
  ${[true, false]}              | ${1n}  | ${true}
  ${[true, false]}              | ${2n}  | ${false}
  ${[false, true, true, false]} | ${3n}  | ${true}
  ${[false, true, true, false]} | ${1n}  | ${false}
  ${[false, true, true, false]} | ${99n} | ${false}
`('after $values the key is present at $at: $present', ({ values, at, present }) => {
  expect(isPresentAt(flipsAfter([], changesOf(values)), at)).toBe(present);
});

test('knows the past of a key at every offset, in whatever steps it learnt it', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), fc.nat(20), fc.nat(20), (values, cut, asked) => {
      const changes = changesOf(values);
      const flips = flipsAfter(flipsAfter([], changes.slice(0, cut)), changes.slice(cut));
      const before = values.slice(0, asked).at(-1) ?? false;
      expect(isPresentAt(flips, BigInt(asked))).toBe(before);
    }),
  );
});

test('forgets only what is below the position', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), fc.nat(20), fc.nat(20), (values, position, further) => {
      const flips = flipsAfter([], changesOf(values));
      const kept = flipsSince(flips, BigInt(position));
      const asked = BigInt(position + further);
      expect(isPresentAt(kept, asked)).toBe(isPresentAt(flips, asked));
      expect(
        kept.filter((flip) => flip >= -BigInt(position) && flip <= BigInt(position)).length,
      ).toBeLessThanOrEqual(1);
    }),
  );
});
