import type { Item, ItemId } from '#schemas/items';
import { type MongoServer, startMongo } from '../../test/servers/mongodb/start-mongodb.ts';
import { itemsViewContract } from '../views/items-view-contract.ts';
import { keyedViewContract } from '../views/keyed-view-contract.ts';
import { type RebuildUnderTest, rebuildContract } from '../views/rebuild-contract.ts';
import { sampleFeedReport, sampleItem } from '../views/sample-values.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { changesFrom, foldUpTo } from './item-changes.ts';
import { migrateMongo } from './migrate-mongo.ts';
import { migrated, newDatabase, open, raw, versionsIn } from './mongo-under-test.ts';
import type { MongoView } from './mongo-view.ts';
import { type MongoViews, openMongoViews } from './mongo-views.ts';

let server: MongoServer;
beforeAll(async () => {
  server = await startMongo();
});
afterAll(() => server.stop());

const optionsOf = (database = newDatabase()) => ({ url: server.url, database });
const id = (text: string) => text as ItemId;

interface Opened<View> {
  readonly reader: View extends MongoView<infer K, infer V> ? MongoView<K, V>['reader'] : never;
  readonly writer: View extends MongoView<infer K, infer V> ? MongoView<K, V>['writer'] : never;
  readonly reopen: () => Promise<Opened<View>>;
}

function opening<K extends string, V>(pick: (views: MongoViews) => MongoView<K, V>) {
  const openedOf = (views: MongoViews, database: string): Opened<MongoView<K, V>> => {
    const { reader, writer } = pick(views);
    const reopen = async () => {
      await views.close();
      return openedOf(await open(optionsOf(database)), database);
    };
    return { reader, writer, reopen } as Opened<MongoView<K, V>>;
  };
  return async () => {
    const options = optionsOf();
    return openedOf(await migrated(options), options.database);
  };
}

itemsViewContract(
  "MongoDB's items view",
  opening((views) => views.items),
);
keyedViewContract(
  "MongoDB's feeds view",
  opening((views) => views.feeds),
  sampleFeedReport,
  (feedId) => ({ ...sampleFeedReport(feedId), error: 'x'.repeat(17 * 1_024 * 1_024) }),
);

function rebuildOf<K extends string, V>(pick: (views: MongoViews) => MongoView<K, V>) {
  const underTest = (views: MongoViews, database: string): RebuildUnderTest<K, V> => {
    const { reader, writer, beginCopy } = pick(views);
    return {
      reader,
      writer,
      read: (key) => reader.get(key),
      beginCopy,
      elsewhere: async () => underTest(await open(optionsOf(database)), database),
    };
  };
  return async () => {
    const options = optionsOf();
    return underTest(await migrated(options), options.database);
  };
}

rebuildContract("MongoDB's items view", {
  open: rebuildOf((views) => views.items),
  key: id,
  value: (name, version) => sampleItem(name, { version }),
});
rebuildContract("MongoDB's feeds view", {
  open: rebuildOf((views) => views.feeds),
  key: (name) => name as ReturnType<typeof sampleFeedReport>['feedId'],
  value: sampleFeedReport,
});

describe('items', () => {
  test('come back with attributes of any name', async () => {
    const { items } = await migrated(optionsOf());
    const attributes = JSON.parse(
      '{"a.b":"1","$set":"2","_bsontype":"3","__proto__":"4","%":"5","":"6"}',
    );
    const item = sampleItem('a', { attributes, updatedAt: 2 ** 52 });
    await items.writer.apply([batchOf(0, [[id('a'), item]])]);
    expect(await items.reader.get(id('a'))).toEqual(item);
  });

  test('are all entries, once each, and no deleted one', async () => {
    const views = await migrated(optionsOf());
    await views.items.writer.apply([changesFrom(0, 3_000)]);
    expect(await versionsIn(views)).toEqual(foldUpTo(3_000));
    expect(await views.items.reader.count()).toBe(foldUpTo(3_000).size);
  });

  test('forget the marker of a deleted key when it is old', async () => {
    let nowMs = Date.UTC(2026, 10, 23);
    const options = { ...optionsOf(), markerRetentionMs: 1_000_000, nowMs: () => nowMs };
    const { items } = await migrated(options);
    await items.writer.apply([batchOf<ItemId, Item>(0, [[id('a'), null]])]);
    nowMs += 4_000_000;
    await items.writer.apply([batchOf<ItemId, Item>(1, [[id('b'), null]])]);
    const database = raw(server.url, options.database);
    const live = `items_g${await liveNumber(database)}`;
    const rows = await database.collection(live).find().toArray();
    expect(rows.map(({ _id }) => _id as unknown)).toEqual(expect.arrayContaining([0, 'b']));
    expect(rows).toHaveLength(2);
  });
});

