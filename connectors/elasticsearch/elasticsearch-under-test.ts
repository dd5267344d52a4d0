/** One server for all tests, a namespace for each. */
import type { SearchViewUnderTest } from '../views/search-under-test.ts';
import type { ElasticsearchOptions } from './client.ts';
import { type ElasticsearchViews, openElasticsearchViews } from './elasticsearch-views.ts';
import { HttpGate } from './http-gate.ts';
import { migrateElasticsearch } from './migrate.ts';

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

/** How soon tests want to know that nothing answers. */
const writeTimeoutMs = 10_000;

export class ElasticsearchUnderTest {
  readonly #start: () => Promise<ServerUnderTest>;
  readonly #opened: Closable[] = [];
  #server: ServerUnderTest | undefined;
  #namespaces = 0;
  #prepared: Promise<ElasticsearchOptions> | undefined;

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
      writeTimeoutMs,
    };
  }

  /** Migrated and empty. The next one is made meanwhile: it takes longer than most tests. */
  newNamespace(): Promise<ElasticsearchOptions> {
    const namespace = this.#prepared ?? this.#prepareNamespace();
    this.#prepared = this.#prepareNamespace();
    this.#prepared.catch(() => {}); // Whoever takes it learns of it.
    return namespace;
  }

  async #prepareNamespace(): Promise<ElasticsearchOptions> {
    const options = this.unusedNamespace();
    await migrateElasticsearch({ ...options, writeTimeoutMs: 60_000 });
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
  }
}
