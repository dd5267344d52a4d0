/**
 * Writes a view: rows and positions in one transaction, so that a view is exactly the fold of the log
 * up to its positions, whatever breaks.
 *
 * Whoever writes first locks the positions of the view, until its commit. Two writers of one view so
 * take turns, and the second sees how far the first has come: what is below that is left out, so an
 * older change never wins, and a deleted key needs no marker.
 */
import type { Transaction } from 'kysely';
import type { AppliedSignal } from '../applied-signal.ts';
import { gap, rangeOf, SinkError } from '../sink-error.ts';
import type { Change, ChangeBatch, Position, ViewWriter } from '../views/view.ts';
import { type MysqlDatabase, rowsOf, run } from './mysql-database.ts';
import { isRejection, MysqlError } from './mysql-error.ts';
import { upserts } from './statements.ts';
import type { TableName, ViewTables } from './view-tables.ts';

export interface ViewWriterOptions<K, V> {
  readonly database: MysqlDatabase;
  readonly tables: ViewTables<K, V>;
  readonly named: TableName;
  /** Of a copy: it is refused to write another one, which took its place. */
  readonly copyId?: string;
  readonly signal?: AppliedSignal;
}

/** Many enough that the commit and the way there cost little for each. */
const preferredChanges = 500;

interface PositionRow {
  /** Empty in the row that says which copy it is. */
  readonly topic: Buffer;
  readonly partition_number: number;
  readonly next_offset: string;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

export function viewWriter<K, V>(options: ViewWriterOptions<K, V>): ViewWriter<K, V> {
  const { database, tables, named, signal } = options;
  const { name } = tables;
  return {
    name,
    preferredChanges,
    positions: async () => {
      try {
        const rows = await database.read((kysely) =>
          rowsOf<PositionRow>(kysely, `${selectPositions(options)} ORDER BY 1, 2`),
        );
        return rows.filter(hasTopic).map(positionOf);
      } catch (error) {
        throw sinkErrorOf(error, `view '${name}' does not tell its positions`);
      }
    },
    apply: async (batches) => {
      try {
        const isNews = await database.transaction(
          (transaction) => applyIn(transaction, options, batches),
          // Done a second time it finds its own position, and leaves out everything.
          { repeatable: true },
        );
        if (!isNews) return;
      } catch (error) {
        const where = batches.map(rangeOf).join(', ');
        throw sinkErrorOf(error, `view '${name}' cannot take ${where}`);
      }
      signal?.notify();
    },
  };

  async function applyIn(
    transaction: Transaction<unknown>,
    { copyId }: ViewWriterOptions<K, V>,
    batches: readonly ChangeBatch<K, V>[],
  ): Promise<boolean> {
    const found = await lockPositions(transaction, options);
    if (copyId !== undefined && found.copyId !== copyId) throw copyIsGone(name);
    const { changes, moved } = newIn(name, batches, found.positions);
    if (moved.size === 0) return false;
    await run(transaction, tables.statements(changes, named));
    const rows = [...moved.values()].map(({ topic, partition, nextOffset }) => [
      topic,
      partition,
      String(nextOffset),
    ]);
    const columns = ['topic', 'partition_number', 'next_offset'];
    await run(transaction, upserts(named(tables.positions), columns, rows));
    return true;
  }
}

/** What of the batches is not in the view, and where it stands with it. */
function newIn<K, V>(
  view: string,
  batches: readonly ChangeBatch<K, V>[],
  positions: ReadonlyMap<string, bigint>,
): { readonly changes: Change<K, V>[]; readonly moved: ReadonlyMap<string, Position> } {
  const changes: Change<K, V>[] = [];
  const moved = new Map<string, Position>();
  for (const batch of batches) {
    const { topic, partition, nextOffset } = batch;
    const place = placeOf(batch);
    const position = moved.get(place)?.nextOffset ?? positions.get(place);
    if (batch.fromOffset > (position ?? 0n)) throw gap(view, batch, position ?? 0n);
    if (position !== undefined && nextOffset <= position) continue;
    for (const change of batch.changes) {
      if (position === undefined || change.offset >= position) changes.push(change);
    }
    moved.set(place, { topic, partition, nextOffset });
  }
  return { changes, moved };
}

interface LockedPositions {
  readonly positions: ReadonlyMap<string, bigint>;
  /** Absent in a view that was never a copy. */
  readonly copyId: string | undefined;
}

async function lockPositions<K, V>(
  transaction: Transaction<unknown>,
  { tables, named }: ViewWriterOptions<K, V>,
): Promise<LockedPositions> {
  const select = `${selectPositions({ tables, named })} ORDER BY topic, partition_number FOR UPDATE`;
  let rows = await rowsOf<PositionRow>(transaction, select);
  if (rows.every(hasTopic)) {
    // The first writer of a view has nothing to lock yet. Of several, all but one wait here.
    await rowsOf(transaction, `INSERT IGNORE INTO ${named(tables.positions)} VALUES ('', 0, 0)`);
    rows = await rowsOf<PositionRow>(transaction, select);
  }
  return {
    positions: new Map(
      rows
        .filter(hasTopic)
        .map(positionOf)
        .map((position) => [placeOf(position), position.nextOffset]),
    ),
    copyId: rows.find((row) => !hasTopic(row))?.next_offset,
  };
}

/** Offsets as text: they may be larger than a number is exact. */
function selectPositions<K, V>({
  tables,
  named,
}: Pick<ViewWriterOptions<K, V>, 'tables' | 'named'>): string {
  return `SELECT topic, partition_number, CAST(next_offset AS CHAR) AS next_offset
    FROM ${named(tables.positions)}`;
}

function hasTopic({ topic }: PositionRow): boolean {
  return topic.length > 0;
}

function positionOf({ topic, partition_number, next_offset }: PositionRow): Position {
  return {
    topic: topic.toString(),
    partition: partition_number,
    nextOffset: BigInt(next_offset),
  };
}

function placeOf({ topic, partition }: Place): string {
  return `${topic}-${partition}`;
}

/** No rejection, which would make dead letters of good records. */
function copyIsGone(name: string): SinkError {
  const message = `view '${name}': another copy was begun in place of this one`;
  return new SinkError('SINK_UNAVAILABLE', message);
}

function sinkErrorOf(error: unknown, what: string): SinkError {
  if (error instanceof SinkError) return error;
  // What is not the database's error came from a value that does not fit its table.
  const rejected = isRejection(error) || !(error instanceof MysqlError);
  const reason = error instanceof Error ? error.message : String(error);
  return new SinkError(
    rejected ? 'SINK_REJECTED' : 'SINK_UNAVAILABLE',
    `${what}: ${reason}`,
    error,
  );
}
