/**
 * Answers to requests with an Idempotency-Key. What is to be saved while a statement is under way goes
 * into the next one together: each waits for the disk, all of them once.
 */
import type { OpenIdempotencyStore, StoredAnswer } from '../views/idempotency-store.ts';
import { type MysqlDatabase, rowsOf, run } from './mysql-database.ts';
import type { MysqlOptions } from './mysql-options.ts';
import { openMigrated } from './open-migrated.ts';
import { inserts, type Row } from './statements.ts';
import { overDatabase } from './view-unavailable.ts';

interface AnswerTables {
  readonly answers: { readonly saved_at: number };
}

interface AnswerRow {
  readonly fingerprint: Buffer;
  readonly statusCode: number;
  readonly body: string;
  readonly savedAtMs: number;
}

const columns = ['scope', 'request_key', 'fingerprint', 'status_code', 'body', 'saved_at'];
/** So many at once, so that nobody waits long for the locks. */
const deletedAtOnce = 5_000;

/**
 * @throws ViewError `VIEW_UNAVAILABLE` when the server cannot be reached, and Error when its database
 * is of another version than this program.
 */
export async function openMysqlIdempotency(options: MysqlOptions): Promise<OpenIdempotencyStore> {
  const database = await openMigrated<AnswerTables>(options);
  const saves = new Saves(database);
  return overDatabase<OpenIdempotencyStore>('the store of answers', {
    get: (scope, key) => find(database, scope, key),
    save: (scope, key, { fingerprint, statusCode, body, savedAtMs }) =>
      saves.add([scope, key, fingerprint, statusCode, body, savedAtMs]),
    deleteBefore: (savedAtMs) => deleteBefore(database, savedAtMs),
    close: async () => {
      await saves.done();
      await database.close();
    },
  });
}

/** Gathers rows until the statement before has been answered. */
class Saves {
  readonly #database: MysqlDatabase<AnswerTables>;
  #waiting: Row[] = [];
  /** Of those that wait. */
  #next: Promise<void> | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(database: MysqlDatabase<AnswerTables>) {
    this.#database = database;
  }

  add(row: Row): Promise<void> {
    this.#waiting.push(row);
    this.#next ??= this.#saveAfter(this.#underWay);
    return this.#next;
  }

  async done(): Promise<void> {
    await this.#next?.catch(() => {}); // Who saves has been told of it.
    await this.#underWay.catch(() => {});
  }

  async #saveAfter(before: Promise<void>): Promise<void> {
    await before.catch(() => {});
    await new Promise(setImmediate);
    const rows = this.#waiting;
    this.#waiting = [];
    this.#underWay = this.#next ?? before;
    this.#next = undefined;
    // The first answer stays: whoever repeats a request gets what the first one got. IGNORE would
    // also shorten a key that is too long, and take it for another.
    const statements = inserts('answers', columns, rows, 'ON DUPLICATE KEY UPDATE scope = scope');
    await this.#database.write((tables) => run(tables, statements));
  }
}

async function find(
  database: MysqlDatabase<AnswerTables>,
  scope: string,
  key: string,
): Promise<StoredAnswer | undefined> {
  const [row] = await database.read((tables) =>
    rowsOf<AnswerRow>(
      tables,
      `SELECT fingerprint, status_code AS statusCode, body, saved_at AS savedAtMs
       FROM answers WHERE scope = ? AND request_key = ?`,
      [scope, key],
    ),
  );
  return row && { ...row, fingerprint: row.fingerprint.toString() };
}

async function deleteBefore(
  database: MysqlDatabase<AnswerTables>,
  savedAtMs: number,
): Promise<number> {
  let count = 0;
  for (;;) {
    const gone = await database.write((tables) =>
      tables
        .deleteFrom('answers')
        .where('saved_at', '<', savedAtMs)
        .limit(deletedAtOnce)
        .executeTakeFirst(),
    );
    count += Number(gone.numDeletedRows);
    if (gone.numDeletedRows < BigInt(deletedAtOnce)) return count;
  }
}
