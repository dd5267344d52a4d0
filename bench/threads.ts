/**
 * What do stream threads cost, and what do they give? The same topologies on the embedded log: in the
 * main thread, in one thread and in two. How long a turn of the main thread's event loop takes
 * meanwhile is what HTTP would wait.
 *
 *   node --import tsx bench/threads.ts [records]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Application, memoryRegistry, StreamsApplication } from '#streams';
import { type EmbeddedLog, openEmbeddedLog } from '#streams/embedded';
import { ThreadedStreamsApplication } from '#streams/threads';
import { machine, rounded } from './measuring.ts';
import { count, counts, events, pass, results, work } from './threads-topologies.ts';

const records = Number(process.argv[2] ?? 200_000);
const keys = 10_000;
const valueBytes = 100;

const topologies = { pass, count, work };

console.log(`${records} records of ${valueBytes} bytes, ${keys} keys, 4 partitions\n`);
console.log(
  '| topology | threads | records/s | CPU us a record | main thread busy | a turn of its loop, p50 / p99 ms |',
);
console.log('|---|---|---|---|---|---|');
for (const name of Object.keys(topologies) as (keyof typeof topologies)[]) {
  for (const threads of [0, 1, 2]) await measure(name, threads);
}
console.log(`\n${machine()}`);

async function measure(name: keyof typeof topologies, threads: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-threads-'));
  const log = await openEmbeddedLog({ directory });
  await log.createTopics([events, results, counts]);
  const app = application(log, name, threads);
  await app.start();
  await app.running();
  await fill(log); // Also warms the code up: the first records are processed meanwhile.
  await untilCommitted(log, records);

  const startedMs = performance.now();
  const before = process.cpuUsage();
  const loop = performance.eventLoopUtilization();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await fill(log);
  delay.enable();
  await untilCommitted(log, 2 * records);
  delay.disable();
  const cpu = process.cpuUsage(before);
  const seconds = (performance.now() - startedMs) / 1_000;
  const { utilization } = performance.eventLoopUtilization(loop);
  await app.close();
  await log.close();
  rmSync(directory, { recursive: true });

  const row = [
    name,
    threads === 0 ? 'none: in the main thread' : `${threads}`,
    rounded(records / seconds),
    rounded((cpu.user + cpu.system) / records),
    `${Math.round(utilization * 100)} %`,
    `${rounded(delay.percentile(50) / 1e6)} / ${rounded(delay.percentile(99) / 1e6)}`,
  ];
  console.log(`| ${row.join(' | ')} |`);
}

function application(
  log: EmbeddedLog,
  exportName: keyof typeof topologies,
  threads: number,
): Application {
  const on = { applicationId: 'bench', log, registry: memoryRegistry() };
  if (threads === 0) return new StreamsApplication({ ...on, topology: topologies[exportName]() });
  const module = new URL('./threads-topologies.ts', import.meta.url);
  return new ThreadedStreamsApplication({ ...on, threads, topology: { module, exportName } });
}

async function fill(log: EmbeddedLog): Promise<void> {
  const value = Buffer.alloc(valueBytes, 'x');
  for (let at = 0; at < records; at += 1_000) {
    await log.append(
      Array.from({ length: Math.min(1_000, records - at) }, (_, i) => ({
        topic: events.name,
        key: Buffer.from(`key-${((at + i) * 7_919) % keys}`),
        value,
        timestampMs: at + i,
        headers: [],
      })),
    );
  }
}

async function untilCommitted(log: EmbeddedLog, expected: number): Promise<void> {
  const inputs = Array.from({ length: events.partitions }, (_, partition) => ({
    topic: events.name,
    partition,
  }));
  for (let seen = 0n; seen < expected; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const offsets = await log.committed('bench', inputs);
    seen = offsets.reduce((sum: bigint, offset) => sum + (offset ?? 0n), 0n);
  }
}
