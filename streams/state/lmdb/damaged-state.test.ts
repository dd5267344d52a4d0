/** What is trusted when local state is opened, and what is set aside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { open } from 'lmdb';
import type { DamagedState } from '../local-state.ts';
import { rowKey } from '../state-rows.ts';
import { faultOfEnvironment } from './environment-file.ts';
import { openLocalState } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'damaged-state-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;
let directory: string;
beforeEach(() => {
  directory = join(root, `${++directories}`);
});

const writer = join(dirname(fileURLToPath(import.meta.url)), 'state-writer.ts');
const taskPath = (...names: string[]) => join(directory, 'app', '0_0', ...names);
const total = Buffer.from('total');

/** Runs the writer until it has said something this often, then kills it. */
async function writeAndKill(lines: number): Promise<bigint> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, directory, '0_0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await linesOf(child, lines);
  child.kill('SIGKILL');
  await once(child, 'close');
  return BigInt(said.at(-1) as string);
}

async function linesOf(child: ChildProcess, count: number): Promise<string[]> {
  let text = '';
  while (text.split('\n').length <= count) {
    const [data] = await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data');
    text += data;
  }
  return text.split('\n').slice(0, -1);
}

/** Opens the task and answers with what is in it, and what was told of it. */
async function look() {
  const damaged: DamagedState[] = [];
  const storage = await openLocalState({ directory, onDamaged: (one) => damaged.push(one) });
  const task = await storage.openTask('app', '0_0');
  const rows = [...task.range('rows', undefined, undefined)].length;
  const counted = task.get('total', total);
  const position = task.positions.get('log');
  await storage.close();
  return { damaged, rows, counted: counted && BigInt(Buffer.from(counted).toString()), position };
}

async function fill(entries: number): Promise<void> {
  const storage = await openLocalState({ directory });
  const task = await storage.openTask('app', '0_0');
  const writes = Array.from({ length: entries }, (_, i) => ({
    store: 'rows',
    key: Buffer.from(`${i}`),
    value: Buffer.alloc(i % 10 === 0 ? 9_000 : 100, i),
  }));
  await task.apply(writes, new Map([['log', BigInt(entries)]]));
  await storage.close();
}

test('a killed process loses nothing that it had applied, and its state is not set aside', async () => {
  let written = 0n;
  for (const lines of [1, 300, 40]) {
    const before = written;
    written = await writeAndKill(lines);
    expect(written).toBeGreaterThan(before);
    const { damaged, counted, position } = await look();
    expect(damaged).toEqual([]);
    expect(position).toBeGreaterThanOrEqual(written);
    expect(counted).toBe(position);
    written = position as bigint;
  }
}, 60_000);

test('state that was open when the machine went down is set aside, and opened empty', async () => {
  await writeAndKill(20);
  const [held] = readdirSync(taskPath()).filter((name) => name.startsWith('open.'));
  const [open, pid, started, , thread] = (held as string).split('.');
  renameSync(taskPath(held as string), taskPath([open, pid, started, 'b', thread].join('.')));
  const { damaged, rows, position } = await look();
  const setAsideTo = join(directory, 'app', '0_0.damaged');
  expect(damaged).toEqual([
    {
      applicationId: 'app',
      taskId: '0_0',
      reason: 'the machine went down while it was open',
      setAsideTo,
    },
  ]);
  expect([rows, position]).toEqual([0, undefined]);
  expect(statSync(join(setAsideTo, 'state.mdb')).size).toBeGreaterThan(0);
  expect((await look()).damaged).toEqual([]);
}, 60_000);

test('state that was closed is trusted after the machine was restarted', async () => {
  await fill(10);
  expect(readdirSync(taskPath()).filter((name) => name.startsWith('open.'))).toEqual([]);
  expect(await look()).toMatchObject({ damaged: [], rows: 10, position: 10n });
});

