/** State that another thread of the process has open: read from here, and freed when it is ended. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { LocalTaskStorage } from '../local-state.ts';
import { markThreadEnded } from './holders.ts';
import { openLocalState } from './index.ts';
import { LocalStateReader } from './local-state-reader.ts';

const root = mkdtempSync(join(tmpdir(), 'other-threads-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;
let directory: string;
let reader: LocalStateReader;

beforeEach(() => {
  directory = join(root, `${++directories}`);
  reader = new LocalStateReader(directory, 'app');
});
afterEach(() => reader.close());

const here = dirname(fileURLToPath(import.meta.url));
const total = Buffer.from('total');

/** A thread that writes to the task for ever, so many entries a transaction. */
function writingThread(entries: number): Promise<Worker> {
  return threadThatSays('state-writer.ts', ['0_0', `${entries}`]);
}

async function threadThatSays(file: string, more: readonly string[]): Promise<Worker> {
  const path = join(here, file);
  const run = `import('tsx/esm/api').then(({ register }) => { register(); import('${path}'); })`;
  const thread = new Worker(run, { eval: true, argv: [directory, ...more] });
  await once(thread, 'message');
  return thread;
}

/** As whoever has started it does. */
async function endByForce(thread: Worker): Promise<void> {
  const { threadId } = thread;
  await thread.terminate();
  markThreadEnded(directory, threadId);
}

function totalOf(task: Pick<LocalTaskStorage, 'get'>): number {
  return Number(Buffer.from(task.get('total', total) ?? '0').toString());
}

test('what a thread writes is read from here, each transaction whole and at once', async () => {
  const thread = await writingThread(2_000);
  reader.keepOnly(new Set(['0_0']));
  const task = reader.task('0_0');
  const first = totalOf(task);
  expect(first).toBeGreaterThan(0);
  while (totalOf(task) < first + 5) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    // Two reads, between which a transaction may end; never one that is half there.
    const before = totalOf(task);
    const entry = Number(Buffer.from(task.get('rows', Buffer.from('entry 1999')) ?? '').toString());
    expect(entry).toBeGreaterThanOrEqual(before);
  }
  await endByForce(thread);
}, 60_000);

test('a range comes in pages, in the order of the keys, within its bounds', async () => {
  const storage = await openLocalState({ directory });
  const task = await storage.openTask('app', '0_0');
  const keys = Array.from({ length: 3_000 }, (_, i) => Buffer.from(`${i}`.padStart(5, '0')));
  const long = Buffer.alloc(3_000, 'x');
  const entries = [...keys, Buffer.concat([long, Buffer.from('1')]), long];
  const writes = entries.map((key) => ({ store: 's', key, value: Buffer.alloc(1_000, 1) }));
  await task.apply(writes, new Map());
  reader.keepOnly(new Set(['0_0']));
  const read = (from?: Buffer, to?: Buffer) =>
    [...reader.task('0_0').range('s', from, to)].map(([key]) => Buffer.from(key).toString());
  const expected = entries.map((key) => key.toString()).sort();
  expect(read()).toEqual(expected);
  expect(read(keys[700], keys[2_900])).toEqual(expected.slice(700, 2_900));
  expect([...reader.task('0_0').range('unknown', undefined, undefined)]).toEqual([]);
  await storage.close();
});

test('a task that has gone is not read, not even to the end of a range', async () => {
  const storage = await openLocalState({ directory });
  const task = await storage.openTask('app', '0_0');
  const keys = Array.from({ length: 1_500 }, (_, i) => Buffer.from(`${i}`));
  const writes = keys.map((key) => ({ store: 's', key, value: Buffer.from('1') }));
  await task.apply(writes, new Map());
  const unavailable = expect.objectContaining({ code: 'STREAMS_STORE_UNAVAILABLE' });
  expect(() => reader.task('0_0')).toThrow(unavailable); // Nobody has said that it is here.
  reader.keepOnly(new Set(['0_0', '0_1']));
  expect(() => reader.task('0_1')).toThrow(unavailable);
  const held = reader.task('0_0');
  const range = held.range('s', undefined, undefined)[Symbol.iterator]();
  range.next();
  reader.keepOnly(new Set());
  expect(() => [...{ [Symbol.iterator]: () => range }]).toThrow(unavailable);
  expect(() => held.get('s', Buffer.from('1'))).toThrow(unavailable);
  expect(() => reader.task('0_0')).toThrow(unavailable);
  await storage.close();
});