describe('a migration', () => {
  test('is needed before the views are opened, and the error says so', async () => {
    await expect(openMongoViews(optionsOf())).rejects.toThrow('run `millrace migrate`');
  });

  test('may be run again, and by several processes at once', async () => {
    const options = optionsOf();
    await Promise.all(Array.from({ length: 4 }, () => migrateMongo(options)));
    const views = await open(options);
    await views.items.writer.apply([changesFrom(0)]);
    await migrateMongo(options);
    expect(await versionsIn(views)).toEqual(foldUpTo(5));
    const there = await open(options);
    expect(await versionsIn(there)).toEqual(foldUpTo(5));
  });

  test('of a newer program is not touched', async () => {
    const options = optionsOf();
    await migrateMongo(options);
    const schema = raw(server.url, options.database).collection<{ _id: string }>('millrace_schema');
    await schema.updateOne({ _id: 'schema' }, { $set: { version: 99 } });
    const refusal = /is of version 99 and this program knows 1.*millrace migrate/;
    await expect(openMongoViews(options)).rejects.toThrow(refusal);
    await expect(migrateMongo(options)).rejects.toThrow(refusal);
  });
});

describe('a rebuild', () => {
  const contentOf = async ({ items }: MongoViews) =>
    (await items.reader.get(id('item-1')))?.version;

  test('cannot switch over once another one was begun', async () => {
    const options = optionsOf();
    const here = await migrated(options);
    await here.items.writer.apply([changesFrom(0)]);
    const older = await here.items.beginCopy();
    const newer = await (await open(options)).items.beginCopy();
    await expect(older.switchOver()).rejects.toThrow('another one was begun');
    await expect(older.writers.writer.apply([changesFrom(0)])).rejects.toMatchObject({
      code: 'SINK_UNAVAILABLE',
    });
    expect(await versionsIn(here)).toEqual(foldUpTo(5));
    await newer.writers.writer.apply([changesFrom(0, 10)]);
    await newer.switchOver();
    await newer.switchOver();
    await newer.abandon();
    expect(await versionsIn(here)).toEqual(foldUpTo(10));
  });

  test('whose process died in the middle of the switch is ended by the next to look', async () => {
    const options = optionsOf();
    const before = await migrated(options);
    await before.items.writer.apply([changesFrom(0)]);
    expect(await contentOf(before)).toBe(1);
    const copy = await before.items.beginCopy();
    await copy.writers.writer.apply([changesFrom(0, 25)]);
    // As far as the process came: the copy is live, the generation before it has not been told.
    const database = raw(server.url, options.database);
    const live = await liveNumber(database);
    const state = database.collection<{ _id: number }>(`items_g${live + 1}`);
    await state.updateOne({ _id: 0 }, { $set: { state: 'live' } });
    const views = database.collection<{ _id: string }>('millrace_views');
    await views.updateOne({ _id: 'items' }, { $set: { live: live + 1, retiring: live } });

    const after = await open(options);
    expect(await contentOf(after)).toBe(21);
    expect(await contentOf(before)).toBe(21);
    await expect(before.items.writer.apply([changesFrom(26)])).rejects.toMatchObject({
      code: 'SINK_GAP',
    });
    await before.items.writer.apply([changesFrom(25)]);
    expect(await versionsIn(after)).toEqual(foldUpTo(30));
  });

  test('leaves nothing behind of what was dropped', async () => {
    const options = optionsOf();
    const { items } = await migrated(options);
    const database = raw(server.url, options.database);
    const first = await liveNumber(database);
    await database.collection(`items_g${first}`).insertOne({ late: true });
    for (let round = 0; round < 3; round += 1) await (await items.beginCopy()).switchOver();
    await items.beginCopy();
    const names = (await database.listCollections().toArray()).map(({ name }) => name as string);
    expect(names.filter((name) => name.startsWith('items_')).sort()).toEqual([
      `items_g${first + 3}`,
      `items_g${first + 4}`,
    ]);
  });
});

describe('a database that was dropped', () => {
  test('is read as away, and is whole again when its views were built anew', async () => {
    const options = optionsOf();
    const here = await migrated(options);
    await here.items.writer.apply([changesFrom(0)]);
    expect(await here.items.isLost?.()).toBe(false);
    const database = raw(server.url, options.database);
    const before = await liveNumber(database);
    await database.dropDatabase();
    expect(await here.items.isLost?.()).toBe(true);
    await expect(here.items.reader.get(id('item-1'))).rejects.toMatchObject({
      code: 'VIEW_UNAVAILABLE',
    });
    await expect(here.items.writer.apply([changesFrom(5)])).rejects.toMatchObject({
      code: 'SINK_UNAVAILABLE',
    });

    const copy = await here.items.beginCopy();
    await copy.writers.writer.apply([changesFrom(0)]);
    await expect(here.items.reader.count()).rejects.toMatchObject({ code: 'VIEW_UNAVAILABLE' });
    await copy.switchOver();
    expect(await here.items.isLost?.()).toBe(false);
    expect(await liveNumber(database)).toBeGreaterThan(before);
    expect(await versionsIn(here)).toEqual(foldUpTo(5));
    await here.items.writer.apply([changesFrom(5)]);
    // Also for who opens it now.
    expect(await versionsIn(await open(options))).toEqual(foldUpTo(10));
  });

  test('takes nothing but what begins where the log does', async () => {
    const { items } = await migrated(optionsOf());
    await expect(items.writer.apply([changesFrom(5)])).rejects.toMatchObject({ code: 'SINK_GAP' });
  });
});

async function liveNumber(database: ReturnType<typeof raw>): Promise<number> {
  const views = database.collection<{ _id: string; live: number }>('millrace_views');
  return Number((await views.findOne({ _id: 'items' }))?.live);
}
