import { sessionRetentionMs, sessionWindowFaults, sessionWindows } from './session-windows.ts';

test('a session is kept as long as it may take records, or as its retention says', () => {
  expect(sessionRetentionMs(sessionWindows({ inactivityGapMs: 10 }))).toBe(10);
  expect(sessionRetentionMs(sessionWindows({ inactivityGapMs: 10, graceMs: 5 }))).toBe(15);
  const longer = sessionWindows({ inactivityGapMs: 10, graceMs: 5, retentionMs: 99 });
  expect(sessionRetentionMs(longer)).toBe(99);
  expect(sessionWindowFaults(longer)).toEqual([]);
});

test.each`
  windows                                                | fault
  ${{ inactivityGapMs: 0 }}                              | ${/gap of 0 ms: it must be a whole number above 0/}
  ${{ inactivityGapMs: 1.5 }}                            | ${/gap of 1.5 ms/}
  ${{ inactivityGapMs: 10, graceMs: -1 }}                | ${/grace of -1 ms/}
  ${{ inactivityGapMs: 10, graceMs: 5, retentionMs: 1 }} | ${/at least gap and grace, 15 ms/}
`('sessions out of range are refused: $fault', ({ windows, fault }) => {
  expect(sessionWindowFaults(sessionWindows(windows))).toEqual([expect.stringMatching(fault)]);
});
