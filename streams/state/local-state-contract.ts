/** What every local state storage must do, as tests that each runs. */
import fc from 'fast-check';
import type { StateWrite } from '../log/log.ts';
import type { LocalStateStorage, LocalTaskStorage } from './local-state.ts';

export interface LocalStateUnderTest {
  readonly storage: LocalStateStorage;
  /** The same state, opened by another process after this one was closed. */
  reopen(): Promise<LocalStateStorage>;
}

const bytes = (text: string) => Buffer.from(text);
const put = (key: string, value: string | null, store = 's'): StateWrite => ({
  store,
  key: bytes(key),
  value: value === null ? null : bytes(value),
});
const at = (positions: Record<string, bigint>) => new Map(Object.entries(positions));

function contents(task: LocalTaskStorage, store = 's'): [string, string][] {
  return [...task.range(store, undefined, undefined)].map(([key, value]) => [
    Buffer.from(key).toString(),
    Buffer.from(value).toString(),
  ]);
}

export function localStateContract(name: string, open: () => Promise<LocalStateUnderTest>): void {
  const opened: LocalStateStorage[] = [];
  const fixture: Fixture = {
    under: undefined as never, // Set before each test.
    openTask: (taskId = '0_0') => fixture.under.storage.openTask('app', taskId),
    async reopen() {
      await fixture.under.storage.close();
      const storage = await fixture.under.reopen();
      opened.push(storage);
      return storage;
    },
  };
  beforeEach(async () => {
    fixture.under = await open();
    opened.push(fixture.under.storage);
  });
  afterEach(async () => {
    for (const storage of opened.splice(0)) await storage.close();
  });
  describe(name, () => {
    contentTests(fixture);
    mapTests(fixture);
    lifeTests(fixture);
  });
}

interface Fixture {
  under: LocalStateUnderTest;
  openTask(taskId?: string): Promise<LocalTaskStorage>;
  reopen(): Promise<LocalStateStorage>;
}

function contentTests({ openTask }: Fixture): void {
  test('has nothing of a task that is new', async () => {
    const task = await openTask();
    expect(task.positions.size).toBe(0);
    expect(task.get('s', bytes('a'))).toBeUndefined();
    expect(contents(task)).toEqual([]);
  });

  test('shows what was applied, of each store and task its own', async () => {
    const [task, other] = [await openTask('0_0'), await openTask('0_1')];
    await task.apply([put('a', '1'), put('a', 'x', 't'), put('b', '')], at({ log: 3n }));
    await other.apply([put('a', '9')], at({ log: 7n }));
    expect(contents(task)).toEqual([
      ['a', '1'],
      ['b', ''],
    ]);
    expect(contents(task, 't')).toEqual([['a', 'x']]);
    expect(contents(other)).toEqual([['a', '9']]);
    expect([task.positions, other.positions]).toEqual([at({ log: 3n }), at({ log: 7n })]);
  });

  test('moves the positions that it is told, and leaves the others', async () => {
    const task = await openTask();
    await task.apply([], at({ one: 1n, other: 2n }));
    await task.apply([put('a', '1')], at({ one: 2n ** 53n + 1n }));
    expect(task.positions).toEqual(at({ one: 2n ** 53n + 1n, other: 2n }));
  });

  test('a range is a snapshot', async () => {
    const task = await openTask();
    await task.apply([put('a', '1'), put('b', '1'), put('c', '1')], at({}));
    const seen: string[] = [];
    for (const [key, value] of task.range('s', undefined, undefined)) {
      seen.push(`${Buffer.from(key)}${Buffer.from(value)}`);
      if (seen.length === 1) await task.apply([put('b', '2'), put('c', null)], at({}));
    }
    expect(seen).toEqual(['a1', 'b1', 'c1']);
    expect(contents(task)).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
  });
}

