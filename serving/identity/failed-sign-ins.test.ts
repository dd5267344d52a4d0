import { failedSignIns } from './failed-sign-ins.ts';

const ann = 'ann@example.org';

function open() {
  const clock = { at: 1_000_000, nowMs: () => clock.at };
  return { clock, tries: failedSignIns(clock) };
}

function fail(tries: ReturnType<typeof failedSignIns>, times: number): void {
  for (let count = 0; count < times; count++) tries.failed(ann);
}

test('ten failures are forgiven, then the account takes no more tries', () => {
  const { tries } = open();
  fail(tries, 9);
  tries.check(ann);
  fail(tries, 1);
  expect(() => tries.check(ann)).toThrow(/wait, then try again/);
  tries.check('ben@example.org');
});

test('a quarter of an hour after the first failure there is another try', () => {
  const { clock, tries } = open();
  fail(tries, 1);
  clock.at += 60_000;
  fail(tries, 9);
  clock.at += 14 * 60_000 - 1;
  expect(() => tries.check(ann)).toThrow();
  clock.at += 1;
  tries.check(ann);
});

test('a success forgets the failures', () => {
  const { tries } = open();
  fail(tries, 9);
  tries.succeeded(ann);
  fail(tries, 9);
  tries.check(ann);
});
