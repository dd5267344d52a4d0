import { readFileSync } from 'node:fs';
import { isFinal, orderStatuses } from '#schemas/orders';
import { firstStatuses, stateDiagram, transitions } from './order-states.ts';

test('docs/order-states.md draws the table of transitions', () => {
  const page = readFileSync(new URL('../../docs/order-states.md', import.meta.url), 'utf8');
  const drawn = /```mermaid\n(.*?)```/s.exec(page)?.[1];
  expect(drawn).toBe(stateDiagram());
});

test('docs/order-states.md explains every status', () => {
  const page = readFileSync(new URL('../../docs/order-states.md', import.meta.url), 'utf8');
  const explained = [...page.matchAll(/^\| ([a-z_]+) \|/gm)].map((match) => match[1]);
  expect(explained).toEqual(['status', ...orderStatuses]);
});

test('a status is final exactly when no way leads out of it', () => {
  for (const status of orderStatuses) {
    expect([status, isFinal(status)]).toEqual([status, transitions[status].length === 0]);
  }
});

test('every status can be reached from a new order', () => {
  const reached = new Set(firstStatuses);
  for (const status of reached) for (const next of transitions[status]) reached.add(next);
  expect([...reached].sort()).toEqual([...orderStatuses].sort());
});