function mapTests({ openTask }: Fixture): void {
  test('is a sorted map for each store, whatever the keys', async () => {
    let tasks = 0;
    const check = async (writes: StateWrite[], from?: Uint8Array, to?: Uint8Array) => {
      const task = await openTask(`1_${++tasks}`);
      await task.apply(writes, at({}));
      const held = fold(writes, 'a');
      for (const { key } of writes) {
        const found = task.get('a', key);
        expect(found && hex(found)).toBe(held.get(hex(key)));
      }
      const within = [...held]
        .filter(([key]) => (!from || key >= hex(from)) && (!to || key < hex(to)))
        .sort(([a], [b]) => (a < b ? -1 : 1));
      expect([...task.range('a', from, to)].map((row) => row.map(hex))).toEqual(within);
      await task.close();
    };
    const bound = fc.option(key, { nil: undefined });
    const writes = fc.array(write, { maxLength: 30 });
    await fc.assert(fc.asyncProperty(writes, bound, bound, check), { numRuns: 40 });
  });
}

function lifeTests(fixture: Fixture): void {
  const { openTask, reopen } = fixture;

  test('has everything again when it is opened again', async () => {
    const task = await openTask();
    await task.apply([put('a', '1'), put('b', '2'), put('b', null)], at({ log: 5n }));
    await task.apply([put('c', '3', 'later')], at({}));
    await task.close();
    const storage = await reopen();
    expect(storage.tasks('app')).toEqual(['0_0']);
    const again = await storage.openTask('app', '0_0');
    expect(contents(again)).toEqual([['a', '1']]);
    expect(contents(again, 'later')).toEqual([['c', '3']]);
    expect(again.positions).toEqual(at({ log: 5n }));
    await again.apply([put('d', '4', 'last')], at({ log: 6n }));
    expect(contents(again, 'later')).toEqual([['c', '3']]);
  });

  test('has nothing after it was cleared, and can be filled again', async () => {
    const task = await openTask();
    await task.apply([put('a', '1'), put('b', '2', 't')], at({ log: 5n }));
    await task.clear();
    expect([contents(task), contents(task, 't'), task.positions.size]).toEqual([[], [], 0]);
    await task.apply([put('b', '3', 't')], at({ log: 1n }));
    expect([contents(task), contents(task, 't')]).toEqual([[], [['b', '3']]]);
    await task.close();
    const again = await openTask();
    expect(contents(again, 't')).toEqual([['b', '3']]);
    expect(again.positions).toEqual(at({ log: 1n }));
  });

  test('lets in one writer a task at a time', async () => {
    const task = await openTask();
    await expect(openTask()).rejects.toMatchObject({
      code: 'STREAMS_STATE_LOCKED',
      retryable: true,
    });
    await expect(fixture.under.storage.removeTask('app', '0_0')).rejects.toMatchObject({
      code: 'STREAMS_STATE_LOCKED',
    });
    await task.apply([put('a', '1')], at({}));
    await task.close();
    await task.close();
    expect(contents(await openTask())).toEqual([['a', '1']]);
  });

  test('forgets a task that is removed', async () => {
    const task = await openTask();
    await task.apply([put('a', '1')], at({ log: 1n }));
    await task.close();
    await fixture.under.storage.removeTask('app', '0_0');
    await fixture.under.storage.removeTask('app', '0_0');
    expect(fixture.under.storage.tasks('app')).toEqual([]);
    const again = await openTask();
    expect([contents(again), again.positions.size]).toEqual([[], 0]);
  });
}

/** Short keys that collide often, and keys longer than LMDB takes that differ only at their end. */
const shortKey = fc.uint8Array({ maxLength: 3, max: 3 });
const longKey = fc
  .tuple(fc.constantFrom(1_899, 1_900, 1_901, 3_000), shortKey)
  .map(([length, end]) => Buffer.concat([Buffer.alloc(length, 2), end]));
const key = fc.oneof({ weight: 3, arbitrary: shortKey }, longKey);
const write: fc.Arbitrary<StateWrite> = fc.record({
  store: fc.constantFrom('a', 'b'),
  key,
  value: fc.option(fc.uint8Array({ maxLength: 4 }), { nil: null }),
});

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function fold(writes: readonly StateWrite[], of: string): Map<string, string> {
  const held = new Map<string, string>();
  for (const { store, key, value } of writes) {
    if (store !== of) continue;
    if (value === null) held.delete(hex(key));
    else held.set(hex(key), hex(value));
  }
  return held;
}
