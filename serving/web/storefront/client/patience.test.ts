import { patiently, pauseOf } from './patience.ts';

const answerOf = (status: number, retryAfter?: string) =>
  new Response(null, {
    status,
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  });

/** Plays these answers, the last one for ever, and notes the pauses. */
async function play(...answers: readonly Response[]) {
  const pauses: number[] = [];
  let asked = 0;
  const ask = async () => answers[Math.min(asked++, answers.length - 1)] as Response;
  const wait = async (pauseMs: number) => void pauses.push(pauseMs);
  const { status } = await patiently(ask, { wait, told: () => undefined });
  return { status, asked, pauses };
}

test('a busy shop is asked again after the pause that it names', async () => {
  const played = await play(answerOf(503, '2'), answerOf(200));
  expect(played).toEqual({ status: 200, asked: 2, pauses: [2_000] });
});

test('a shop that stays busy is asked three times, then the shopper is told', async () => {
  const played = await play(answerOf(503, '1'));
  expect(played).toEqual({ status: 503, asked: 3, pauses: [1_000, 1_000] });
});

test.each`
  status | retryAfter   | why
  ${503} | ${undefined} | ${'names no pause'}
  ${503} | ${'600'}     | ${'names a pause that nobody waits for'}
  ${429} | ${'1'}       | ${'says that the shopper is too fast'}
  ${409} | ${'1'}       | ${'has decided'}
`('an answer that $why is the answer', async ({ status, retryAfter }) => {
  expect(await play(answerOf(status, retryAfter))).toEqual({ status, asked: 1, pauses: [] });
});

test('a pause is a number of seconds', () => {
  expect(pauseOf('5')).toBe(5_000);
  expect(pauseOf('Mon, 23 Nov 2026 20:00:00 GMT')).toBeUndefined();
  expect(pauseOf('-1')).toBeUndefined();
  expect(pauseOf(null)).toBeUndefined();
});