test('state that was made anew in the place of another is read as it is now', async () => {
  const storage = await openLocalState({ directory });
  const put = async (value: string) => {
    const task = await storage.openTask('app', '0_0');
    await task.apply([{ store: 'total', key: total, value: Buffer.from(value) }], new Map());
    return task;
  };
  const first = await put('1');
  reader.keepOnly(new Set(['0_0']));
  expect(totalOf(reader.task('0_0'))).toBe(1);
  await first.close();
  await storage.removeTask('app', '0_0'); // While it is still open here.
  reader.keepOnly(new Set());
  await put('2');
  reader.keepOnly(new Set(['0_0']));
  expect(totalOf(reader.task('0_0'))).toBe(2);
  await storage.close();
});

test('a task that has just closed is no worse for being read: it opens again, and nothing is set aside', async () => {
  const damaged: unknown[] = [];
  const opened = () => openLocalState({ directory, onDamaged: (found) => damaged.push(found) });
  const put = async (count: number) => {
    const storage = await opened();
    const task = await storage.openTask('app', '0_0');
    const value = Buffer.from(`${count}`);
    await task.apply([{ store: 'total', key: total, value }], new Map([['log', BigInt(count)]]));
    return storage;
  };
  await (await put(1)).close();
  reader.keepOnly(new Set(['0_0'])); // What its thread last said: the reader is the first to open it.
  expect(totalOf(reader.task('0_0'))).toBe(1);
  const storage = await put(2);
  expect(totalOf(reader.task('0_0'))).toBe(2);
  expect(damaged).toEqual([]);
  await storage.close();
});

test('a thread that is ended by force at any moment ends, and leaves its task to the next', async () => {
  let before = 0;
  for (let round = 1; round <= 5; round++) {
    const thread = await writingThread(round % 2 === 0 ? 20_000 : 3_000);
    reader.keepOnly(new Set(['0_0'])); // So that the environment outlives the thread.
    before = Math.max(before, totalOf(reader.task('0_0')));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
    await endByForce(thread);
    const storage = await openLocalState({ directory });
    const task = await storage.openTask('app', '0_0');
    const now = totalOf(task);
    expect(now).toBeGreaterThanOrEqual(before);
    expect(task.positions.get('log')).toBe(BigInt(now));
    await task.close();
    await storage.close();
    before = now;
  }
}, 60_000);

test('one that is ended while it hands over a transaction has not begun to write it', async () => {
  const thread = await threadThatSays('half-writer.ts', []);
  await endByForce(thread);
  const storage = await openLocalState({ directory });
  const task = await storage.openTask('app', '0_0');
  expect(task.positions.get('log')).toBe(1n);
  expect(Buffer.from(task.get('rows', Buffer.from('entry 0')) ?? '').toString()).toBe('whole');
  await storage.close();
}, 60_000);

test('what a thread that was ended has not flushed is not trusted after a restart', async () => {
  const thread = await writingThread(1);
  await endByForce(thread);
  const taskDirectory = join(directory, 'app', '0_0');
  const holders = () => readdirSync(taskDirectory).filter((name) => name.startsWith('open.'));
  expect(holders()).toHaveLength(1); // It would betray another boot.
  const storage = await openLocalState({ directory });
  await (await storage.openTask('app', '0_0')).close();
  expect(holders()).toEqual([]);
  expect(existsSync(join(directory, 'app', '0_0.damaged'))).toBe(false);
  await storage.close();
});
