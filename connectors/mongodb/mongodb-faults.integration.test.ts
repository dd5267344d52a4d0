/** Two writers at once, processes and servers that die, a server that hangs. */
import { inspect } from 'node:util';
import type { Item, ItemId } from '#schemas/items';
import { freePorts } from '../../test/servers/free-ports.ts';
import { type MongoServer, startMongo } from '../../test/servers/mongodb/start-mongodb.ts';
import { openTcpProxy, type TcpProxy } from '../../test/servers/tcp-proxy.ts';
import { writeAndKill } from '../killed-writer.ts';
import { sampleItem } from '../views/sample-values.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { changesFrom, changesInBatch, foldUpTo } from './item-changes.ts';
import {
  expectWhole,
  migrated,
  newDatabase,
  open,
  positionOf,
  versionsIn,
} from './mongo-under-test.ts';
import { type MongoViews, openMongoViews } from './mongo-views.ts';

let server: MongoServer;
let proxy: TcpProxy;
beforeAll(async () => {
  server = await startMongo();
  proxy = await openTcpProxy(server.port);
});
afterAll(async () => {
  await proxy.close();
  await server.stop();
});
afterEach(() => proxy.goOn());

const id = (text: string) => text as ItemId;
const throughProxy = () => `mongodb://127.0.0.1:${proxy.port}`;
const unavailable = { code: 'VIEW_UNAVAILABLE' };

/** Applies the log in batches of this size, over what is there already, up to `end`. */
async function applyAll(views: MongoViews, size: number, end: number): Promise<void> {
  for (let from = 0; from < end; from += size) {
    const batch = changesFrom(from, Math.min(size, end - from));
    await views.items.writer.apply([batch]);
  }
}

describe('two writers of one view', () => {
  test.each([
    [1, 9],
    [4, 7],
    [5, 5],
  ])('in batches of %d and %d leave what one would', async (a, b) => {
    const options = { url: server.url, database: newDatabase() };
    const here = await migrated(options);
    const there = await open(options);
    await Promise.all([applyAll(here, a, 180), applyAll(there, b, 180)]);
    expect(await positionOf(here)).toBe(180);
    expect(await versionsIn(here)).toEqual(foldUpTo(180));
    expect(await here.items.reader.count()).toBe(foldUpTo(180).size);
  });
});

/** A writer that hangs when it has read the position, until `goOn`, and writes its rows then. */
async function hungWriter(database: string, changes: Parameters<typeof batchOf<ItemId, Item>>[1]) {
  let armed = false;
  let hangs = () => {};
  const hung = new Promise<void>((resolve) => {
    hangs = resolve;
  });
  const late = await open({
    url: throughProxy(),
    database,
    // It is asked for the time between the two.
    nowMs: () => {
      if (armed) proxy.hang();
      armed = false;
      hangs();
      return Date.now();
    },
  });
  armed = true;
  const applied = late.items.writer.apply([batchOf<ItemId, Item>(0, changes)]);
  await hung;
  return { applied, late };
}

describe('a writer', () => {
  test('that is late with old rows changes nothing', async () => {
    const options = { url: server.url, database: newDatabase() };
    const views = await migrated(options);
    const put = (name: string, version: number) =>
      [id(name), sampleItem(name, { version })] as const;
    const { applied } = await hungWriter(options.database, [put('a', 0), put('b', 1), put('c', 2)]);

    const older = batchOf<ItemId, Item>(0, [put('a', 0), put('b', 1), put('c', 2)]);
    await views.items.writer.apply([older]);
    await views.items.writer.apply([batchOf<ItemId, Item>(3, [put('a', 3), [id('b'), null]])]);
    proxy.goOn();
    await applied;
    const found = new Map([
      ['a', 3],
      ['c', 2],
    ]);
    expect(await versionsIn(views)).toEqual(found);
    expect(await positionOf(views)).toBe(5);
  });

  test('that is late by a rebuild puts nothing into the new generation', async () => {
    const options = { url: server.url, database: newDatabase() };
    const views = await migrated(options);
    const put = (name: string, version: number) =>
      [id(name), sampleItem(name, { version })] as const;
    const { applied, late } = await hungWriter(options.database, [put('a', 0), put('b', 1)]);

    const copy = await views.items.beginCopy();
    await copy.writers.writer.apply([batchOf<ItemId, Item>(0, [put('a', 7)])]);
    await copy.switchOver();
    proxy.goOn();
    await expect(applied).rejects.toMatchObject({ code: 'SINK_GAP', retryable: true });
    expect(await versionsIn(views)).toEqual(new Map([['a', 7]]));
    expect(await positionOf(late)).toBe(1);
    await late.items.writer.apply([batchOf<ItemId, Item>(1, [put('b', 1)])]);
    expect(await versionsIn(views)).toEqual(
      new Map([
        ['a', 7],
        ['b', 1],
      ]),
    );
  });
});

