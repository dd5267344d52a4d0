/** Every entry of a view, for an audit. */
import { ViewError } from '../views/view.ts';
import type { CassandraClient } from './cassandra-client.ts';
import { viewErrorOf } from './cassandra-errors.ts';
import { parsed } from './documents.ts';
import type { ViewRegister } from './view-register.ts';

const fetchSize = 1_000;

/**
 * By the hash of the key. What is written meanwhile may be seen or not; nothing is seen twice.
 *
 * @throws ViewError `VIEW_UNAVAILABLE`, also when another generation became live meanwhile.
 */
export async function* entriesOf<K extends string, V>(
  client: CassandraClient,
  register: ViewRegister,
  tableOf: (generation: number) => string,
  keyColumn: string,
): AsyncGenerator<readonly [K, V]> {
  try {
    const query = `SELECT ${keyColumn}, value FROM ${tableOf(await register.live())}`;
    let pageState: string | undefined;
    do {
      const page = await client.readPage(query, { fetchSize, pageState });
      for (const row of page.rows) {
        const value = parsed<V>(row['value']);
        if (value !== undefined) yield [row[keyColumn] as K, value];
      }
      pageState = page.pageState;
    } while (pageState !== undefined);
  } catch (error) {
    throw error instanceof ViewError ? error : viewErrorOf(error, register.name);
  }
}