test.each([
  [
    'is no LMDB file',
    'it is not an LMDB environment',
    () => writeFileSync(file(), 'x'.repeat(999)),
  ],
  ['is a few bytes', 'it is not an LMDB environment', () => truncateSync(file(), 100)],
  ['has one page', 'it is cut off after 4096 bytes', () => truncateSync(file(), 4_096)],
  ['is cut off', /^it is cut off after \d+ bytes$/, () => truncateSync(file(), 20 * 4_096)],
  ['has an unknown format', 'it has format 9, and this version reads 1', () => rewriteFormat(9)],
  ['has no format', 'it has no format', () => rewriteFormat(undefined)],
  ['was marked', 'MDB_CORRUPTED', () => writeFileSync(taskPath('damaged'), 'MDB_CORRUPTED')],
])('state that %s is set aside', async (_what, reason, damage) => {
  await fill(500);
  await Promise.resolve(damage());
  const first = await look();
  expect(first.damaged).toEqual([expect.objectContaining({ taskId: '0_0' })]);
  expect(first.damaged[0]?.reason).toMatch(reason);
  expect([first.rows, first.position]).toEqual([0, undefined]);
  await fill(3);
  expect(await look()).toMatchObject({ damaged: [], rows: 3, position: 3n });
});

const file = () => taskPath('state.mdb');

async function rewriteFormat(format: number | undefined): Promise<void> {
  const environment = open<Uint8Array, Uint8Array>({
    path: file(),
    encoding: 'binary',
    keyEncoding: 'binary',
  });
  const row = rowKey(0, Buffer.from('format'));
  if (format === undefined) environment.removeSync(row);
  else environment.putSync(row, Buffer.from([format]));
  await environment.close();
}

test('a file that ends where its free pages begin is whole; one that ends before is not', async () => {
  await fill(2_000);
  const copy = `${file()}.copy`;
  const faultAt = (length: number) => {
    copyFileSync(file(), copy);
    truncateSync(copy, length);
    return faultOfEnvironment(copy);
  };
  const size = statSync(file()).size;
  expect(faultAt(size / 2)).toMatch(/cut off/);

  const storage = await openLocalState({ directory });
  const task = await storage.openTask('app', '0_0');
  await task.clear();
  for (let i = 0; i < 10; i++) await task.apply([], new Map([['log', BigInt(i)]]));
  await storage.close();
  expect(statSync(file()).size).toBeGreaterThanOrEqual(size);
  expect(faultAt(size / 2)).toBeUndefined();
  expect(faultAt(2 * 4_096)).toMatch(/cut off/);
});

test('another process may not have the same directory, and is told who has it', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, directory, '0_0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await linesOf(child, 1);
  const refused = openLocalState({ directory });
  await expect(refused).rejects.toMatchObject({ code: 'STREAMS_STATE_LOCKED', retryable: true });
  await expect(refused).rejects.toThrow(new RegExp(`process ${child.pid} `));
  child.kill('SIGKILL');
  await once(child, 'close');
  await (await openLocalState({ directory })).close();
}, 60_000);

test('threads of one process share the directory, each with tasks of its own', async () => {
  const storage = await openLocalState({ directory });
  const task = await storage.openTask('app', '0_0');
  await task.apply([], new Map([['log', 1n]]));
  expect(await firstWordOf('0_0')).toBe('STREAMS_STATE_LOCKED');
  expect(await firstWordOf('0_1')).toBe('1');
  await task.apply([], new Map([['log', 2n]]));
  expect(storage.tasks('app')).toEqual(['0_0', '0_1']);
  await storage.close();
}, 60_000);

async function firstWordOf(taskId: string): Promise<string> {
  const run = `import('tsx/esm/api').then(({ register }) => { register(); import('${writer}'); })`;
  const thread = new Worker(run, { eval: true, argv: [directory, taskId] });
  const [said] = await once(thread, 'message');
  await thread.terminate();
  return said as string;
}

test.each(['..', '.', 'a/b', ''])("an application called '%s' has no state here", async (id) => {
  const storage = await openLocalState({ directory });
  await expect(storage.openTask(id, '0_0')).rejects.toMatchObject({
    code: 'STREAMS_CONFIG_INVALID',
  });
  await storage.close();
});

test('what stands in the directory beside the tasks is none of them', async () => {
  await fill(1);
  mkdirSync(join(directory, 'app', '0_1.damaged'));
  const storage = await openLocalState({ directory });
  expect(storage.tasks('app')).toEqual(['0_0']);
  await storage.close();
});
