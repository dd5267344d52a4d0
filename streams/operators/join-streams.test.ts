import fc from 'fast-check';
import { stringSerde } from '../serdes.ts';
import { TopologyTestDriver } from '../testing/topology-test-driver.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { type JoinWindows, joinWindows } from '../windows/join-windows.ts';

const text = { key: stringSerde, value: stringSerde };
const lefts = topic('l', text);
const rights = topic('r', text);
const out = topic('out', text);

type Kind = 'inner' | 'left' | 'outer';

/** The join fails on 'boom', after it has told of everything else. */
function joining(kind: Kind, windows: JoinWindows) {
  const builder = new StreamsBuilder();
  const [l, r] = [builder.stream(lefts), builder.stream(rights)];
  const join = (left: string | undefined, right: string | undefined) => {
    if (left === 'boom' || right === 'boom') throw new Error('cannot join a boom');
    return `${left ?? '-'}+${right ?? '-'}`;
  };
  const joined = {
    inner: () => l.joinStream('j', r, { windows, join }),
    left: () => l.leftJoinStream('j', r, { windows, join }),
    outer: () => l.outerJoinStream('j', r, { windows, join }),
  };
  joined[kind]().to(out);
  const driver = new TopologyTestDriver(builder.build());
  const left = (timestampMs: number, value: string | undefined, key: string | undefined = 'k') =>
    driver.input(lefts).pipe(key, value, { timestampMs });
  const right = (timestampMs: number, value: string | undefined, key: string | undefined = 'k') =>
    driver.input(rights).pipe(key, value, { timestampMs });
  const results = () =>
    driver
      .output(out)
      .records()
      .map(({ value, timestampMs }) => `${value}@${timestampMs}`);
  return { driver, left, right, results };
}

const near = joinWindows({ beforeMs: 5, afterMs: 10, graceMs: 2 });

// A left record at 100 ms takes what is from 5 ms before it to 10 ms after it.
test.each`
  at     | results
  ${94}  | ${[]}
  ${95}  | ${['a+b@100']}
  ${100} | ${['a+b@100']}
  ${110} | ${['a+b@110']}
  ${111} | ${[]}
`('a right record at $at ms joins a left one at 100 ms: $results', ({ at, results: expected }) => {
  for (const leftFirst of [true, false]) {
    const wide = joinWindows({ ...near, graceMs: 1_000 });
    const { left, right, results } = joining('inner', wide);
    if (leftFirst) left(100, 'a');
    right(at, 'b');
    if (!leftFirst) left(100, 'a');
    expect(results()).toEqual(expected);
  }
});

// The window of a left record at 100 ms is closed when stream time is past 112 ms: end and grace.
test.each`
  now    | results
  ${112} | ${['a+b@110']}
  ${113} | ${[]}
`('at $now ms a left record of 100 ms is joined: $results', ({ now, results: expected }) => {
  const { driver, left, right, results } = joining('inner', near);
  left(100, 'a');
  left(now, 'x', 'other');
  right(110, 'b');
  expect(results()).toEqual(expected);
  expect(driver.dropped).toEqual({});
});

test('a record whose own window has closed is joined with what is open, and not kept', () => {
  const { driver, left, right, results } = joining('inner', near);
  right(106, 'open');
  left(113, 'x', 'other');
  left(100, 'late');
  expect(results()).toEqual(['late+open@106']);
  right(107, 'b');
  expect(results()).toEqual([]);
  expect(driver.dropped).toEqual({ 'j-this-windowed: late': 1 });
});

test.each`
  kind       | results
  ${'inner'} | ${[]}
  ${'left'}  | ${['a+-@100']}
  ${'outer'} | ${['-+b@100', 'a+-@100']}
`('a $kind join tells what had no match when its window closes', ({ kind, results: expected }) => {
  const symmetric = joinWindows({ beforeMs: 10, afterMs: 10, graceMs: 2 });
  const { driver, left, right, results } = joining(kind, symmetric);
  left(100, 'a', 'k');
  right(100, 'b', 'm');
  left(112, 'x', 'other');
  expect(results()).toEqual([]);
  right(113, 'y', 'another');
  expect(results()).toEqual(expected);
  left(125, 'y', 'other');
  expect(driver.deadLetters()).toEqual([]);
});

test('a match that comes within the grace is the only result, however late the record was', () => {
  const { left, right, results } = joining('left', joinWindows({ ...near, graceMs: 50 }));
  right(120, 'x', 'other');
  left(100, 'a'); // Its window has ended, its grace has not: Kafka Streams tells 'a+-' here,
  expect(results()).toEqual([]);
  right(101, 'b'); // and 'a+b' here.
  left(300, 'y', 'other');
  expect(results()).toEqual(['a+b@101']);
});

test('records of one key and time each have their results, in the order of their coming', () => {
  const { left, right, results } = joining('outer', near);
  left(100, 'a');
  left(100, 'b');
  left(100, 'c', 'alone');
  left(100, 'd', 'alone');
  right(100, 'x');
  right(100, 'y');
  left(200, 'far', 'other');
  expect(results()).toEqual(['a+x@100', 'b+x@100', 'a+y@100', 'b+y@100', 'c+-@100', 'd+-@100']);
});

