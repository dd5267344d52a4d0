/**
 * How fast is MongoDB's items view written, beside the bare driver that puts the same documents? And
 * how soon does a reader see what was appended to the log? On the stand-in for MongoDB, so the rates
 * are the stand-in's; the processor time is ours and the driver's.
 *
 *   node --import tsx bench/sinks/mongodb.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, MongoClient } from 'mongodb';
import { type Item, type ItemId, items as itemsTopic } from '#schemas/items';
import { memoryRegistry, type Serde } from '#streams';
import { openEmbeddedLog } from '#streams/embedded';
import { migrateMongo } from '../../connectors/mongodb/migrate-mongo.ts';
import { openMongoViews } from '../../connectors/mongodb/mongo-views.ts';
import { sinkFeed } from '../../connectors/sink-feed.ts';
import { runSink } from '../../connectors/sink-runner.ts';
import { sampleItem } from '../../connectors/views/sample-values.ts';
import { batchOf } from '../../connectors/views/view-writer-contract.ts';
import { startMongo } from '../../test/servers/mongodb/start-mongodb.ts';
import { machine, percentiles, timed } from '../measuring.ts';

const records = 20_000;
const itemCount = 100_000;
const freshRecords = 300;

const server = await startMongo({ optimizes: true });
const options = { url: server.url, database: 'bench' };
await migrateMongo(options);
const views = await openMongoViews(options);
const client = new MongoClient(server.url, { writeConcern: { w: 'majority', journal: true } });
const bare: Collection<{ readonly _id: string }> = client.db('bare').collection('items');
try {
  await benchWrites();
  await benchReads();
  await benchFreshness();
  console.log(`\n${machine()}`);
} finally {
  await client.close();
  await views.close();
  await server.stop();
}

interface Rate {
  readonly perSecond: number;
  /** Of this process alone: the server is another one. */
  readonly cpuMicros: number;
}

async function rateOf(count: number, work: () => Promise<void>): Promise<Rate> {
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  await work();
  const tookSeconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: count / tookSeconds, cpuMicros: (user + system) / count };
}

async function benchWrites(): Promise<void> {
  let offset = 0;
  const nextRows = (size: number) =>
    Array.from({ length: size }, (_, index) => {
      const id = `item-${(offset + index) % itemCount}`;
      return [id as ItemId, sampleItem(id, { version: offset + index })] as const;
    });
  const ours = async (size: number) => {
    for (let done = 0; done < records; done += size) {
      await views.items.writer.apply([batchOf<ItemId, Item>(offset, nextRows(size))]);
      offset += size;
    }
  };
  const theirs = async (size: number) => {
    for (let done = 0; done < records; done += size) {
      const writes = nextRows(size).map(([_id, value]) => ({
        replaceOne: { filter: { _id: `${_id}` }, replacement: { value }, upsert: true },
      }));
      await bare.bulkWrite(writes, { ordered: false });
      offset += size;
    }
    // Nobody leaves out offsets: the view goes on from where the other one got to.
    await views.items.writer.apply([{ ...batchOf<ItemId, Item>(offset, []), fromOffset: 0n }]);
  };
  await ours(1_000); // The server warms up.
  await theirs(1_000);
  console.log(
    '| changes a batch | view records/s, CPU us | driver records/s, CPU us | ratio of rates |',
  );
  console.log('|---|---|---|---|');
  for (const size of [100, 500, 1_000, 2_000]) {
    const view = await rateOf(records, () => ours(size));
    const driver = await rateOf(records, () => theirs(size));
    const ratio = (view.perSecond / driver.perSecond).toFixed(2);
    console.log(`| ${size} | ${said(view)} | ${said(driver)} | ${ratio} |`);
  }
  while (offset < itemCount) await ours(1_000);
}

async function benchReads(): Promise<void> {
  const ids = Array.from({ length: 24 }, (_, index) => `item-${index * 7}` as ItemId);
  const one = await timed(2_000, async (index) => {
    await views.items.reader.get(`item-${index}` as ItemId);
  });
  const bareOne = await timed(2_000, async (index) => {
    await bare.findOne({ _id: `item-${index}` });
  });
  const many = await timed(500, async () => void (await views.items.reader.getMany(ids)));
  let read = 0;
  const entries = await rateOf(itemCount, async () => {
    for await (const _entry of views.items.entries()) read += 1;
  });
  console.log(`\nget p50 / p99 ${percentiles(one)}; the driver's findOne ${percentiles(bareOne)}`);
  console.log(`getMany of 24 ${percentiles(many)}`);
  console.log(`entries: ${read} at ${said(entries)} us a record`);
}

async function benchFreshness(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-mongodb-'));
  const log = await openEmbeddedLog({ directory });
  const registry = memoryRegistry();
  const use = { topic: itemsTopic.name, part: 'value', registry } as const;
  const value = (await itemsTopic.value.forTopic?.(use)) as Serde<Item>;
  const database = 'fresh';
  await migrateMongo({ url: server.url, database });
  const fresh = await openMongoViews({ url: server.url, database });
  const feeds = [sinkFeed(itemsTopic, fresh.items.writer)];
  const sink = await runSink({ name: 'items', log, registry, feeds });
  const tookMs = await timed(freshRecords, async (index) => {
    const id = `item-${index}` as ItemId;
    const seen = untilSeen(fresh.items.reader, id);
    await log.append([
      {
        topic: itemsTopic.name,
        key: Buffer.from(id),
        value: value.serialize(sampleItem(id)),
        timestampMs: 1,
        headers: [],
      },
    ]);
    await seen;
  });
  console.log(`from append to visible, one at a time: p50 / p99 ${percentiles(tookMs)}`);
  await sink.close();
  await fresh.close();
  await log.close();
  rmSync(directory, { recursive: true, force: true });
}

function untilSeen(reader: typeof views.items.reader, id: ItemId): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = reader.onApplied(() => {
      reader.get(id).then((item) => {
        if (item === undefined) return;
        stop();
        resolve();
      }, reject);
    });
  });
}

function said({ perSecond, cpuMicros }: Rate): string {
  return `${Math.round(perSecond).toLocaleString('en')}, ${cpuMicros.toFixed(1)}`;
}
