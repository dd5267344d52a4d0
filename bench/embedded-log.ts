/**
 * What does the embedded log cost over LMDB itself? Appends and commits of 1, 100 and 1,000 records,
 * by 1 and by 16 callers at once, without and with state, each beside plain lmdb that is handed the
 * same bytes: one value for each batch of records, one for each offset and each state write, one
 * durable transaction.
 *
 *   node --import tsx bench/embedded-log.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, open } from 'lmdb';
import { type EmbeddedLog, openEmbeddedLog } from '#streams/embedded';

const root = mkdtempSync(join(tmpdir(), 'bench-embedded-log-'));
const secondsEach = 2;
const recordBytes = 100;
const keyBytes = 16;

interface Shape {
  readonly records: number;
  readonly callers: number;
  /** State writes of each commit; `undefined`: a plain append. */
  readonly stateWrites: number | undefined;
}

interface Measured {
  readonly commitsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of the whole process, lmdb's threads with it. */
  readonly cpuMicrosPerCommit: number;
}

const shapes: Shape[] = [1, 100, 1_000].flatMap((records) =>
  [1, 16].flatMap((callers) =>
    [undefined, records].map((stateWrites) => ({ records, callers, stateWrites })),
  ),
);

console.log(
  '| records | callers | state | log commits/s | p50, p99 ms | records/s | CPU us a commit | lmdb commits/s | p50 ms | CPU us | log / lmdb |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|---|');
for (const shape of shapes) {
  const ours = await measureLog(shape);
  const raw = await measureLmdb(shape);
  const ratio = ours.commitsPerSecond / raw.commitsPerSecond;
  console.log(
    `| ${shape.records} | ${shape.callers} | ${shape.stateWrites ?? 'none'} ` +
      `| ${whole(ours.commitsPerSecond)} | ${ours.p50Ms.toFixed(2)}, ${ours.p99Ms.toFixed(2)} ` +
      `| ${whole(ours.commitsPerSecond * shape.records)} | ${whole(ours.cpuMicrosPerCommit)} ` +
      `| ${whole(raw.commitsPerSecond)} | ${raw.p50Ms.toFixed(2)} | ${whole(raw.cpuMicrosPerCommit)} ` +
      `| ${ratio.toFixed(2)} |`,
  );
}
rmSync(root, { recursive: true, force: true });

async function measureLog(shape: Shape): Promise<Measured> {
  const directory = mkdtempSync(join(root, 'log-'));
  const log = await openEmbeddedLog({ directory });
  await log.createTopics([
    { name: 'records', partitions: shape.callers, cleanupPolicy: 'delete', retentionMs: -1 },
  ]);
  const commit = await committer(log, shape);
  const measured = await measure(shape.callers, commit);
  await log.close();
  rmSync(directory, { recursive: true });
  return measured;
}

async function committer(log: EmbeddedLog, { records, callers, stateWrites }: Shape) {
  const value = Buffer.alloc(recordBytes, 7);
  const outputs = Array.from({ length: callers }, (_, partition) =>
    Array.from({ length: records }, (_, i) => {
      const key = Buffer.from(`${i}`.padStart(keyBytes, '0'));
      return { topic: 'records', partition, key, value, timestampMs: 1, headers: [] };
    }),
  );
  if (stateWrites === undefined) {
    return async (caller: number) => void (await log.append(outputs[caller] ?? []));
  }
  const listener = { async onAssigned() {}, async onRevoked() {} };
  const member = await log.joinGroup({
    groupId: 'bench',
    topics: ['records'],
    startFrom: 'latest',
    listener,
  });
  while ((await member.poll({ maxWaitMs: 10 })).length > 0);
  return (caller: number, turn: number) =>
    member.commit({
      outputs: outputs[caller] ?? [],
      offsets: [{ topic: 'records', partition: caller, offset: BigInt(turn) }],
      state: [{ taskId: `0_${caller}`, writes: stateOf(stateWrites, turn, value) }],
    });
}

/** Keys as a count would touch them: spread over 100,000. */
function stateOf(writes: number, turn: number, value: Buffer) {
  return Array.from({ length: writes }, (_, i) => ({
    store: 'counts',
    key: stateKey(turn * writes + i),
    value,
  }));
}

function stateKey(n: number): Buffer {
  return Buffer.from(`${(n * 7_919) % 100_000}`.padStart(keyBytes, '0'));
}

async function measureLmdb(shape: Shape): Promise<Measured> {
  const directory = mkdtempSync(join(root, 'lmdb-'));
  const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const options = { ...binary, path: join(directory, 'raw.lmdb'), overlappingSync: false };
  const environment = open<Buffer, Buffer>(options);
  const database = (name: string) => environment.openDB<Buffer, Buffer>(name, binary);
  const tables = {
    batches: database('batches'),
    offsets: database('offsets'),
    state: database('state'),
  };
  const commit = rawCommitter(tables, shape);
  const measured = await measure(shape.callers, commit);
  await environment.close();
  rmSync(directory, { recursive: true });
  return measured;
}

type Table = Database<Buffer, Buffer>;

function rawCommitter(
  tables: { readonly batches: Table; readonly offsets: Table; readonly state: Table },
  { records, stateWrites = 0 }: Shape,
) {
  const batch = Buffer.alloc(45 + records * (recordBytes + keyBytes + 5), 7);
  const value = Buffer.alloc(recordBytes, 7);
  return async (caller: number, turn: number) => {
    await tables.batches.batch(() => {
      void tables.batches.put(rawKey(caller, turn), batch);
      if (stateWrites > 0) void tables.offsets.put(rawKey(caller, 0), rawKey(0, turn));
      for (let i = 0; i < stateWrites; i++) {
        const key = Buffer.concat([
          rawKey(caller, 0).subarray(0, 4),
          stateKey(turn * stateWrites + i),
        ]);
        void tables.state.put(key, value);
      }
    });
  };
}

function rawKey(caller: number, turn: number): Buffer {
  const key = Buffer.alloc(12);
  key.writeUInt32BE(caller, 0);
  key.writeUInt32BE(turn, 8);
  return key;
}

/** Callers that commit one after the other, for a while. */
async function measure(
  callers: number,
  commit: (caller: number, turn: number) => Promise<void>,
): Promise<Measured> {
  for (let turn = 0; turn < 20; turn++) await commit(0, turn);
  const latencies: number[] = [];
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const untilMs = startedMs + secondsEach * 1_000;
  const run = async (caller: number) => {
    for (let turn = 20; performance.now() < untilMs; turn++) {
      const before = performance.now();
      await commit(caller, turn);
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => run(caller)));
  const tookSeconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return {
    commitsPerSecond: latencies.length / tookSeconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuMicrosPerCommit: (user + system) / latencies.length,
  };
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
