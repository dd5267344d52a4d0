import fc from 'fast-check';
import { seededRandom, seedOf } from './random.ts';

test('gives the published sequence of mulberry32, so that a seed means the same for ever', () => {
  const random = seededRandom(1);
  expect([random.next(), random.next(), random.next()]).toEqual([
    0.6270739405881613, 0.002735721180215478, 0.5274470399599522,
  ]);
});

test('stays within both ends, whatever the seed', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: -50, max: 50 }), fc.nat(50), (seed, low, span) => {
      const number = seededRandom(seed).between(low, low + span);
      expect(number).toBeGreaterThanOrEqual(low);
      expect(number).toBeLessThanOrEqual(low + span);
    }),
  );
});

test('seeds each number of a sequence differently', () => {
  const seeds = Array.from({ length: 10_000 }, (_, index) => seedOf(7, index));
  expect(new Set(seeds).size).toBe(seeds.length);
});

test('refuses to pick from nothing', () => {
  expect(() => seededRandom(1).pick([])).toThrow('cannot pick from an empty list');
});
