import fc from 'fast-check';
import { longSerde, sessionWindowedSerde, stringSerde } from '../serdes.ts';
import { TopologyTestDriver } from '../testing/topology-test-driver.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { type SessionWindows, sessionWindows } from '../windows/session-windows.ts';

const text = { key: stringSerde, value: stringSerde };
const words = topic('words', text);
const out = topic('out', { key: sessionWindowedSerde(stringSerde), value: stringSerde });
const total = topic('total', { key: stringSerde, value: longSerde });

/** Joins the words of each session; fails on 'boom', when those near it are merged already. */
function joining(windows: SessionWindows) {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .groupByKey('g')
    .windowedBy(windows)
    .aggregate('sessions', {
      value: stringSerde,
      initial: () => '',
      add: (all, word) => {
        if (word === 'boom') throw new Error('cannot add a boom');
        return all + word;
      },
      merge: (earlier, later) => earlier + later,
    })
    .toStream()
    .to(out);
  const driver = new TopologyTestDriver(builder.build());
  const at = (timestampMs: number, word = 'x', key = 'k') =>
    driver.input(words).pipe(key, word, { timestampMs });
  const updates = () =>
    driver
      .output(out)
      .records()
      .map(({ key: { window }, value, timestampMs }) => [
        window.startMs,
        window.endMs,
        value,
        timestampMs,
      ]);
  const kept = () => driver.store('sessions').all();
  return { driver, at, updates, kept };
}

const gap10 = sessionWindows({ inactivityGapMs: 10, graceMs: 1_000 });

// A session of 'a' at 20 ms and 'b' at 30 ms; then 'c' comes at `at`. Each update is start, end,
// value, time. The gap is 10 ms.
test.each`
  at    | updates
  ${9}  | ${[[9, 9, 'c', 9]]}
  ${10} | ${[[20, 30, undefined, 30], [10, 30, 'abc', 30]]}
  ${25} | ${[[20, 30, undefined, 30], [20, 30, 'abc', 30]]}
  ${40} | ${[[20, 30, undefined, 30], [20, 40, 'abc', 40]]}
  ${41} | ${[[41, 41, 'c', 41]]}
`('a record at $at ms joins the session that it is near enough to', ({ at: ms, updates: all }) => {
  const { at, updates } = joining(gap10);
  at(20, 'a');
  at(30, 'b');
  updates();
  at(ms, 'c');
  expect(updates()).toEqual(all);
});

test('a record between two sessions makes one of them, the earlier first', () => {
  const { at, updates, kept } = joining(gap10);
  at(30, 'b');
  at(10, 'a');
  updates();
  at(20, 'c');
  expect(updates()).toEqual([
    [10, 10, undefined, 10],
    [30, 30, undefined, 30],
    [10, 30, 'abc', 30],
  ]);
  const key = { key: 'k', window: { startMs: 10, endMs: 30 } };
  expect(kept()).toEqual([{ key, value: 'abc' }]);
});

test('sessions of other keys are left alone, also of keys that begin alike', () => {
  const { at, updates } = joining(gap10);
  at(10, 'a', 'k');
  at(10, 'b', 'kk');
  at(10, 'c', `k${'\0'.repeat(16)}`);
  updates();
  at(12, 'd', 'k');
  expect(updates()).toEqual([
    [10, 10, undefined, 10],
    [10, 12, 'ad', 12],
  ]);
});

// One session ended at 20 ms. Gap 10 ms, grace 5 ms: it takes records until stream time is 35 ms.
test.each`
  now   | at    | updates                                          | dropped
  ${35} | ${20} | ${[[20, 20, 'ac', 20]]}                          | ${{}}
  ${36} | ${20} | ${[]}                                            | ${{ 'sessions: late': 1 }}
  ${35} | ${30} | ${[[20, 20, undefined, 20], [20, 30, 'ac', 30]]} | ${{}}
  ${36} | ${30} | ${[[30, 30, 'c', 30]]}                           | ${{}}
`('at $now ms a record of $at ms makes $updates', ({ now, at: ms, updates: all, dropped }) => {
  for (const retentionMs of [undefined, 1_000]) {
    const retained = retentionMs === undefined ? {} : { retentionMs };
    const { driver, at, updates } = joining(
      sessionWindows({ inactivityGapMs: 10, graceMs: 5, ...retained }),
    );
    at(20, 'a');
    at(now, 'b', 'other');
    updates();
    at(ms, 'c');
    expect(updates()).toEqual(all);
    expect(driver.dropped).toEqual(dropped);
  }
});

test('a record without key or value is in no session', () => {
  const { driver, updates } = joining(gap10);
  driver.input(words).pipe(undefined, 'x');
  driver.input(words).pipe('k', undefined);
  expect(updates()).toEqual([]);
  expect(driver.dropped).toEqual({ 'sessions: null-key': 1, 'sessions: null-value': 1 });
});

test('a record that fails leaves every session as it was', () => {
  const { driver, at, updates, kept } = joining(gap10);
  at(10, 'a');
  at(30, 'b');
  updates();
  driver.changelog('sessions');
  const before = kept();
  at(20, 'boom');
  at(500, 'boom');
  expect(kept()).toEqual(before);
  expect(updates()).toEqual([]);
  expect(driver.changelog('sessions')).toEqual([]);
  expect(driver.deadLetters()).toHaveLength(2);
  at(20, 'c');
  expect(kept().map(({ value }) => value)).toEqual(['abc']);
});

