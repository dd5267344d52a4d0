import { taskLayout } from './task-layout.ts';

const partitionsOf = (topic: string) =>
  ({ orders: 3, payments: 3, clicks: 2, rates: 1 })[topic] ?? 0;

function layoutOf(topics: readonly string[], together: readonly (readonly string[])[] = []) {
  return taskLayout({ groupId: 'shop', topics, together, partitionsOf });
}

const named = (topics: readonly string[], together: readonly (readonly string[])[] = []) =>
  layoutOf(topics, together).tasks.map((inputs) =>
    inputs.map(({ topic, partition }) => `${topic}:${partition}`).join(' '),
  );

test('a topic that stands alone is a task for each partition', () => {
  expect(named(['orders', 'clicks'])).toEqual([
    'orders:0',
    'orders:1',
    'orders:2',
    'clicks:0',
    'clicks:1',
  ]);
});

test('topics that belong together share tasks, also with fewer partitions', () => {
  expect(named(['orders', 'payments', 'rates'], [['orders', 'payments', 'rates']])).toEqual([
    'orders:0 payments:0 rates:0',
    'orders:1 payments:1',
    'orders:2 payments:2',
  ]);
});

test('sets that share a topic are one, so that no partition is in two tasks', () => {
  const tasks = named(
    ['orders', 'payments', 'clicks'],
    [
      ['orders', 'payments'],
      ['payments', 'clicks'],
    ],
  );
  expect(tasks).toEqual([
    'clicks:0 orders:0 payments:0',
    'clicks:1 orders:1 payments:1',
    'orders:2 payments:2',
  ]);
});

test('members that number their tasks alike have one fingerprint, others another', () => {
  const both = layoutOf(['orders', 'clicks']);
  expect(layoutOf(['orders', 'clicks']).fingerprint).toBe(both.fingerprint);
  expect(layoutOf(['clicks', 'orders']).fingerprint).not.toBe(both.fingerprint);
  expect(layoutOf(['orders', 'clicks'], [['orders', 'clicks']]).fingerprint).not.toBe(
    both.fingerprint,
  );
  expect(both.topic).toBe('shop-tasks');
});
