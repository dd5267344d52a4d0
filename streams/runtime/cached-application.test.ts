/** The record cache end to end: several records in one commit of an application on a log. */
import { memoryRegistry } from '../avro/memory-registry.ts';
import type { MemoryLog } from '../log/memory/memory-log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { StreamsApplication, type StreamsApplicationOptions } from './streams-application.ts';

const words = topic('words', { key: stringSerde, value: stringSerde, partitions: 1 });
const counts = topic('counts', { key: stringSerde, value: longSerde, partitions: 1 });
const store = { name: 'count', key: stringSerde, value: longSerde };

function counting() {
  const builder = new StreamsBuilder();
  builder.stream(words).groupByKey('by-key').count('count').toStream().to(counts);
  return builder.build();
}

/** Counts 100 words of two keys, which all wait when it starts. */
async function countHundred(log: MemoryLog, more: Partial<StreamsApplicationOptions>) {
  await log.createTopics([words]);
  await log.append(
    Array.from({ length: 100 }, (_, at) => ({
      topic: 'words',
      key: Buffer.from(at % 4 === 0 ? 'tea' : 'pot'),
      value: Buffer.from('x'),
      timestampMs: at,
      headers: [],
    })),
  );
  const app = new StreamsApplication({
    applicationId: 'app',
    topology: counting(),
    log,
    registry: memoryRegistry(),
    sliceMs: 60_000,
    ...more,
  });
  await app.start();
  while (app.metrics().commits.records < 100) await new Promise((done) => setImmediate(done));
  const { commits, tasks } = app.metrics();
  const kept = [await app.store(store).get('tea'), await app.store(store).get('pot')];
  await app.close();
  return { commits, caches: tasks.flatMap(({ caches }) => caches), kept };
}

async function written(log: MemoryLog, name: string) {
  const { offsets } = await log.describeTopic(name);
  const reader = log.openReader();
  reader.assign([{ topic: name, partition: 0, offset: 0n }]);
  const found: [string, number][] = [];
  while (BigInt(found.length) < (offsets[0]?.end ?? 0n)) {
    for (const { records } of await reader.poll({ maxWaitMs: 1_000 })) {
      for (const { key, value } of records) {
        found.push([String(key), longSerde.deserialize(value as Uint8Array)]);
      }
    }
  }
  await reader.close();
  return found;
}

test('a key comes out once a commit, and the state is what it is without a cache', async () => {
  const log = memoryLog({ commitsState: false });
  const { commits, caches, kept } = await countHundred(log, {});
  expect(commits).toMatchObject({ commits: 1, records: 100 });
  const last = [
    ['tea', 25],
    ['pot', 75],
  ];
  expect(await written(log, 'counts')).toEqual(last);
  expect((await written(log, 'app-count-changelog')).sort()).toEqual([...last].sort());
  expect(kept).toEqual([25, 75]);
  expect(caches).toEqual([{ store: 'count', updates: 100, sent: 2 }]);
  await log.close();
});

test('cacheMaxBytes 0 holds nothing back', async () => {
  const log = memoryLog();
  const { caches, kept } = await countHundred(log, { cacheMaxBytes: 0 });
  expect(await written(log, 'counts')).toHaveLength(100);
  expect(kept).toEqual([25, 75]);
  expect(caches).toEqual([]);
  await log.close();
});
