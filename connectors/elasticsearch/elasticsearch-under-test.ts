/** One server for all tests, a namespace for each. */
import { Client } from '@elastic/elasticsearch';
import type { SearchViewUnderTest } from '../views/search-under-test.ts';
import type { ElasticsearchOptions } from './client.ts';
import { type ElasticsearchViews, openElasticsearchViews } from './elasticsearch-views.ts';
import { aliasOf, firstGeneration, liveGeneration } from './generations.ts';
import { HttpGate } from './http-gate.ts';
import { migrateElasticsearch } from './migrate.ts';
import { parts } from './search-schema.ts';

export interface ServerUnderTest {
  readonly url: string;
  readonly port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Closable {
  close(): Promise<void>;
}

export class ElasticsearchUnderTest {
  readonly #start: () => Promise<ServerUnderTest>;
  readonly #opened: Closable[] = [];
  #server: ServerUnderTest | undefined;
  /** Of the test that runs. */
  readonly #lent: ElasticsearchOptions[] = [];
  readonly #free: ElasticsearchOptions[] = [];
  #namespaces = 0;

  constructor(start: () => Promise<ServerUnderTest>) {
    this.#start = start;
  }

  get server(): ServerUnderTest {
    if (this.#server === undefined) throw new Error('Elasticsearch was not started');
    return this.#server;
  }

  async start(): Promise<void> {
    this.#server = await this.#start();
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  /** Of nobody else, and without indices. */
  unusedNamespace(): ElasticsearchOptions {
    this.#namespaces += 1;
    return {
      nodes: this.server.url,
      namespace: `test-${this.#namespaces}`,
      replicas: 0,
      // The machine may be busy with something else; how long a hung server takes has a test of its own.
      readTimeoutMs: 30_000,
      writeTimeoutMs: 60_000,
    };
  }

  /** Migrated and empty. After the test it is emptied for another one: making indices takes longer. */
  async newNamespace(): Promise<ElasticsearchOptions> {
    const options = this.#free.pop() ?? (await this.#makeNamespace());
    this.#lent.push(options);
    return options;
  }

  async #makeNamespace(): Promise<ElasticsearchOptions> {
    const options = this.unusedNamespace();
    await migrateElasticsearch(options);
    await withClient(this.server.url, async (client) => {
      // So that what was deleted can be written again with a version that is not higher.
      const index = parts.map((part) => aliasOf(options.namespace, part));
      await client.indices.putSettings({ index, settings: { gc_deletes: '-1' } });
    });
    return options;
  }

  /** Until the end of the test. */
  async openViews(options: ElasticsearchOptions): Promise<ElasticsearchViews> {
    return this.closeLater(await openElasticsearchViews(options));
  }

  /** The same namespace by way of a gate. */
  async openGated(
    options: ElasticsearchOptions,
  ): Promise<{ readonly gate: HttpGate; readonly views: ElasticsearchViews }> {
    const gate = await HttpGate.open(this.server.url);
    const views = await this.openViews({ ...options, nodes: gate.url });
    this.closeLater(gate);
    return { gate, views };
  }

  async open(options?: ElasticsearchOptions): Promise<SearchViewUnderTest> {
    const where = options ?? (await this.newNamespace());
    const { search } = await this.openViews(where);
    return { reader: search.reader, writers: search.writers, reopen: () => this.open(where) };
  }

  closeLater<T extends Closable>(opened: T): T {
    this.#opened.push(opened);
    return opened;
  }

  async closeAll(): Promise<void> {
    for (const opened of this.#opened.splice(0)) await opened.close();
    for (const options of this.#lent.splice(0)) {
      if (await isEmptied(this.server.url, options.namespace)) this.#free.push(options);
    }
  }
}

/** `false` when its indices are no longer those that it began with. */
function isEmptied(url: string, namespace: string): Promise<boolean> {
  return withClient(url, async (client) => {
    const live = await liveGeneration(client, namespace);
    if (live?.generation.documents !== firstGeneration(namespace).documents) return false;
    const index = parts.map((part) => live.generation[part]);
    await client.indices.refresh({ index });
    await client.deleteByQuery({ index, query: { match_all: {} }, refresh: true });
    const { count } = await client.count({ index });
    return count === 0;
  });
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ node: url });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
