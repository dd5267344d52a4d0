/** Elasticsearch is away, hangs, refuses, or was made by another version. */
import { inspect } from 'node:util';
import { Client } from '@elastic/elasticsearch';
import type { Item, ItemId } from '#schemas/items';
import { sampleItem } from '../views/sample-values.ts';
import { ask } from '../views/search-under-test.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import type { ElasticsearchUnderTest } from './elasticsearch-under-test.ts';
import { openElasticsearchViews } from './elasticsearch-views.ts';
import { aliasOf } from './generations.ts';
import { migrateElasticsearch } from './migrate.ts';
import { parts } from './search-schema.ts';

/** A proxy that can stop to answer. */
interface HangingProxy {
  readonly port: number;
  hang(): void;
  goOn(): void;
  close(): Promise<void>;
}

export type OpenProxy = (port: number) => Promise<HangingProxy>;

const id = 'a' as ItemId;
const item = (offset: number, value: Item | null = sampleItem('a')) =>
  batchOf<ItemId, Item>(offset, [[id, value]]);

export function troubleTests(under: ElasticsearchUnderTest, openProxy: OpenProxy): void {
  describe('search on Elasticsearch, in trouble', () => {
    hungServerTests(under, openProxy);
    absentServerTests(under);
    refusalTests(under);
  });
  describe('the indices of search on Elasticsearch', () => migrationTests(under));
}

function hungServerTests(under: ElasticsearchUnderTest, openProxy: OpenProxy): void {
  test('a hung server fails every read and write in bounded time, and is used again after it', async () => {
    const options = await under.newNamespace();
    const proxy = under.closeLater(await openProxy(under.server.port));
    const { search } = await under.openViews({
      ...options,
      nodes: `http://127.0.0.1:${proxy.port}`,
      readTimeoutMs: 1_500,
      writeTimeoutMs: 1_500,
    });
    await search.writers.items.apply([item(0)]);

    proxy.hang();
    const unavailable = { code: 'VIEW_UNAVAILABLE' };
    await Promise.all([
      expect(search.reader.search(ask({ text: 'tea' }))).rejects.toMatchObject(unavailable),
      expect(search.reader.suggest('te', 5)).rejects.toMatchObject(unavailable),
      expect(search.reader.count()).rejects.toMatchObject(unavailable),
      expect(search.writers.items.apply([item(1)])).rejects.toMatchObject({
        code: 'SINK_UNAVAILABLE',
        retryable: true,
      }),
      expect(search.writers.items.positions()).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' }),
    ]);

    proxy.goOn();
    const { search: later } = await under.openViews(options);
    await later.writers.items.apply([item(1, null)]);
    await search.writers.items.apply([item(1, null)]);
    expect((await later.reader.search(ask({ text: 'tea' }))).total).toBe(0);
  });
}

function absentServerTests(under: ElasticsearchUnderTest): void {
  test('a server that is killed while it is written to has all that it acknowledged when it is back', async () => {
    const options = await under.newNamespace();
    const { search } = await under.openViews(options);
    let acknowledged = 0;
    const writing = (async () => {
      for (;;) {
        const changes = Array.from(
          { length: 20 },
          (_, at) =>
            [`item-${at}` as ItemId, sampleItem(`item-${at}`, { version: acknowledged })] as const,
        );
        await search.writers.items.apply([batchOf(acknowledged, changes)]);
        acknowledged += changes.length;
      }
    })();
    const failed = expect(writing).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
    while (acknowledged < 60) await new Promise((resolve) => setImmediate(resolve));
    await under.server.kill();
    await failed;
    await expect(search.reader.count()).rejects.toMatchObject({ code: 'VIEW_UNAVAILABLE' });
    await expect(openElasticsearchViews(options)).rejects.toMatchObject({
      code: 'VIEW_UNAVAILABLE',
    });

    await under.server.start();
    // The same process, without being started again.
    const [position] = await search.writers.items.positions();
    expect(Number(position?.nextOffset)).toBeGreaterThanOrEqual(acknowledged);
    await search.writers.items.apply([{ ...item(acknowledged + 1_000), fromOffset: 0n }]);
    expect(await search.reader.count()).toBe(21);
  });
}

