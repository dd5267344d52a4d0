/**
 * How many records a second does a stateful, exactly-once count take, from the embedded log, through
 * a store, to an output topic? Beside it the same loop without a library: read the same records from
 * the log, decode, count in a Map, encode, throw the result away. Durability, output and state are
 * the difference.
 *
 *   node --import tsx bench/count.ts [records] [keys] [cacheMaxBytes]
 *
 * With 0 bytes of cache every update of the count comes out; else one of each key and commit.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  longSerde,
  memoryRegistry,
  StreamsApplication,
  StreamsBuilder,
  stringSerde,
  topic,
} from '#streams';
import { type EmbeddedLog, openEmbeddedLog } from '#streams/embedded';

const records = Number(process.argv[2] ?? 400_000);
const keys = Number(process.argv[3] ?? 10_000);
const cacheMaxBytes = process.argv[4] === undefined ? undefined : Number(process.argv[4]);
const partitions = 4;
const valueBytes = 100;
const topicSettings = { key: stringSerde, value: stringSerde, partitions };

const events = topic('events', topicSettings);
const counts = topic('counts', { ...topicSettings, value: longSerde });

const directory = mkdtempSync(join(tmpdir(), 'bench-count-'));
const log = await openEmbeddedLog({ directory });
await log.createTopics([events, counts]);
await fill(log);

const plain = await measure(() => countInMap(log));
const app = application(log);
const streams = await measure(async () => {
  await app.start();
  while (processed() < records) await new Promise((resolve) => setTimeout(resolve, 5));
});
const { commits, tasks } = app.metrics();
await app.close();
await log.close();
rmSync(directory, { recursive: true });

console.log(
  `${records} records of ${valueBytes} bytes, ${keys} keys, ${partitions} partitions, one thread`,
);
console.log('| program | records/s | CPU us a record |');
console.log('|---|---|---|');
console.log(row('count, exactly once, durable', streams));
console.log(row('Map: read, decode, count, encode', plain));
console.log(
  `| ratio | ${(plain.tookMs / streams.tookMs).toFixed(2)} | ${(streams.cpuMicros / plain.cpuMicros).toFixed(1)} x |`,
);
console.log(`${commits.commits} commits, ${commits.meanMs.toFixed(1)} ms each`);
const sent = tasks.flatMap(({ caches }) => caches).reduce((sum, cache) => sum + cache.sent, 0);
console.log(`${sent === 0 ? records : sent} updates came out`);

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

function application(log: EmbeddedLog): StreamsApplication {
  const builder = new StreamsBuilder();
  const table = builder.stream(events).groupByKey('by-key').count('count-by-key');
  table
    .toStream()
    .mapValues((count) => count ?? 0)
    .to(counts);
  const topology = builder.build();
  return new StreamsApplication({
    applicationId: 'bench',
    topology,
    log,
    registry: memoryRegistry(),
    ...(cacheMaxBytes === undefined ? {} : { cacheMaxBytes }),
  });
}

function processed(): number {
  const { commits } = app.metrics();
  return commits.records;
}

async function countInMap(log: EmbeddedLog): Promise<void> {
  const counted = new Map<string, number>();
  const reader = log.openReader();
  const offsets = Array.from({ length: partitions }, (_, partition) => partition);
  reader.assign(offsets.map((partition) => ({ topic: events.name, partition, offset: 0n })));
  let seen = 0;
  let bytes = 0;
  while (seen < records) {
    for (const batch of await reader.poll({ maxWaitMs: 100 })) {
      for (const { key, value } of batch.records) {
        const decodedKey = stringSerde.deserialize(key as Uint8Array);
        bytes += stringSerde.deserialize(value as Uint8Array).length;
        const count = (counted.get(decodedKey) ?? 0) + 1;
        counted.set(decodedKey, count);
        bytes += stringSerde.serialize(decodedKey).length + longSerde.serialize(count).length;
      }
      seen += batch.records.length;
    }
  }
  if (bytes === 0) throw new Error('nothing was counted');
  await reader.close();
}

interface Measured {
  readonly tookMs: number;
  readonly cpuMicros: number;
}

async function measure(work: () => Promise<void>): Promise<Measured> {
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  await work();
  const tookMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { tookMs, cpuMicros: user + system };
}

function row(name: string, { tookMs, cpuMicros }: Measured): string {
  const perSecond = Math.round((records / tookMs) * 1_000).toLocaleString('en');
  return `| ${name} | ${perSecond} | ${(cpuMicros / records).toFixed(1)} |`;
}
