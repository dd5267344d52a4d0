import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { produced, readAll, take, values } from '../contract/contract-fixture.ts';
import type { TopicSpec } from '../log.ts';
import { openEmbeddedLog } from './index.ts';
import { LmdbStorage } from './lmdb-storage.ts';

const root = mkdtempSync(join(tmpdir(), 'open-embedded-log-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directories = 0;
const newDirectory = () => join(root, `${++directories}`);

const topic: TopicSpec = {
  name: 'topic',
  partitions: 2,
  cleanupPolicy: 'delete',
  retentionMs: -1,
};

test('has everything again when it is opened again', async () => {
  const directory = newDirectory();
  const first = await openEmbeddedLog({ directory });
  await first.createTopics([topic]);
  await first.append([produced(topic, 'a'), produced(topic, 'b', { partition: 1 })]);
  const id = await first.schemaRegistry.register('topic-value', 'string');
  await first.close();

  const second = await openEmbeddedLog({ directory });
  expect(values(await readAll(second, topic))).toEqual(['a']);
  expect((await second.append([produced(topic, 'c')]))[0]?.offset).toBe(1n);
  expect(second.schemaRegistry.schema(id)).toBe('string');
  expect(await second.schemaRegistry.register('topic-value', 'string')).toBe(id);
  await expect(second.schemaRegistry.register('topic-value', 'int')).rejects.toMatchObject({
    code: 'STREAMS_SCHEMA_INCOMPATIBLE',
  });
  await second.close();
});

test('refuses a directory that this process has open, and takes it once it is closed', async () => {
  const directory = newDirectory();
  const first = await openEmbeddedLog({ directory });
  await expect(openEmbeddedLog({ directory })).rejects.toMatchObject({
    code: 'STREAMS_LOG_LOCKED',
  });
  await first.close();
  await (await openEmbeddedLog({ directory })).close();
});

test('refuses a directory that another process has open, and names it', async () => {
  const directory = newDirectory();
  const writer = join(dirname(fileURLToPath(import.meta.url)), 'crash-writer.ts');
  const owner = spawn(process.execPath, ['--import', 'tsx', writer, directory]);
  await once(owner.stdout, 'data');
  const refused = openEmbeddedLog({ directory });
  await expect(refused).rejects.toMatchObject({ code: 'STREAMS_LOG_LOCKED', retryable: true });
  await expect(refused).rejects.toThrow(new RegExp(`process ${owner.pid}`));

  const tap = await openEmbeddedLog({ directory, readOnly: true });
  const reader = tap.openReader();
  reader.assign([{ topic: 'input', partition: 0, offset: 0n }]);
  const seen = await take(reader, 200); // More than were there: the owner goes on writing.
  expect(seen.map(({ offset }) => offset)).toEqual(seen.map((_, i) => BigInt(i)));
  await tap.close();

  owner.kill('SIGKILL');
  await once(owner, 'close');
  await (await openEmbeddedLog({ directory })).close();
}, 60_000);

test.each([
  ['of a process that is gone', `${2 ** 22 + 1} 1 boot`],
  ['of another start of this pid', `${process.pid} 1 boot`],
  ['that was cut off', ''],
])('takes over a lock %s', async (_what, owner) => {
  const directory = newDirectory();
  mkdirSync(directory);
  writeFileSync(join(directory, 'owner.lock'), owner);
  await (await openEmbeddedLog({ directory })).close();
});

test('a log for reading writes nothing, and needs one that exists', async () => {
  const directory = newDirectory();
  await expect(openEmbeddedLog({ directory, readOnly: true })).rejects.toMatchObject({
    code: 'STREAMS_LOG_UNAVAILABLE',
  });
  const owner = await openEmbeddedLog({ directory });
  await owner.createTopics([topic]);
  await owner.close();
  const tap = await openEmbeddedLog({ directory, readOnly: true });
  await expect(tap.append([produced(topic, 'a')])).rejects.toMatchObject({
    code: 'STREAMS_LOG_READ_ONLY',
  });
  await tap.close();
});

test('names topic, partition and offset of a batch that is damaged, and reads on behind it', async () => {
  const directory = newDirectory();
  const log = await openEmbeddedLog({ directory });
  await log.createTopics([topic]);
  for (const value of ['a', 'b', 'c']) await log.append([produced(topic, value)]);
  await log.close();
  await flipLastBit(directory, 1);

  const damaged = await openEmbeddedLog({ directory });
  const reader = damaged.openReader();
  reader.assign([{ topic: topic.name, partition: 0, offset: 0n }]);
  expect(values(await take(reader, 1, { maxRecords: 1 }))).toEqual(['a']);
  const failure = take(reader, 1);
  await expect(failure).rejects.toMatchObject({ code: 'STREAMS_LOG_CORRUPT' });
  await expect(failure).rejects.toThrow(/topic-0: the batch at offset 1/);
  reader.assign([{ topic: topic.name, partition: 0, offset: 2n }]);
  expect(values(await take(reader, 1))).toEqual(['c']);
  await damaged.close();
});

/** Damages the batch with this number, counted from 0. */
async function flipLastBit(directory: string, batch: number): Promise<void> {
  const storage = new LmdbStorage({ path: join(directory, 'log.lmdb'), readOnly: false });
  const everything = { from: Buffer.from([0]), to: undefined };
  const [key, value] = [...storage.range('batches', everything)][batch] ?? [];
  if (key === undefined || value === undefined) throw new Error('no such batch');
  const broken = Buffer.from(value);
  broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
  await storage.write([{ table: 'batches', key, value: broken }]);
  await storage.close();
}

/** Limits the size of its files, which a write to a full disk fails like. */
test('a disk that is full fails appends for a moment, and tears nothing', async () => {
  const directory = newDirectory();
  mkdirSync(directory);
  const writer = join(dirname(fileURLToPath(import.meta.url)), 'full-disk-writer.ts');
  const node = `exec '${process.execPath}' --import tsx '${writer}' '${directory}'`;
  const child = spawn('bash', ['-c', `ulimit -f 4096; ${node}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const [exitCode] = await once(child, 'close');
  expect({ exitCode, said }).toMatchObject({ exitCode: 0 });
  const { written, failures } = JSON.parse(said);
  expect(written).toBeGreaterThan(0);
  expect(failures).toEqual(Array(3).fill('STREAMS_LOG_UNAVAILABLE retryable'));

  const log = await openEmbeddedLog({ directory });
  const { offsets } = await log.describeTopic('full');
  expect(offsets).toEqual([{ beginning: 0n, end: BigInt(written) }]);
  const full: TopicSpec = { ...topic, name: 'full', partitions: 1 };
  await log.append([produced(full, 'there is room again')]);
  expect(await readAll(log, full)).toHaveLength(written + 1);
  await log.close();
});
