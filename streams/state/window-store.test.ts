import fc from 'fast-check';
import type { StateWrite } from '../log/log.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { expiryIndexName } from './expiry-index.ts';
import { MemoryTaskStorage } from './memory-storage.ts';
import { BufferedWindowStore } from './window-store.ts';
import { WriteBuffer } from './write-buffer.ts';

const windowSizeMs = 10;

function open(retentionMs: number, storage = new MemoryTaskStorage()) {
  const buffer = new WriteBuffer('w', storage);
  const expiry = new WriteBuffer(expiryIndexName('w'), storage);
  const serdes = { key: stringSerde, value: longSerde };
  const store = new BufferedWindowStore({ windowSizeMs, retentionMs, buffer, expiry, ...serdes });
  const commit = () => {
    const writes: StateWrite[] = [];
    for (const each of [buffer, expiry]) {
      each.addWrites(writes);
      each.prepare();
      each.markCommitted();
    }
    storage.apply(writes);
  };
  const fail = () => {
    buffer.rollbackToSavepoint();
    expiry.rollbackToSavepoint();
  };
  const put = (key: string, startMs: number, value: number) =>
    store.put(key, startMs, { value, timestampMs: startMs });
  return { store, storage, commit, fail, put };
}

const rows = (
  entries: Iterable<{ key: { key: string; window: { startMs: number } }; value: number }>,
) => [...entries].map(({ key, value }) => [key.key, key.window.startMs, value]);

test('the windows of a key are read by their starts, earliest first, and no other key is', () => {
  const { store, put, commit } = open(1_000);
  put('ab', 10, 1);
  put('a', 20, 2);
  commit();
  put('a', 10, 3);
  put('a\0\0\0\0', 10, 4);
  expect(rows(store.fetchRange('a', 10, 20))).toEqual([
    ['a', 10, 3],
    ['a', 20, 2],
  ]);
  expect(rows(store.fetchRange('a', 11, 19))).toEqual([]);
  expect(store.fetch('a', 20)).toEqual({ value: 2, timestampMs: 20 });
  expect(store.fetch('a', 30)).toBeUndefined();
});

test('the windows of every key are read in the order of their starts', () => {
  const { store, put, commit } = open(1_000);
  put('b', 10, 1);
  put('a', 20, 2);
  commit();
  put('a', 10, 3);
  expect(rows(store.fetchAll(0, 15))).toEqual([
    ['a', 10, 3],
    ['b', 10, 1],
  ]);
  expect(rows(store.fetchAll(10, 20))).toHaveLength(3);
});

// Retention is 15 ms: a window can be read until stream time is 15 ms past its start.
test.each`
  now   | readable
  ${14} | ${true}
  ${15} | ${false}
  ${90} | ${false}
`('at $now ms the window that starts at 0 is readable: $readable', ({ now, readable }) => {
  const { store, put } = open(15);
  put('a', 0, 1);
  store.observe(now);
  expect(store.fetch('a', 0) !== undefined).toBe(readable);
  expect([...store.fetchRange('a', 0, 100)].length === 1).toBe(readable);
  expect([...store.fetchAll(0, 100)].length === 1).toBe(readable);
});

test('what has expired leaves the storage, with its place in the index', () => {
  const { store, put, storage, commit } = open(20);
  for (let startMs = 0; startMs < 500; startMs += 10) {
    store.observe(startMs);
    put('a', startMs, startMs);
    commit();
  }
  expect([...storage.range('w', undefined, undefined)].length).toBeLessThanOrEqual(4);
  expect([...storage.range(expiryIndexName('w'), undefined, undefined)].length).toBeLessThan(6);
});

test('stream time never goes back, survives a restart, and is undone with its record', () => {
  const { store, storage, commit, fail } = open(20);
  expect(store.observe(30)).toBe(30);
  expect(store.observe(20)).toBe(30);
  commit();
  expect(store.observe(99)).toBe(99);
  fail();
  expect(store.observe(1)).toBe(30);
  expect(open(20, storage).store.observe(1)).toBe(30);
});

test('reads what a map of windows holds that are not past their retention', () => {
  const at = fc.nat(30).map((n) => n * 10);
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'ab'), at, commit: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const retentionMs = 50;
      const { store, put, commit } = open(retentionMs);
      const model = new Map<string, number>();
      let nowMs = -1;
      for (const [index, { key, at: startMs, commit: thenCommit }] of steps.entries()) {
        nowMs = store.observe(startMs);
        if (startMs > nowMs - retentionMs) {
          put(key, startMs, index);
          model.set(`${key}@${startMs}`, index);
        }
        if (thenCommit) commit();
      }
      for (const key of ['a', 'b', 'ab']) {
        for (let startMs = 0; startMs <= 300; startMs += 10) {
          const expected =
            startMs > nowMs - retentionMs ? model.get(`${key}@${startMs}`) : undefined;
          expect(store.fetch(key, startMs)?.value).toBe(expected);
        }
      }
    }),
  );
});