test('a record without a value is dropped; one without a key has no match', () => {
  for (const [kind, results, nullKeys] of [
    ['inner', [], { 'j-this-join: null-key': 1, 'j-other-join: null-key': 1 }],
    ['left', ['a+-@1'], { 'j-outer-other-join: null-key': 1 }],
    ['outer', ['a+-@1', '-+b@1'], {}],
  ] as const) {
    const { driver, results: found } = joining(kind, near);
    driver.input(lefts).pipe(undefined, 'a', { timestampMs: 1 });
    driver.input(rights).pipe(undefined, 'b', { timestampMs: 1 });
    driver.input(lefts).pipe('k', undefined, { timestampMs: 900 });
    expect(found()).toEqual(results);
    const nullValues = Object.entries(driver.dropped).filter(([why]) => why.includes('null-value'));
    expect(nullValues.map(([, count]) => count)).toEqual([1]);
    expect(driver.dropped).toMatchObject(nullKeys);
  }
});

test('keys that begin alike are not joined', () => {
  const { left, right, results } = joining('inner', near);
  left(100, 'a', 'k');
  right(100, 'b', 'kk');
  right(100, 'c', `k${'\0'.repeat(12)}`);
  right(100, 'd', 'k');
  expect(results()).toEqual(['a+d@100']);
});

test('a record that fails leaves nothing: it is not kept, and what it closed is open again', () => {
  const { driver, left, right, results } = joining('outer', near);
  left(100, 'a');
  left(110, 'b');
  const stores = ['this-join', 'other-join', 'shared-join'].map((name) => `j-outer-${name}-store`);
  const kept = () => stores.map((store) => driver.store(store).all());
  const before = kept();
  driver.forgetOutput();
  right(114, 'boom');
  expect(driver.deadLetters()).toHaveLength(1);
  expect(kept()).toEqual(before);
  expect(driver.unreadTopics).toEqual([]);
  right(112, 'c');
  right(114, 'd');
  expect(results()).toEqual(['b+c@112', 'a+-@100', 'b+d@114']);
});

const times = joinWindows({ beforeMs: 5, afterMs: 12, graceMs: 4 });
const step = fc.record({
  side: fc.constantFrom('left' as const, 'right' as const),
  key: fc.constantFrom('a', 'b'),
  ms: fc.nat(80),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Seen extends Step {
  readonly word: string;
  matched: boolean;
  told: boolean;
}

const result = (one: Seen, other: Seen | undefined) => {
  const [left, right] = one.side === 'left' ? [one, other] : [other, one];
  const latestMs = Math.max(one.ms, other?.ms ?? 0);
  return `${left?.word ?? '-'}+${right?.word ?? '-'}@${latestMs}`;
};

/** The join by its definition, over lists. */
function expected(kind: Kind, { beforeMs, afterMs, graceMs }: JoinWindows, steps: readonly Step[]) {
  const seen: Seen[] = [];
  const results: string[] = [];
  let nowMs = -1;
  const isOpen = ({ side, ms }: Seen) =>
    ms + (side === 'left' ? afterMs : beforeMs) + graceMs >= nowMs;
  const isOuter = ({ side }: Seen) => kind === 'outer' || (kind === 'left' && side === 'left');
  const matches = (one: Seen, other: Seen) => {
    const [left, right] = one.side === 'left' ? [one, other] : [other, one];
    const apartMs = right.ms - left.ms;
    return (
      one.side !== other.side && one.key === other.key && -beforeMs <= apartMs && apartMs <= afterMs
    );
  };
  const inOrder = (a: Seen, b: Seen) =>
    a.ms - b.ms ||
    (a.side === b.side
      ? a.key < b.key
        ? -1
        : a.key > b.key
          ? 1
          : 0
      : a.side === 'right'
        ? -1
        : 1);
  for (const [index, { side, key, ms }] of steps.entries()) {
    const one: Seen = { side, key, ms, word: `${index}`, matched: false, told: false };
    nowMs = Math.max(nowMs, ms);
    const alone = seen.filter((old) => !old.matched && !old.told && !isOpen(old) && isOuter(old));
    for (const old of alone.sort(inOrder)) {
      old.told = true;
      results.push(result(old, undefined));
    }
    const others = seen
      .filter((old) => isOpen(old) && matches(one, old))
      .sort((a, b) => a.ms - b.ms);
    for (const other of others) {
      other.matched = true;
      one.matched = true;
      results.push(result(one, other));
    }
    if (!one.matched && isOuter(one) && !isOpen(one)) {
      one.told = true;
      results.push(result(one, undefined));
    }
    if (isOpen(one)) seen.push(one);
  }
  return results;
}

test.each(['inner', 'left', 'outer'] as const)(
  'a %s join does what its definition says, whatever comes when',
  (kind) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { driver, results } = joining(kind, times);
        for (const [index, { side, key, ms }] of steps.entries()) {
          const input = side === 'left' ? lefts : rights;
          driver.input(input).pipe(key, `${index}`, { timestampMs: ms });
        }
        expect(results()).toEqual(expected(kind, times, steps));
      }),
    );
  },
);

test('with grace for all, the results do not depend on the order of arrival', () => {
  const windows = joinWindows({ beforeMs: 5, afterMs: 12, graceMs: 1_000 });
  const arrivals = fc.array(step, { maxLength: 12 }).chain((steps) => {
    const words = steps.map((one, index) => ({ ...one, word: `${index}` }));
    return fc.tuple(fc.constant(words), fc.shuffledSubarray(words, { minLength: words.length }));
  });
  const told = (steps: readonly (Step & { readonly word: string })[]) => {
    const { left, right, results } = joining('outer', windows);
    for (const { side, key, ms, word } of steps) {
      if (side === 'left') left(ms, word, key);
      else right(ms, word, key);
    }
    left(5_000, 'end', 'end');
    return results().sort();
  };
  fc.assert(
    fc.property(arrivals, ([steps, shuffled]) => expect(told(shuffled)).toEqual(told(steps))),
  );
});
