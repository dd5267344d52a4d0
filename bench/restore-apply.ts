/**
 * How fast is state restored, without a broker: records put into local state on LMDB by themselves,
 * and by an application that reads its changelogs from a log in memory.
 *
 *   npm run bench:restore-apply -- [records]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bytesSerde,
  memoryLog,
  memoryRegistry,
  StreamsApplication,
  StreamsBuilder,
  topic,
} from '#streams';
import { openLocalState } from '#streams/local-state';

const records = Number(process.argv[2] ?? 400_000);
const keyBytes = 9;
const valueBytes = 500;
const batchRecords = 5_000;
const root = mkdtempSync(join(tmpdir(), 'restore-apply-'));
const values = Buffer.alloc(valueBytes * batchRecords, 'value');

const keyOf = (at: number) => Buffer.from(`k${String(at).padStart(keyBytes - 1, '0')}`);
const valueAt = (at: number) => {
  const from = (at % batchRecords) * valueBytes;
  return values.subarray(from, from + valueBytes);
};
/** 7,919 is a prime: each number below `records` comes once, far from the one before. */
const shuffled = (at: number) => (at * 7_919) % records;

function report(what: string, startedMs: number, cpu: NodeJS.CpuUsage): void {
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const megabytes = (records * (keyBytes + valueBytes)) / 1e6;
  const rate = `${Math.round(records / seconds / 1_000)}k records/s, ${Math.round(megabytes / seconds)} MB/s`;
  console.log(`${what}: ${rate}, ${((user + system) / records).toFixed(1)} us of CPU a record`);
}

async function apply(what: string, keyAt: (at: number) => number): Promise<void> {
  const directory = join(root, what);
  const storage = await openLocalState({ directory });
  const task = await storage.openTask('bench', '0_0');
  const [startedMs, cpu] = [performance.now(), process.cpuUsage()];
  for (let from = 0; from < records; from += batchRecords) {
    const count = Math.min(batchRecords, records - from);
    const writes = Array.from({ length: count }, (_, i) => ({
      store: 'rows',
      key: keyOf(keyAt(from + i)),
      value: valueAt(from + i),
    }));
    await task.apply(writes, new Map([['changelog', BigInt(from + count)]]));
  }
  report(`apply, keys ${what}`, startedMs, cpu);
  await storage.close();
  rmSync(directory, { recursive: true });
}

async function restore(): Promise<void> {
  const rows = { key: bytesSerde, value: bytesSerde, partitions: 4 };
  const builder = new StreamsBuilder();
  builder.stream(topic('input', rows)).toTable('rows', rows);
  const log = memoryLog({ commitsState: false });
  const changelog = 'bench-rows-changelog';
  const settings = { partitions: 4, cleanupPolicy: 'compact', retentionMs: -1 } as const;
  await log.createTopics([{ name: changelog, ...settings }]);
  for (let from = 0; from < records; from += batchRecords) {
    await log.append(
      Array.from({ length: Math.min(batchRecords, records - from) }, (_, i) => ({
        topic: changelog,
        key: keyOf(from + i),
        value: valueAt(from + i),
        timestampMs: 0,
        headers: [],
      })),
    );
  }
  const localState = await openLocalState({ directory: join(root, 'restore') });
  const application = new StreamsApplication({
    applicationId: 'bench',
    topology: builder.build(),
    log,
    registry: memoryRegistry(),
    localState,
  });
  const [startedMs, cpu] = [performance.now(), process.cpuUsage()];
  await application.start();
  await application.running();
  report('restore of 4 tasks from a log in memory, keys in order', startedMs, cpu);
  await application.close();
  await localState.close();
  await log.close();
}

try {
  await apply('in order', (at) => at);
  await apply('in no order', shuffled);
  await restore();
} finally {
  rmSync(root, { recursive: true, force: true });
}
