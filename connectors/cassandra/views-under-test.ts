/** The views of one keyspace, emptied for each test: making a keyspace anew takes seconds. */
import { CassandraClient } from './cassandra-client.ts';
import { type CassandraViews, openCassandraViews } from './cassandra-views.ts';
import {
  archivalConfirmationsName,
  type MigrateCassandraOptions,
  migrateCassandra,
} from './migrate-cassandra.ts';
import { orderHistoryName } from './order-history.ts';
import { orderTableNames, orderTables } from './order-tables.ts';
import { recommendationsName, recommendationTables } from './recommendations.ts';
import { ViewRegister } from './view-register.ts';
import { tableName, writeMarks } from './view-tables.ts';

export class ViewsUnderTest {
  readonly options: MigrateCassandraOptions;
  readonly client: CassandraClient;
  readonly #opened: CassandraViews[] = [];

  private constructor(options: MigrateCassandraOptions, client: CassandraClient) {
    this.options = options;
    this.client = client;
  }

  static async make(options: MigrateCassandraOptions): Promise<ViewsUnderTest> {
    await migrateCassandra(options);
    return new ViewsUnderTest(options, await CassandraClient.open(options));
  }

  /** Beside those that are open, as another process would have them. */
  async open(options: Partial<MigrateCassandraOptions> = {}): Promise<CassandraViews> {
    const views = await openCassandraViews({ ...this.options, ...options });
    this.#opened.push(views);
    return views;
  }

  register(name: string): ViewRegister {
    return new ViewRegister(this.client, name);
  }

  /** Closes what is open and takes out all that was written. */
  async reset(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((views) => views.close()));
    const { keyspace } = this.client;
    const history = await this.#empty(orderHistoryName, (generation) =>
      Object.values(orderTableNames(keyspace, generation)),
    );
    await writeMarks(this.client, orderTables, history);
    const recommended = await this.#empty(recommendationsName, (generation) => [
      tableName(keyspace, recommendationTables, generation),
    ]);
    await writeMarks(this.client, recommendationTables, recommended);
    await this.#empty(archivalConfirmationsName, () => []);
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((views) => views.close()));
    await this.client.close();
  }

  /** Answers the generation that is live. */
  async #empty(name: string, tablesOf: (generation: number) => readonly string[]): Promise<number> {
    const register = this.register(name);
    const state = await register.state();
    for (const table of tablesOf(state.live)) {
      const [row] = await this.client.read(`SELECT * FROM ${table} LIMIT 1`, []);
      if (row !== undefined) await this.client.define(`TRUNCATE ${table}`);
    }
    const generations = new Set(state.positions.map(({ generation }) => generation));
    await register.forget([...generations], state);
    return state.live;
  }
}
