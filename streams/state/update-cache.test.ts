import { CacheBudget } from './cache-budget.ts';
import { MemoryTaskStorage } from './memory-storage.ts';
import { UpdateCache } from './update-cache.ts';
import { WriteBuffer } from './write-buffer.ts';

/** A cache over a store of words, each with a row that is a number. */
function open(maxBytes = 10_000) {
  const budget = new CacheBudget(maxBytes);
  const buffer = new WriteBuffer('s', new MemoryTaskStorage());
  let record = 0;
  const cache = new UpdateCache('s', budget, () => record);
  const rowOf = (value: number | undefined) =>
    value === undefined ? undefined : { value, timestampMs: 0 };
  const update = (key: string, value: number | undefined, before?: number) => {
    const slot = buffer.slot(Buffer.from(key));
    const newRow = rowOf(value);
    buffer.write(slot, newRow && Buffer.from([value as number]), newRow, 0);
    const more = { timestampMs: 0, headers: undefined };
    cache.hold({ slot, key, newRow, oldRow: rowOf(before), ...more });
  };
  const done = () => {
    buffer.setSavepoint();
    cache.setSavepoint();
    record += 1;
  };
  const fails = () => {
    buffer.rollbackToSavepoint();
    cache.rollbackToSavepoint();
    record += 1;
  };
  const drain = () => {
    const sent: [unknown, unknown, unknown, number][] = [];
    for (let held = cache.oldest(); held !== undefined; held = cache.oldest()) {
      sent.push([held.key, held.oldRow?.value, held.newRow?.value, held.origin]);
      cache.release(held);
      done();
    }
    return sent;
  };
  const discard = () => {
    buffer.discard();
    cache.discard();
  };
  return { budget, cache, update, done, fails, drain, discard };
}

test('of several updates of a key the newest is held, with the old row of the first', () => {
  const { update, done, drain } = open();
  update('a', 2, 1);
  done();
  update('b', 7);
  done();
  update('a', 3, 2);
  done();
  expect(drain()).toEqual([
    ['b', undefined, 7, 1],
    ['a', 1, 3, 2],
  ]);
  expect(drain()).toEqual([]);
  update('a', 4, 3);
  done();
  expect(drain()).toEqual([['a', 3, 4, 5]]);
});

test('a record that fails takes its updates back, and what they weigh', () => {
  const { update, done, fails, drain, budget } = open();
  update('a', 1);
  done();
  update('b', 1);
  done();
  const { usedBytes } = budget;
  update('a', 2, 1);
  update('c', 1);
  update('a', undefined, 2);
  fails();
  expect(budget.usedBytes).toBe(usedBytes);
  expect(drain()).toEqual([
    ['a', undefined, 1, 0],
    ['b', undefined, 1, 1],
  ]);
  expect(budget.usedBytes).toBe(0);
});

test('what was discarded is never sent', () => {
  const { update, done, drain, discard, budget } = open();
  update('a', 1);
  done();
  discard();
  expect(budget.usedBytes).toBe(0);
  update('b', 2);
  done();
  expect(drain()).toEqual([['b', undefined, 2, 1]]);
});

test('weighs what it holds once for each key, whatever was superseded', () => {
  const { update, done, budget, cache, drain } = open();
  for (let round = 0; round < 5_000; round++) {
    update(`key-${round % 3}`, 1);
    done();
  }
  // The key, a value of one byte, and what an entry weighs.
  expect(budget.usedBytes).toBe(3 * (5 + 1 + 160));
  expect([cache.updates, cache.sizeBytes]).toEqual([5_000, budget.usedBytes]);
  expect(drain().map(([key]) => key)).toEqual(['key-2', 'key-0', 'key-1']);
});

test('caches of one budget share it', () => {
  const one = open(300);
  one.update('a', 1);
  expect(one.budget.isExceeded).toBe(false);
  one.update('b', 1);
  expect(one.budget.isExceeded).toBe(true);
});
