import { kafkaCode } from './kafka-errors.ts';
import { NativeAdmins } from './native-admins.ts';
import type { NativeAdmin } from './native-client.ts';
import { nativeError } from './scripted-producer.ts';

interface Opened extends NativeAdmin {
  readonly name: number;
  isClosed: boolean;
}

function open() {
  const opened: Opened[] = [];
  const admins = new NativeAdmins(() => {
    const admin = {
      name: opened.length,
      isClosed: false,
      disconnect() {
        this.isClosed = true;
      },
    };
    opened.push(admin as Opened);
    return admin as Opened;
  });
  return { admins, opened };
}

/** A call that is under way until it is told how to end. */
function call(admins: NativeAdmins) {
  let by: number | undefined;
  let end = () => {};
  let fail: (code: number) => void = () => {};
  const ending = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = (code) => reject(nativeError(code));
  });
  const ended = admins.use((admin) => {
    by = (admin as Opened).name;
    return ending;
  });
  return {
    ...{ end, fail, ended },
    get by() {
      return by;
    },
  };
}

test('calls beside each other have an admin each, and the next ones take those that are free', async () => {
  const { admins, opened } = open();
  const first = [call(admins), call(admins)];
  expect(first.map(({ by }) => by)).toEqual([0, 1]);
  for (const { end } of first) end();
  await Promise.all(first.map(({ ended }) => ended));
  const next = [call(admins), call(admins)];
  expect(next.map(({ by }) => by).sort()).toEqual([0, 1]);
  expect(opened.length).toBe(2);
  for (const { end } of next) end();
});

test('a fifth call waits for one of four to end', async () => {
  const { admins } = open();
  const calls = [1, 2, 3, 4, 5].map(() => call(admins));
  expect(calls.map(({ by }) => by)).toEqual([0, 1, 2, 3, undefined]);
  calls[2]?.fail(kafkaCode.unknownTopic);
  await expect(calls[2]?.ended).rejects.toMatchObject({ code: kafkaCode.unknownTopic });
  for (const { end } of calls) end();
  await calls[4]?.ended;
  expect(calls[4]?.by).toBe(2);
});

test.each([74, 75, kafkaCode.localTimedOut])(
  'after the error %i no admin of before is asked any more',
  async (code) => {
    const { admins, opened } = open();
    const [idle, stale, busy] = [call(admins), call(admins), call(admins)];
    idle.end();
    await idle.ended;
    stale.fail(code);
    await expect(stale.ended).rejects.toMatchObject({ code });
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    busy.end();
    await busy.ended;
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
    const next = call(admins);
    expect(next.by).toBe(3);
    next.end();
  },
);

test('one that is at work when all are closed ends its work before', async () => {
  const { admins, opened } = open();
  const working = call(admins);
  admins.close();
  expect(opened[0]?.isClosed).toBe(false);
  working.end();
  await working.ended;
  expect(opened[0]?.isClosed).toBe(true);
});