function refusalTests(under: ElasticsearchUnderTest): void {
  test('a key that Elasticsearch will never take is rejected, and nothing of its batch is in', async () => {
    const { search } = await under.openViews(await under.newNamespace());
    const long = 'x'.repeat(600) as ItemId;
    const poisoned = batchOf(0, [
      [id, sampleItem('a')],
      [long, sampleItem('b')],
    ]);
    await expect(search.writers.items.apply([poisoned])).rejects.toMatchObject({
      code: 'SINK_REJECTED',
      retryable: false,
    });
    expect(await search.reader.count()).toBe(0);
    expect(await search.writers.items.positions()).toEqual([]);
  });

  test('names, brands and categories of any length are taken', async () => {
    const { search } = await under.openViews(await under.newNamespace());
    const long = 'long '.repeat(20_000);
    const changes = { title: long, brand: long, category: long, description: long };
    await search.writers.items.apply([item(0, sampleItem('a', changes))]);
    expect((await search.reader.search(ask({ text: 'long' }))).total).toBe(1);
  });

  test('a password is in no error', async () => {
    const options = await under.newNamespace();
    const password = 'secret-of-the-cluster';
    const auth = { username: 'millrace', password };
    const { gate, views } = await under.openGated({ ...options, auth });
    gate.loseFrom(1);
    const errors = await Promise.all(
      [
        views.search.writers.items.apply([item(0)]),
        views.search.reader.search(ask({ text: 'tea' })),
        views.search.beginCopy(),
        openElasticsearchViews({ ...options, auth, nodes: gate.url }),
        migrateElasticsearch({ ...options, auth, nodes: gate.url }),
      ].map((work: Promise<unknown>) => work.catch((error: unknown) => error)),
    );
    for (const error of errors) {
      expect(error).toBeInstanceOf(Error);
      const said = inspect(error, { depth: 10, showHidden: true });
      expect(said).not.toContain(password);
      expect(said).not.toContain(Buffer.from(`millrace:${password}`).toString('base64'));
    }
  });
}

function migrationTests(under: ElasticsearchUnderTest): void {
  test('are made once, by however many processes at once, and stay', async () => {
    const options = under.unusedNamespace();
    await expect(openElasticsearchViews(options)).rejects.toThrow('run `millrace migrate` first');
    await Promise.all([1, 2, 3].map(() => migrateElasticsearch(options)));
    const { search } = await under.openViews(options);
    await search.writers.items.apply([item(0)]);
    await migrateElasticsearch(options);
    expect(await search.reader.count()).toBe(1);
  });

  test('of a newer version are left alone', async () => {
    const options = under.unusedNamespace();
    await makeIndices(under, options.namespace, 99);
    await expect(openElasticsearchViews(options)).rejects.toThrow('version 99');
    await expect(migrateElasticsearch(options)).rejects.toThrow('run a newer Millrace');
  });

  test('of an older version are replaced by empty ones', async () => {
    const options = under.unusedNamespace();
    const client = await makeIndices(under, options.namespace, 0);
    await expect(openElasticsearchViews(options)).rejects.toThrow('run `millrace migrate`');
    await migrateElasticsearch(options);
    const { search } = await under.openViews(options);
    expect(await search.writers.items.positions()).toEqual([]);
    const names = await client.indices.get({ index: `${options.namespace}-*` });
    expect(Object.keys(names).filter((name) => name.endsWith('-old'))).toEqual([]);
  });

  test('are not made by a writer whose own are gone', async () => {
    const options = await under.newNamespace();
    const { search } = await under.openViews(options);
    const copy = await search.beginCopy();
    await copy.abandon();
    await expect(copy.writers.items.apply([item(0)])).rejects.toMatchObject({
      code: 'SINK_UNAVAILABLE',
    });
    const client = under.closeLater(new Client({ node: under.server.url }));
    const names = await client.indices.get({ index: `${aliasOf(options.namespace, 'sources')}*` });
    expect(Object.keys(names)).toHaveLength(1);
  });
}

/** As another version of the program left them. */
async function makeIndices(
  under: ElasticsearchUnderTest,
  namespace: string,
  millraceSchema: number,
): Promise<Client> {
  const client = under.closeLater(new Client({ node: under.server.url }));
  for (const part of parts) {
    const alias = aliasOf(namespace, part);
    const mappings = { _meta: { millraceSchema } };
    await client.indices.create({ index: `${alias}-old`, aliases: { [alias]: {} }, mappings });
  }
  return client;
}
