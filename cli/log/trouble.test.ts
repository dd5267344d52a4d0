import { troubleTeller } from './trouble.ts';

function open() {
  const told: string[] = [];
  const clock = { nowMs: 1_000 };
  const trouble = troubleTeller(
    (message) => told.push(message),
    () => clock.nowMs,
  );
  return { told, clock, trouble };
}

const away = (connection: number) =>
  Object.assign(new Error(`connection ${connection} is down`), { code: -195 });

test('tells once what every connection complains of, and again after a while', () => {
  const { told, clock, trouble } = open();
  for (let connection = 0; connection < 50; connection++) trouble(away(connection));
  expect(told).toEqual(['connection 0 is down']);
  clock.nowMs += 30_000;
  trouble(away(50));
  expect(told).toEqual(['connection 0 is down', 'connection 50 is down']);
});

test('tells of other trouble meanwhile, whatever it is', () => {
  const { told, trouble } = open();
  trouble(away(0));
  trouble(Object.assign(new Error('not authorized'), { code: 29 }));
  trouble('strange');
  expect(told).toEqual(['connection 0 is down', 'not authorized', 'strange']);
});
