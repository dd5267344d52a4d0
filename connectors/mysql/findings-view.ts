/** Findings of reconciliation, open and resolved. */
import type { Finding, FindingId } from '#schemas/reconciliation';
import { decodeCursor, pageOf } from '../views/cursor.ts';
import type { FindingsView } from '../views/findings-view.ts';
import type { PageRequest } from '../views/view.ts';
import { newestFirst } from './document-table.ts';
import type { MysqlDatabase } from './mysql-database.ts';
import { documentTables, type MysqlView, mysqlView } from './stored-view.ts';

const isOpen = 'resolved_at IS NULL';

export function mysqlFindings(
  database: MysqlDatabase,
): MysqlView<FindingsView, FindingId, Finding> {
  const { table, tables } = documentTables<FindingId, Finding>('findings', 'findings', [
    { name: 'found_at', of: ({ foundAt }) => foundAt },
    { name: 'resolved_at', of: ({ resolvedAt }) => resolvedAt },
  ]);
  return mysqlView<FindingsView, FindingId, Finding>(database, {
    tables,
    reader: {
      list: async ({ limit, cursor, open }: PageRequest & { readonly open: boolean }) => {
        const after = cursor === undefined ? undefined : decodeCursor(cursor, ['number', 'string']);
        const { clause, parameters } = newestFirst({
          index: open ? 'findings_open' : 'findings_newest',
          conditions: open ? [isOpen] : [],
          parameters: [],
          time: 'found_at',
          after,
          limit,
        });
        const found = await database.read((executor) => table.select(executor, clause, parameters));
        return pageOf(found, limit, (last) => [last.foundAt, last.id]);
      },
      openCount: () => database.read((executor) => table.count(executor, `WHERE ${isOpen}`)),
    },
    entriesAfter: (executor, after) => table.entriesAfter(executor, after),
  });
}
