import type { StateWrite } from '../log/log.ts';
import { stringSerde } from '../serdes.ts';
import { expiryIndexName } from './expiry-index.ts';
import { BufferedJoinBuffer } from './join-buffer.ts';
import { MemoryTaskStorage } from './memory-storage.ts';
import { lastSequence, sequenceOfWindowKey } from './window-key.ts';
import { WriteBuffer } from './write-buffer.ts';

const serdes = { key: stringSerde, value: stringSerde };

function open(storage = new MemoryTaskStorage()) {
  const buffer = new WriteBuffer('b', storage);
  const expiry = new WriteBuffer(expiryIndexName('b'), storage);
  const store = new BufferedJoinBuffer({ retentionMs: 20, buffer, expiry, ...serdes });
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
    for (const each of [buffer, expiry]) each.rollbackToSavepoint();
  };
  const sequences = () =>
    [...storage.range('b', undefined, undefined)].map(([key]) => sequenceOfWindowKey(key));
  return { store, storage, commit, fail, sequences };
}

test('records of one key and time are all kept, in the order of their coming', () => {
  const { store, storage, commit } = open();
  store.put('a', '1', 5);
  store.put('a', '2', 5);
  commit();
  const again = open(storage);
  again.store.put('a', '3', 5);
  again.store.put('a', '0', 4);
  again.store.put('b', '4', 5);
  expect(again.store.fetch('a', 4, 5)).toEqual([
    { value: '0', timestampMs: 4 },
    { value: '1', timestampMs: 5 },
    { value: '2', timestampMs: 5 },
    { value: '3', timestampMs: 5 },
  ]);
  again.commit();
  expect(again.sequences().sort()).toEqual([1, 2, 3, 4, 5]);
});

test('a record that is undone gives its sequence back', () => {
  const { store, commit, fail, sequences } = open();
  store.put('a', '1', 5);
  commit();
  store.put('a', 'undone', 5);
  fail();
  store.put('a', '2', 5);
  commit();
  expect(sequences()).toEqual([1, 2]);
});

test('the sequence goes round within 31 bits', () => {
  const { store, storage, commit, sequences } = open();
  const last = Buffer.alloc(4);
  last.writeInt32BE(lastSequence - 1);
  storage.apply([{ store: expiryIndexName('b'), key: Buffer.of(1), value: last }]);
  for (const value of ['1', '2', '3']) store.put('a', value, 5);
  commit();
  expect(sequences().sort((a, b) => a - b)).toEqual([0, 1, lastSequence]);
});

test('what has expired cannot be read, and leaves the storage', () => {
  const { store, storage, commit } = open();
  for (let ms = 0; ms <= 500; ms += 5) {
    store.observe(ms);
    store.put('a', `${ms}`, ms);
    commit();
  }
  expect(store.fetch('a', 0, 500).map(({ timestampMs }) => timestampMs)).toEqual([
    480, 485, 490, 495, 500,
  ]);
  expect([...storage.range('b', undefined, undefined)].length).toBeLessThanOrEqual(7);
  const index = [...storage.range(expiryIndexName('b'), undefined, undefined)];
  expect(index.length).toBeLessThanOrEqual(9);
});

test('either side of a join knows the stream time of both', () => {
  const [left, right] = [open().store, open().store];
  left.joinWith(right);
  right.joinWith(left);
  expect(left.observe(100)).toBe(100);
  expect(right.observe(7)).toBe(100);
  expect(right.observedMs).toBe(7);
});
