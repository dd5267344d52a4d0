import { type Punctuation, Punctuations } from './punctuation.ts';

function scheduled(time: Punctuation['time'], everyMs: number, atMs: number) {
  const fired: number[] = [];
  const punctuations = new Punctuations();
  punctuations.add({ time, everyMs, punctuate: (nowMs) => fired.push(nowMs) }, atMs);
  return { fired, punctuations };
}

test('a wall clock that is set back does not silence a punctuator until it has caught up', () => {
  const hourMs = 3_600_000;
  const { fired, punctuations } = scheduled('wall-clock', 1_000, hourMs);
  punctuations.fire('wall-clock', hourMs + 1_000);
  for (const nowMs of [500, 1_000, 1_499, 1_500]) punctuations.fire('wall-clock', nowMs);
  expect(fired).toEqual([hourMs + 1_000, 1_500]);
});

test('stream time does not go back, and what missed ticks is called once', () => {
  const { fired, punctuations } = scheduled('stream-time', 10, 0);
  for (const nowMs of [-1, 25, 29, 30]) punctuations.fire('stream-time', nowMs);
  expect(fired).toEqual([25, 30]);
});

test('tells how long nothing of the wall clock is due', () => {
  const { punctuations } = scheduled('wall-clock', 1_000, 5_000);
  expect(punctuations.dueInMs(5_400)).toBe(600);
  expect(punctuations.dueInMs(9_000)).toBe(0);
  expect(scheduled('stream-time', 1, 0).punctuations.dueInMs(0)).toBe(Infinity);
});

test('a punctuator that throws is due again', () => {
  const punctuations = new Punctuations();
  let calls = 0;
  const punctuate = () => {
    calls += 1;
    if (calls === 1) throw new Error('not yet');
  };
  punctuations.add({ time: 'wall-clock', everyMs: 10, punctuate }, 0);
  expect(() => punctuations.fire('wall-clock', 10)).toThrow('not yet');
  expect(punctuations.fire('wall-clock', 10)).toBe(1);
});

test('a rollback goes back to the last commit that succeeded, past the one in flight', () => {
  const { fired, punctuations } = scheduled('wall-clock', 10, 0);
  punctuations.fire('wall-clock', 10);
  punctuations.prepare();
  punctuations.fire('wall-clock', 20);
  punctuations.rollback();
  punctuations.fire('wall-clock', 10);
  punctuations.prepare();
  punctuations.fire('wall-clock', 20);
  punctuations.committed();
  punctuations.rollback();
  for (const nowMs of [19, 20]) punctuations.fire('wall-clock', nowMs);
  expect(fired).toEqual([10, 20, 10, 20, 20]);
});
