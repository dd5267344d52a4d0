/** `millrace sql`: a query over the lake. */
import { join } from 'node:path';
import { openLakeSql } from '../../connectors/lake/lake-sql.ts';
import { type Command, parseWords, UsageError } from '../command.ts';
import { readConfiguration } from '../configuration.ts';

export const sql: Command = {
  summary: 'asks the lake in SQL',
  usage: `millrace sql "SELECT …" [--json]

Every topic is a view: orders.events is orders_events, with the columns partition, offset,
timestamp, key, value (JSON), headers, undecodable. For instance:

  millrace sql "SELECT value->>'$.status' AS status, count(*) FROM orders_events GROUP BY 1"

  --json  one JSON object a line instead of a table`,

  async run(words, { environment, out }) {
    const { values, positionals } = parseWords(words, { json: { type: 'boolean' } });
    const [query, ...more] = positionals;
    if (!query || more.length > 0) throw new UsageError('give one query, in quotes');
    const { dataDirectory } = readConfiguration(environment);
    const lake = await openLakeSql(join(dataDirectory, 'lake'));
    try {
      const rows = (await lake.runAndReadAll(query)).getRowObjectsJson();
      for (const line of values.json ? rows.map((row) => JSON.stringify(row)) : table(rows))
        out(line);
      return 0;
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error));
    } finally {
      lake.closeSync();
    }
  },
};

function table(rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return ['(no rows)'];
  const cells = [names, ...rows.map((row) => names.map((name) => text(row[name])))];
  const widths = names.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
  return [lines[0] ?? '', widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)];
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
