/** One server for all tests, a namespace for each. */
import {
  type ElasticsearchServer,
  startElasticsearch,
} from '../../test/servers/elasticsearch/start-elasticsearch.ts';
import type { SearchViewUnderTest } from '../views/search-under-test.ts';
import type { ElasticsearchOptions } from './client.ts';
import { type ElasticsearchViews, openElasticsearchViews } from './elasticsearch-views.ts';
import { migrateElasticsearch } from './migrate.ts';

export class ElasticsearchUnderTest {
  readonly #opened: ElasticsearchViews[] = [];
  #server: ElasticsearchServer | undefined;
  #namespaces = 0;

  get server(): ElasticsearchServer {
    if (this.#server === undefined) throw new Error('Elasticsearch was not started');
    return this.#server;
  }

  async start(): Promise<void> {
    this.#server = await startElasticsearch();
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  /** Migrated, empty, nobody else's. */
  async newNamespace(): Promise<ElasticsearchOptions> {
    this.#namespaces += 1;
    const options = { nodes: this.server.url, namespace: `test-${this.#namespaces}`, replicas: 0 };
    await migrateElasticsearch(options);
    return options;
  }

  /** Until the end of the test. */
  async openViews(options: ElasticsearchOptions): Promise<ElasticsearchViews> {
    const views = await openElasticsearchViews(options);
    this.#opened.push(views);
    return views;
  }

  async open(options?: ElasticsearchOptions): Promise<SearchViewUnderTest> {
    const where = options ?? (await this.newNamespace());
    const { search } = await this.openViews(where);
    return { reader: search.reader, writers: search.writers, reopen: () => this.open(where) };
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((views) => views.close()));
  }
}
