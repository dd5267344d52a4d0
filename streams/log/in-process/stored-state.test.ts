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

test.each(storages)(
  'state in %s is a sorted map for each store',
  async (_name, open) => {
    const storage = open();
    let applications = 0;
    const check = async (writes: Write[], from?: Uint8Array, to?: Uint8Array) => {
      const application = `app-${++applications}`;
      const transaction = new WriteTransaction();
      new StoredState(storage).write(application, '0_0', writes, transaction);
      await storage.write(transaction.finish());
      const task = new StoredState(storage).openTask(application, '0_0');
      const expected = fold(writes);
      for (const { key } of writes) {
        const found = task.get('a', key);
        expect(found && hex(found)).toBe(expected.get(hex(key)));
      }
      const within = [...expected]
        .filter(([k]) => (!from || k >= hex(from)) && (!to || k < hex(to)))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      expect([...task.range('a', from, to)].map(([k, v]) => [hex(k), hex(v)])).toEqual(within);
    };
    const bound = fc.option(key, { nil: undefined });
    const writes = fc.array(write, { maxLength: 40 });
    await fc.assert(fc.asyncProperty(writes, bound, bound, check), { numRuns: 60 });
    await storage.close();
  },
  60_000,
);

interface Write {
  readonly store: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** What store `a` holds after the writes. */
function fold(writes: readonly Write[]): Map<string, string> {
  const held = new Map<string, string>();
  for (const { store, key, value } of writes) {
    if (store !== 'a') continue;
    if (value === null) held.delete(hex(key));
    else held.set(hex(key), hex(value));
  }
  return held;
}

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
