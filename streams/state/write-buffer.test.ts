import fc from 'fast-check';
import type { StateWrite } from '../log/log.ts';
import { stringSerde } from '../serdes.ts';
import { BufferedKeyValueStore } from './key-value-store.ts';
import { MemoryTaskStorage } from './memory-storage.ts';
import { WriteBuffer } from './write-buffer.ts';

type Step =
  | { readonly do: 'put'; readonly key: string; readonly value: string }
  | { readonly do: 'delete' | 'get'; readonly key: string }
  | { readonly do: 'range'; readonly from: string; readonly to: string }
  | { readonly do: 'prefix'; readonly prefix: string }
  | { readonly do: 'all' | 'recordDone' | 'recordFails' }
  | { readonly do: 'prepare' | 'store' | 'confirm' | 'rollback' };

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'ÿ', '\u{10ffff}', '\0'), maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put'), key, value: fc.string() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('delete', 'get'), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('range'), from: key, to: key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('prefix'), prefix: key }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('all', 'recordDone', 'recordFails') }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('prepare', 'prepare', 'store', 'confirm', 'confirm', 'rollback'),
    }),
  },
) as fc.Arbitrary<Step>;

const bytesOf = (text: string) => Buffer.from(text);
const byBytes = ([a]: readonly [string, string], [b]: readonly [string, string]) =>
  Buffer.compare(bytesOf(a), bytesOf(b));

/** What a store must hold: a map for each thing that can be gone back to. */
class Model {
  now = new Map<string, string>();
  #record = new Map<string, string>();
  #prepared = new Map<string, string>();
  #commit = new Map<string, string>();
  /** Where the commit in flight is; one that is stored can no longer fail. */
  inFlight: 'no' | 'prepared' | 'stored' = 'no';

  recordDone(): void {
    this.#record = new Map(this.now);
  }
  recordFails(): void {
    this.now = new Map(this.#record);
  }
  prepare(): void {
    this.recordDone();
    this.#prepared = new Map(this.now);
    this.inFlight = 'prepared';
  }
  confirm(): void {
    this.#commit = this.#prepared;
    this.inFlight = 'no';
  }
  rollback(): void {
    this.now = new Map(this.#commit);
    this.recordDone();
    this.inFlight = 'no';
  }
  entries(wanted: (key: string) => boolean): [string, string][] {
    return [...this.now].filter(([found]) => wanted(found)).sort(byBytes);
  }
}

function open(cachedSlots: number) {
  const storage = new MemoryTaskStorage();
  const buffer = new WriteBuffer('s', storage, cachedSlots);
  const store = new BufferedKeyValueStore(buffer, stringSerde, stringSerde, () => 0);
  let writes: StateWrite[] = [];
  const prepare = () => {
    writes = [];
    buffer.addWrites(writes);
    buffer.prepare();
  };
  const toStorage = () => storage.apply(writes);
  const commit = () => {
    prepare();
    toStorage();
    buffer.markCommitted();
  };
  return { storage, buffer, store, prepare, toStorage, commit };
}

const pairs = (entries: Iterable<{ readonly key: string; readonly value: string }>) =>
  [...entries].map(({ key: found, value }) => [found, value]);

test.each([1, 2, 10, 10_000])(
  'a store with %i cached slots is a sorted map, whatever is undone, committed or in flight',
  (cachedSlots) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { storage, buffer, store, prepare, toStorage } = open(cachedSlots);
        const model = new Model();
        const act: { readonly [S in Step as S['do']]: (step: S) => void } = {
          put: ({ key: at, value }) => {
            store.put(at, value);
            model.now.set(at, value);
          },
          delete: ({ key: at }) => {
            store.delete(at);
            model.now.delete(at);
          },
          get: ({ key: at }) => expect(store.get(at)).toBe(model.now.get(at)),
          range: ({ from, to }) => {
            const within = (found: string) =>
              Buffer.compare(bytesOf(found), bytesOf(from)) >= 0 &&
              Buffer.compare(bytesOf(found), bytesOf(to)) <= 0;
            expect(pairs(store.range(from, to))).toEqual(model.entries(within));
          },
          prefix: ({ prefix }) =>
            expect(pairs(store.prefixScan(prefix))).toEqual(
              model.entries((found) => found.startsWith(prefix)),
            ),
          all: () => expect(pairs(store.all())).toEqual(model.entries(() => true)),
          recordDone: () => {
            buffer.setSavepoint();
            model.recordDone();
          },
          recordFails: () => {
            buffer.rollbackToSavepoint();
            model.recordFails();
          },
          prepare: () => {
            if (model.inFlight !== 'no') return;
            prepare();
            model.prepare();
          },
          store: () => {
            if (model.inFlight !== 'prepared') return;
            toStorage();
            model.inFlight = 'stored';
          },
          confirm: () => {
            if (model.inFlight === 'no') return;
            if (model.inFlight === 'prepared') toStorage();
            buffer.markCommitted();
            model.confirm();
          },
          rollback: () => {
            if (model.inFlight === 'stored') return;
            buffer.discard();
            model.rollback();
          },
        };
        for (const next of steps) (act[next.do] as (step: Step) => void)(next);
        expect(pairs(store.all())).toEqual(model.entries(() => true));
        act.confirm({ do: 'confirm' });
        act.prepare({ do: 'prepare' });
        act.confirm({ do: 'confirm' });
        const kept = [...storage.range('s', undefined, undefined)];
        expect(kept.map((pair) => pair.map(stringSerde.deserialize))).toEqual(
          model.entries(() => true),
        );
      }),
    );
  },
);