test('what is no more is subtracted downstream, whatever the order', () => {
  const builder = new StreamsBuilder();
  builder
    .stream(words)
    .groupByKey('g')
    .windowedBy(gap10)
    .count('sessions')
    .groupBy('by-key', ({ key, value }) => ({ key: key.key, value }), {
      key: stringSerde,
      value: longSerde,
    })
    .aggregate('total', {
      value: longSerde,
      initial: () => 0,
      add: (sum, count) => sum + count,
      subtract: (sum, count) => sum - count,
    })
    .toStream()
    .to(total);
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 20 }), (times) => {
      const driver = new TopologyTestDriver(builder.build());
      for (const timestampMs of times) driver.input(words).pipe('k', 'x', { timestampMs });
      expect(driver.output(total).values().at(-1)).toBe(times.length);
    }),
    { numRuns: 50 },
  );
});

interface Session {
  startMs: number;
  endMs: number;
  words: number[];
}

/** The sessions of one key by their definition: instants at most a gap apart are together. */
function sessionsOf(times: readonly number[], gapMs: number): Session[] {
  const sessions: Session[] = [];
  const inOrder = [...times.entries()].sort(([, a], [, b]) => a - b);
  for (const [word, at] of inOrder) {
    const last = sessions.at(-1);
    if (last === undefined || at - last.endMs > gapMs) {
      sessions.push({ startMs: at, endMs: at, words: [word] });
    } else {
      last.endMs = at;
      last.words.push(word);
    }
  }
  return sessions;
}

test('whatever the order of arrival, the sessions are those of the definition', () => {
  const times = fc.array(fc.nat(120), { maxLength: 25 });
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 30 }), (arrivals, inactivityGapMs) => {
      const { at, updates, kept } = joining(sessionWindows({ inactivityGapMs, graceMs: 1_000 }));
      for (const [word, ms] of arrivals.entries()) at(ms, `${word} `);
      const expected = sessionsOf(arrivals, inactivityGapMs).map(({ startMs, endMs, words }) => [
        startMs,
        endMs,
        words.sort((a, b) => a - b).join(),
      ]);
      const wordsOf = (value: string) =>
        value
          .split(' ')
          .slice(0, -1)
          .map(Number)
          .sort((a, b) => a - b)
          .join();
      const inStore = kept().map(({ key, value }) => {
        const { window } = key as { window: Session };
        return [window.startMs, window.endMs, wordsOf(value as string)];
      });
      expect(inStore).toEqual(expected);

      const downstream = new Map<string, unknown[]>();
      for (const [startMs, endMs, value] of updates()) {
        if (value === undefined) downstream.delete(`${startMs} ${endMs}`);
        else downstream.set(`${startMs} ${endMs}`, [startMs, endMs, wordsOf(value as string)]);
      }
      const inOrder = [...downstream.values()].sort((a, b) => Number(a[0]) - Number(b[0]));
      expect(inOrder).toEqual(expected);
    }),
  );
});

test('with little grace, only what was late is missing, and no closed session changes', () => {
  const step = fc.record({ ms: fc.nat(200), key: fc.constantFrom('a', 'b') });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const [inactivityGapMs, graceMs] = [10, 15];
      const windows = sessionWindows({ inactivityGapMs, graceMs, retentionMs: 10_000 });
      const { driver, at, kept } = joining(windows);
      const model = new Map<string, Session[]>([
        ['a', []],
        ['b', []],
      ]);
      let nowMs = -1;
      let late = 0;
      for (const [word, { ms, key }] of steps.entries()) {
        at(ms, `${word} `, key);
        nowMs = Math.max(nowMs, ms);
        const isOpen = ({ endMs }: Session) => endMs + inactivityGapMs + graceMs >= nowMs;
        const isNear = (session: Session) =>
          session.startMs - ms <= inactivityGapMs && ms - session.endMs <= inactivityGapMs;
        const sessions = model.get(key) ?? [];
        const near = sessions
          .filter((session) => isOpen(session) && isNear(session))
          .sort((a, b) => a.endMs - b.endMs);
        const merged: Session = {
          startMs: Math.min(ms, ...near.map(({ startMs }) => startMs)),
          endMs: Math.max(ms, ...near.map(({ endMs }) => endMs)),
          words: [...near.flatMap(({ words }) => words), word],
        };
        if (isOpen(merged)) {
          const others = sessions.filter((session) => !near.includes(session));
          model.set(key, [...others, merged]);
        } else late++;
      }
      const expected = [...model].flatMap(([key, sessions]) =>
        sessions
          .sort((a, b) => a.endMs - b.endMs)
          .map(({ startMs, endMs, words }) => ({
            key: { key, window: { startMs, endMs } },
            value: words.map((word) => `${word} `).join(''),
          })),
      );
      expect(kept()).toEqual(expected);
      expect(driver.dropped['sessions: late'] ?? 0).toBe(late);
    }),
  );
});