test('after each kill -9 of a writer no position is after what is in', async () => {
  const options = { url: server.url, database: newDatabase() };
  const views = await migrated(options);
  const writer = new URL('./crash-writer.ts', import.meta.url);
  for (const lines of [1, 47]) {
    const acknowledged = await writeAndKill(writer, [server.url, options.database], lines);
    expect(await positionOf(views)).toBeGreaterThanOrEqual(acknowledged);
    await expectWhole(views, changesInBatch);
  }
});

test('after each kill -9 of the server the same holds, and views go on by themselves', async () => {
  const killed = await startMongo({ onDisk: true });
  try {
    const views = await migrated({
      url: killed.url,
      database: newDatabase(),
      writeTimeoutMs: 2_000,
    });
    await views.items.writer.apply([changesFrom(0)]);
    // The stand-in writes its file each second; MongoDB would have lost nothing that it answered.
    await killed.halt();
    await killed.start();
    await untilAnswers(views);
    for (const batches of [1, 60]) {
      const error = await writeUntilItFails(views, batches, () => void killed.kill());
      expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE', retryable: true });
      await expect(views.items.reader.get(id('item-1'))).rejects.toMatchObject(unavailable);
      await killed.start();
      await untilAnswers(views);
      await expectWhole(views, changesInBatch);
    }
  } finally {
    await killed.stop();
  }
});

/** Tries until it fails, and begins the kill after so many batches. */
async function writeUntilItFails(views: MongoViews, batches: number, kill: () => void) {
  const begin = await positionOf(views);
  for (let batch = 0; ; batch += 1) {
    if (batch === batches) kill();
    try {
      await views.items.writer.apply([changesFrom(begin + batch * changesInBatch)]);
    } catch (error) {
      return error;
    }
  }
}

/** The driver looks for its server again from time to time. */
async function untilAnswers({ items }: MongoViews): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const found = await Promise.allSettled([items.reader.count(), items.writer.positions()]);
    if (found.every(({ status }) => status === 'fulfilled')) return;
  }
  throw new Error('MongoDB did not come back');
}

describe('a server that hangs', () => {
  const quick = { readTimeoutMs: 400, writeTimeoutMs: 600 };

  test('fails what waits for it, and is used again when it goes on', async () => {
    const options = { url: throughProxy(), database: newDatabase(), ...quick };
    const views = await migrated({ ...options, url: server.url });
    const hanging = await open(options);
    await hanging.items.writer.apply([changesFrom(0)]);
    expect(await hanging.items.reader.count()).toBe(5);

    proxy.hang();
    await expect(hanging.items.reader.get(id('item-1'))).rejects.toMatchObject(unavailable);
    await expect(hanging.items.reader.getMany([id('item-1')])).rejects.toMatchObject(unavailable);
    await expect(hanging.items.reader.count()).rejects.toMatchObject(unavailable);
    const error = await hanging.items.writer.apply([changesFrom(5)]).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'SINK_UNAVAILABLE', retryable: true });
    await expect(openMongoViews(options)).rejects.toMatchObject(unavailable);

    proxy.goOn();
    await untilAnswers(hanging);
    await hanging.items.writer.apply([changesFrom(0, 10)]);
    expect(await versionsIn(views)).toEqual(foldUpTo(10));
  });

  test('is told from one that is not there, without its password', async () => {
    const [port] = await freePorts(1);
    const url = `mongodb://shop:topsecret@127.0.0.1:${port}/?authSource=admin`;
    const error = await openMongoViews({ url, database: 'a', ...quick }).catch((reason) => reason);
    expect(error).toMatchObject(unavailable);
    expect(error.message).toContain('ECONNREFUSED');
    expect(inspect(error, { depth: 20 })).not.toContain('topsecret');
  });

  test.each([
    'mongodb://shop:top@secret@host',
    'http://shop:topsecret@host',
    'mongodb://h/?no=such',
  ])('has no address such as %s, and the error does not repeat it', async (url) => {
    const error = await openMongoViews({ url, database: 'a' }).catch((reason) => reason);
    expect(error.message).toMatch(/address of MongoDB is not a connection string/);
    expect(inspect(error, { depth: 20 })).not.toMatch(/top|no=such/);
  });
});
