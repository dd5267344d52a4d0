/** State in ordered storage behaves as a sorted map, on both storages, whatever the keys. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { LmdbStorage } from '../embedded/lmdb-storage.ts';
import { MemoryStorage } from '../memory/memory-storage.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import { StoredState } from './stored-state.ts';
import { WriteTransaction } from './write-transaction.ts';

const root = mkdtempSync(join(tmpdir(), 'stored-state-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let environments = 0;

const storages: [string, () => OrderedStorage][] = [
  ['memory', () => new MemoryStorage()],
  ['LMDB', () => new LmdbStorage({ path: join(root, `${++environments}`), readOnly: false })],
];

/** Short keys that collide often, and keys longer than LMDB takes that differ only at their end. */
const shortKey = fc.uint8Array({ maxLength: 3, max: 3 });
const longKey = fc
  .tuple(fc.constantFrom(1_899, 1_900, 1_901, 3_000), shortKey)
  .map(([length, end]) => Buffer.concat([Buffer.alloc(length, 2), end]));
const key = fc.oneof({ weight: 3, arbitrary: shortKey }, longKey);
const write = fc.record({
  store: fc.constantFrom('a', 'b'),
  key,
  value: fc.option(fc.uint8Array({ maxLength: 4 }), { nil: null }),
});

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test.each(storages)('state in %s is a sorted map for each store', async (_name, open) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(write, { maxLength: 40 }),
      fc.option(key, { nil: undefined }),
      fc.option(key, { nil: undefined }),
      async (writes, from, to) => {
        const storage = open();
        const state = new StoredState(storage);
        const expected = new Map<string, string>();
        for (const one of writes) {
          const transaction = new WriteTransaction();
          state.write('app', '0_0', [one], transaction);
          await storage.write(transaction.finish());
          transaction.committed();
          const { store, value } = one;
          if (store !== 'a') continue;
          if (value === null) expected.delete(hex(one.key));
          else expected.set(hex(one.key), hex(value));
        }
        const task = new StoredState(storage).openTask('app', '0_0');
        for (const one of writes) {
          const found = task.get('a', one.key);
          expect(found && hex(found)).toBe(expected.get(hex(one.key)));
        }
        const within = [...expected]
          .filter(([k]) => (!from || k >= hex(from)) && (!to || k < hex(to)))
          .sort(([a], [b]) => (a < b ? -1 : 1));
        expect([...task.range('a', from, to)].map(([k, v]) => [hex(k), hex(v)])).toEqual(within);
        await storage.close();
      },
    ),
    { numRuns: 60 },
  );
});

test.each(storages)('a range of %s is a snapshot, and its bytes stay', async (_name, open) => {
  const storage = open();
  const entries = Array.from({ length: 50 }, (_, i) => Buffer.from([0, i]));
  await storage.write(
    entries.map((key) => ({ table: 'state', key, value: Buffer.alloc(40, key[1]) })),
  );
  const range = storage.range('state', { from: Buffer.from([0]), to: undefined });
  const seen: (readonly [Uint8Array, Uint8Array])[] = [];
  for (const entry of range) {
    seen.push(entry);
    if (seen.length === 1) {
      await storage.write(
        entries.map((key) => ({ table: 'state', key, value: Buffer.alloc(90, 255) })),
      );
    }
  }
  expect(seen.map(([key, value]) => [...key, value.length, value[0]])).toEqual(
    entries.map((key) => [0, key[1], 40, key[1]]),
  );
  await storage.close();
});
