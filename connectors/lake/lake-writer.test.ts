import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { avro, type Log, memoryLog, memoryRegistry, type SchemaRegistry, topic } from '#streams';
import { openLakeSql } from './lake-sql.ts';
import { LakeWriter, type LakeWriterOptions } from './lake-writer.ts';

const Visit = avro.record('Visit', { page: avro.string, seconds: avro.int });
const visits = topic('site.visits', { key: avro.string, value: Visit, partitions: 2 });

let directory: string;
let log: Log;
let registry: SchemaRegistry;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lake-'));
  log = memoryLog();
  registry = memoryRegistry();
  await log.createTopics([visits]);
});

afterEach(async () => {
  await log.close();
  rmSync(directory, { recursive: true });
});

async function visit(partition: number, ...pages: readonly string[]): Promise<void> {
  const value = await Visit.forTopic?.({ topic: visits.name, part: 'value', registry });
  const records = pages.map((page, index) => ({
    topic: visits.name,
    partition,
    key: Buffer.from(`visitor-${partition}`),
    value: value?.serialize({ page, seconds: index }) ?? null,
    timestampMs: 1_000 + index,
    headers: [],
  }));
  await log.append(records);
}

async function writer(options: Partial<LakeWriterOptions> = {}): Promise<LakeWriter> {
  const lake = new LakeWriter({ log, registry, directory, topics: [visits], ...options });
  await lake.open();
  return lake;
}

async function pages(): Promise<unknown[]> {
  const sql = await openLakeSql(directory, [visits.name]);
  const reader = await sql.runAndReadAll(
    `SELECT "partition", "offset", "value"->>'$.page' AS page FROM site_visits ORDER BY 1, 2`,
  );
  sql.closeSync();
  return reader.getRowsJson();
}

test('every record is a row, with its place in the log and its value as JSON', async () => {
  await visit(0, '/tea', '/milk');
  await visit(1, '/bread');
  const lake = await writer();
  expect(await lake.catchUp()).toBe(3);
  await lake.close();
  expect(await pages()).toEqual([
    [0, '0', '/tea'],
    [0, '1', '/milk'],
    [1, '0', '/bread'],
  ]);
});

test('a writer that starts again goes on where the files end', async () => {
  await visit(0, '/tea');
  const first = await writer();
  await first.catchUp();
  await visit(0, '/milk');
  await first.close(); // Died before it wrote the second.

  const second = await writer();
  expect(await second.catchUp()).toBe(1);
  expect(await second.catchUp()).toBe(0);
  await second.close();
  expect(await pages()).toEqual([
    [0, '0', '/tea'],
    [0, '1', '/milk'],
  ]);
});

test('a crash between writing and naming a file leaves nothing that is read twice', async () => {
  await visit(0, '/tea');
  const lake = await writer();
  await lake.catchUp();
  writeFileSync(lake.files.temporary(visits.name, 0), 'half a file');
  await lake.close();

  const again = await writer();
  await again.catchUp();
  await again.close();
  expect(await pages()).toEqual([[0, '0', '/tea']]);
});

test('small files are merged, and parts that a crash left beside the whole are not read', async () => {
  const lake = await writer({ mergeFiles: 3 });
  for (const page of ['/a', '/b', '/c', '/d']) {
    await visit(0, page);
    await lake.catchUp();
  }
  expect(lake.files.ofPartition(visits.name, 0)).toHaveLength(2); // a to c, and d
  await lake.close();

  const part = lake.files.temporary(visits.name, 0).replace('writing.tmp', `${offsets(1, 2)}`);
  writeFileSync(part, 'a part that the merged file holds');
  expect(await pages()).toEqual([
    [0, '0', '/a'],
    [0, '1', '/b'],
    [0, '2', '/c'],
    [0, '3', '/d'],
  ]);
  const again = await writer();
  await again.catchUp();
  await again.close();
  expect(existsSync(part)).toBe(false);
});

test('what cannot be decoded is kept as bytes, and a tombstone as null', async () => {
  const at = { topic: visits.name, partition: 0, timestampMs: 0, headers: [] };
  await log.append([
    { ...at, key: Buffer.from('k'), value: Buffer.from('not avro') },
    { ...at, key: Buffer.from('k'), value: null },
  ]);
  const lake = await writer();
  await lake.catchUp();
  await lake.close();
  const sql = await openLakeSql(directory);
  const reader = await sql.runAndReadAll(
    'SELECT "key", "value", decode("undecodable") FROM site_visits ORDER BY "offset"',
  );
  sql.closeSync();
  expect(reader.getRowsJson()).toEqual([
    ['k', null, 'not avro'],
    ['k', null, null],
  ]);
});

test('a topic that comes later is followed, and internal topics are left out', async () => {
  const lake = await writer();
  await lake.catchUp();
  const settings = { partitions: 1, cleanupPolicy: 'delete', retentionMs: -1 } as const;
  await log.createTopics([
    { name: 'shop-dead-letters', ...settings },
    { name: 'shop-by-user-repartition', ...settings },
  ]);
  const record = { key: null, value: Buffer.from('x'), timestampMs: 0, headers: [] };
  await log.append([
    { topic: 'shop-dead-letters', ...record },
    { topic: 'shop-by-user-repartition', ...record },
  ]);
  expect(await lake.catchUp()).toBe(1);
  await lake.close();
  expect(lake.files.topics()).toEqual(['shop-dead-letters']);
});

function offsets(first: number, next: number): string {
  const padded = (offset: number) => String(offset).padStart(20, '0');
  return `${padded(first)}-${padded(next)}.parquet`;
}