test('a key that is written many times is one write of a commit, its last value', () => {
  const { storage, store, commit, buffer } = open(10);
  store.put('a', '1');
  store.put('a', '2');
  store.put('b', 'x');
  store.delete('b');
  expect(buffer.written).toHaveLength(2);
  commit();
  expect(storage.get('s', bytesOf('a'))).toEqual(bytesOf('2'));
  expect(storage.get('s', bytesOf('b'))).toBeUndefined();
});

test('a key that comes and goes between two commits is not written; one that was there is deleted', () => {
  const { store, prepare, toStorage, buffer } = open(10);
  const nextWrites = () => {
    const writes: StateWrite[] = [];
    buffer.addWrites(writes);
    return writes.map(({ key: written, value }) => [
      stringSerde.deserialize(written),
      value?.length,
    ]);
  };
  store.put('a', '1');
  store.put('b', '1');
  store.delete('b');
  expect(nextWrites()).toEqual([['a', 1]]);
  prepare();
  // What is in flight is going to be there.
  store.delete('a');
  store.put('b', '2');
  store.delete('b');
  store.put('b', '3');
  toStorage();
  buffer.markCommitted();
  expect(nextWrites()).toEqual([
    ['a', undefined],
    ['b', 1],
  ]);
});

test('what is in flight is read from memory, and what is written meanwhile is not in it', () => {
  const { storage, store, prepare, toStorage, buffer } = open(2);
  store.put('a', '1');
  store.put('b', '1');
  prepare();
  store.put('a', '2');
  store.delete('b');
  for (const other of ['x', 'y', 'z', 'z2']) store.get(other);
  expect(store.get('a')).toBe('2');
  expect(pairs(store.all())).toEqual([['a', '2']]);
  expect(buffer.written.map(({ key: written }) => stringSerde.deserialize(written))).toEqual([
    'a',
    'b',
  ]);
  toStorage();
  buffer.markCommitted();
  expect(String(storage.get('s', bytesOf('a')))).toBe('1');
  expect(pairs(store.all())).toEqual([['a', '2']]);
  buffer.discard();
  expect(pairs(store.all())).toEqual([
    ['a', '1'],
    ['b', '1'],
  ]);
});

test('an iteration does not see what is written while it goes on', () => {
  const { store, commit } = open(10);
  for (const name of ['a', 'c', 'e']) store.put(name, name);
  commit();
  store.put('b', 'b');
  const seen: string[] = [];
  for (const { key: found } of store.all()) {
    seen.push(found);
    store.delete('e');
    store.put(`${found}-later`, 'x');
  }
  expect(seen).toEqual(['a', 'b', 'c', 'e']);
});

test('two keys that have the same bytes are one key', () => {
  const caseless = { ...stringSerde, serialize: (text: string) => bytesOf(text.toLowerCase()) };
  const buffer = new WriteBuffer('s', new MemoryTaskStorage());
  const store = new BufferedKeyValueStore(buffer, caseless, stringSerde, () => 0);
  store.put('Tea', '1');
  expect(store.get('TEA')).toBe('1');
  store.put('tea', '2');
  expect(store.get('Tea')).toBe('2');
});

test('a value is decoded once while it is in use, and is what was put', () => {
  let decodings = 0;
  const counting = {
    ...stringSerde,
    deserialize: (bytes: Uint8Array) => {
      decodings++;
      return stringSerde.deserialize(bytes);
    },
  };
  const storage = new MemoryTaskStorage();
  storage.apply([{ store: 's', key: bytesOf('a'), value: bytesOf('1') }]);
  const store = new BufferedKeyValueStore(
    new WriteBuffer('s', storage),
    stringSerde,
    counting,
    () => 0,
  );
  for (let i = 0; i < 5; i++) expect(store.get('a')).toBe('1');
  store.put('a', '2');
  expect(store.get('a')).toBe('2');
  expect(decodings).toBe(1);
});

test('a storage that fails fails the task, not the record', () => {
  const broken = {
    get: () => {
      throw new Error('disk');
    },
    range: () => [],
  };
  const store = new BufferedKeyValueStore(
    new WriteBuffer('s', broken),
    stringSerde,
    stringSerde,
    () => 0,
  );
  expect(() => store.get('a')).toThrow(
    expect.objectContaining({ code: 'STREAMS_TASK_FAILED', message: "cannot read store 's'" }),
  );
});

test('of a key that is known to be new, the storage is not asked', () => {
  const storage = new MemoryTaskStorage();
  const asked: string[] = [];
  const buffer = new WriteBuffer('s', {
    get: (store, key) => {
      asked.push(String(key));
      return storage.get(store, key);
    },
    range: (...range) => storage.range(...range),
  });
  const slot = buffer.slot(bytesOf('new'), true);
  buffer.write(slot, bytesOf('1'), undefined, 0);
  expect(buffer.slot(bytesOf('new')).bytes).toEqual(bytesOf('1'));
  buffer.rollbackToSavepoint();
  expect(buffer.slot(bytesOf('new')).bytes).toBeUndefined();
  expect(asked).toEqual([]);
  buffer.slot(bytesOf('other'));
  expect(asked).toEqual(['other']);
});
