import fc from 'fast-check';
import { hoppingWindows, tumblingWindows, windowFaults, windowsFor } from './time-windows.ts';

// Windows are 10 ms long, every 4 ms.
test.each`
  at    | starts
  ${0}  | ${[0]}
  ${3}  | ${[0]}
  ${4}  | ${[0, 4]}
  ${9}  | ${[0, 4, 8]}
  ${10} | ${[4, 8]}
  ${13} | ${[4, 8, 12]}
  ${14} | ${[8, 12]}
`('the instant $at ms is in the hopping windows that start at $starts', ({ at, starts }) => {
  const windows = hoppingWindows({ sizeMs: 10, advanceMs: 4 });
  expect(windowsFor(windows, at).map(({ startMs }) => startMs)).toEqual(starts);
});

test('an instant is in exactly one tumbling window', () => {
  const windows = tumblingWindows({ sizeMs: 10 });
  expect(windowsFor(windows, 9)).toEqual([{ startMs: 0, endMs: 10 }]);
  expect(windowsFor(windows, 10)).toEqual([{ startMs: 10, endMs: 20 }]);
});

test('the windows of an instant are all that contain it, in order', () => {
  const size = fc.integer({ min: 1, max: 50 });
  const instant = fc.integer({ min: 0, max: 500 });
  fc.assert(
    fc.property(size, size, instant, (a, b, at) => {
      const [advanceMs, sizeMs] = [Math.min(a, b), Math.max(a, b)];
      const expected: number[] = [];
      for (let startMs = 0; startMs <= at; startMs += advanceMs) {
        if (at < startMs + sizeMs) expected.push(startMs);
      }
      const found = windowsFor(hoppingWindows({ sizeMs, advanceMs }), at);
      expect(found.map(({ startMs }) => startMs)).toEqual(expected);
      expect(found.every(({ startMs, endMs }) => endMs - startMs === sizeMs)).toBe(true);
    }),
  );
});

test.each`
  windows                                                       | fault
  ${{ sizeMs: 0, advanceMs: 1, graceMs: 0 }}                    | ${/size must be a whole number above 0/}
  ${{ sizeMs: 1.5, advanceMs: 1, graceMs: 0 }}                  | ${/size must be a whole number/}
  ${{ sizeMs: 10, advanceMs: 0, graceMs: 0 }}                   | ${/advance must be in 1..10/}
  ${{ sizeMs: 10, advanceMs: 11, graceMs: 0 }}                  | ${/advance must be in 1..10/}
  ${{ sizeMs: 10, advanceMs: 10, graceMs: -1 }}                 | ${/grace of -1 ms/}
  ${{ sizeMs: 10, advanceMs: 10, graceMs: 5, retentionMs: 14 }} | ${/at least size and grace, 15 ms/}
`('windows out of range are refused: $fault', ({ windows, fault }) => {
  expect(windowFaults(windows)).toEqual([expect.stringMatching(fault)]);
  expect(() => windowsFor(windows, 0)).toThrow(
    expect.objectContaining({ code: 'STREAMS_TOPOLOGY_INVALID' }),
  );
});

test('windows in range have no fault', () => {
  expect(windowFaults({ sizeMs: 10, advanceMs: 5, graceMs: 5, retentionMs: 15 })).toEqual([]);
});
