/** Findings of reconciliation, open and resolved. */
import type { Finding, FindingId } from '#schemas/reconciliation';
import { decodeCursor, pageOf } from '../views/cursor.ts';
import type { ShopViews } from '../views/shop-views.ts';
import { DocumentTable } from './document-table.ts';
import { documentView } from './document-view.ts';
import type { ViewFile } from './view-file.ts';

export const findingsTable = new DocumentTable<FindingId, Finding>(
  'findings',
  [
    { definition: 'found_at INTEGER NOT NULL', of: (finding) => finding.foundAt },
    { definition: 'resolved_at INTEGER', of: (finding) => finding.resolvedAt },
  ],
  `CREATE INDEX findings_newest ON findings (found_at DESC, key DESC);
   CREATE INDEX findings_open ON findings (found_at DESC, key DESC) WHERE resolved_at IS NULL;`,
);

export function embeddedFindings(file: ViewFile): ShopViews['findings'] {
  const { database } = file;
  const { reader, writer, entries } = documentView(file, 'findings', findingsTable);
  return {
    reader: {
      onApplied: reader.onApplied,

      list: async ({ limit, cursor, open }) => {
        const after = cursor === undefined ? undefined : decodeCursor(cursor, ['number', 'string']);
        const conditions = [
          ...(open ? ['resolved_at IS NULL'] : []),
          ...(after === undefined ? [] : ['(found_at, key) < (?, ?)']),
        ];
        const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
        const found = findingsTable.select(
          database,
          `${where} ORDER BY found_at DESC, key DESC LIMIT ?`,
          [...(after ?? []), limit + 1],
        );
        return pageOf(found, limit, (last) => [last.foundAt, last.id]);
      },

      openCount: async () =>
        database.number('SELECT count(*) FROM findings WHERE resolved_at IS NULL'),
    },
    writer,
    entries,
  };
}
