/**
 * SQL over the lake: an in-memory DuckDB with one view a topic. `orders.events` is the view
 * `orders_events` with the columns of lake-rows.ts, its value as JSON: `value->>'$.status'`.
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { lakeColumns } from './lake-rows.ts';
import { ParquetFiles } from './parquet-files.ts';

function viewNameOf(topic: string): string {
  return topic.replaceAll(/[^A-Za-z0-9]/g, '_');
}

/** Topics that have no file yet are empty views when they are named in `expected`. */
export async function openLakeSql(
  directory: string,
  expected: readonly string[] = [],
): Promise<DuckDBConnection> {
  const files = new ParquetFiles(directory);
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  for (const topic of new Set([...files.topics(), ...expected])) {
    const paths = files.ofTopic(topic).map(({ path }) => `'${path.replaceAll("'", "''")}'`);
    const source =
      paths.length > 0
        ? `SELECT * REPLACE ("value"::JSON AS "value") FROM read_parquet([${paths.join(', ')}])`
        : 'SELECT * REPLACE ("value"::JSON AS "value") FROM nothing';
    if (paths.length === 0)
      await connection.run(`CREATE TABLE IF NOT EXISTS nothing (${lakeColumns})`);
    await connection.run(`CREATE VIEW ${viewNameOf(topic)} AS ${source}`);
  }
  return connection;
}
