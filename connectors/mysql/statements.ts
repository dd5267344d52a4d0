/** SQL for many rows at once, in pieces that a server takes. */
import type { SqlValue, Statement } from './mysql-database.ts';

export type Row = readonly SqlValue[];

/** Well below the packet of 16 MiB that MariaDB takes by default, even where bytes are escaped. */
const statementChars = 1 << 20;
const statementRows = 1_000;

/** Inserts the rows, or replaces what is there under their primary keys. */
export function upserts(
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
): Statement[] {
  // VALUES() is deprecated on MySQL, but all that MariaDB and MySQL before 8.0.19 know.
  const updates = columns.map((column) => `${column} = VALUES(${column})`).join();
  return inserts(table, columns, rows, `ON DUPLICATE KEY UPDATE ${updates}`);
}

export function inserts(
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
  ending = '',
): Statement[] {
  const row = `(${columns.map(() => '?').join()})`;
  return pieces(rows).map((piece) => ({
    sql: `INSERT INTO ${table} (${columns.join()}) VALUES ${piece.map(() => row).join()} ${ending}`,
    parameters: piece.flat(),
  }));
}

/** Deletes the rows whose column has one of the values. */
export function deletes(table: string, column: string, values: readonly SqlValue[]): Statement[] {
  return pieces(values.map((value) => [value])).map((piece) => ({
    sql: `DELETE FROM ${table} WHERE ${column} IN (${listOf(piece)})`,
    parameters: piece.flat(),
  }));
}

/** A question mark for each. */
export function listOf(values: readonly unknown[]): string {
  return values.map(() => '?').join();
}

function pieces(rows: readonly Row[]): Row[][] {
  const all: Row[][] = [];
  let piece: Row[] = [];
  let chars = 0;
  for (const row of rows) {
    const length = row.reduce<number>(
      (sum, value) => sum + (typeof value === 'string' ? value.length : 8),
      0,
    );
    if (piece.length > 0 && (piece.length === statementRows || chars + length > statementChars)) {
      all.push(piece);
      piece = [];
      chars = 0;
    }
    piece.push(row);
    chars += length;
  }
  if (piece.length > 0) all.push(piece);
  return all;
}
