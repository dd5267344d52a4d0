/** Views in a database of their own for each test, on one server for a test file. */
import { type Db, MongoClient } from 'mongodb';
import { changesFrom, foldUpTo, itemCount } from './item-changes.ts';
import { migrateMongo } from './migrate-mongo.ts';
import { type MongoViews, type MongoViewsOptions, openMongoViews } from './mongo-views.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

let databases = 0;

/** Counted, so that tests are apart; on one server of one process. */
export function newDatabase(): string {
  databases += 1;
  return `test_${databases}`;
}

/** Closed after the test. */
export async function open(options: MongoViewsOptions): Promise<MongoViews> {
  const views = await openMongoViews(options);
  opened.push(views);
  return views;
}

export async function migrated(options: MongoViewsOptions): Promise<MongoViews> {
  await migrateMongo(options);
  return open(options);
}

/** The database without us. */
export function raw(url: string, database: string): Db {
  const client = new MongoClient(url);
  opened.push(client);
  return client.db(database);
}

/** The version of each item that the view has, by id. */
export async function versionsIn({ items }: MongoViews): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for await (const [id, { version }] of items.entries()) versions.set(id, version);
  return versions;
}

export async function positionOf({ items }: MongoViews): Promise<number> {
  const [position] = await items.writer.positions();
  return Number(position?.nextOffset ?? 0);
}

/**
 * That every row is as it was at the view's position, or as one of the `beyond` changes after that
 * left it; and that the changes from the position on make the fold of it.
 */
export async function expectWhole(views: MongoViews, beyond: number): Promise<void> {
  const end = await positionOf(views);
  const found = await versionsIn(views);
  for (let key = 0; key < itemCount; key += 1) {
    const id = `item-${key}`;
    const allowed = Array.from({ length: beyond + 1 }, (_, more) => foldUpTo(end + more).get(id));
    expect(allowed).toContain(found.get(id));
  }
  await views.items.writer.apply([changesFrom(end, beyond)]);
  expect(await versionsIn(views)).toEqual(foldUpTo(end + beyond));
}
