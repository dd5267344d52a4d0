/** One database on MySQL or MariaDB: reads, and transactions that are done again where that is safe. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompiledQuery,
  Kysely,
  MysqlDialect,
  type QueryExecutorProvider,
  type Transaction,
} from 'kysely';
import { backoffMs } from '../timing.ts';
import { ConnectionPool } from './connection-pool.ts';
import { isConnectionLost, isMissingTable, isRolledBack, MysqlError } from './mysql-error.ts';
import type { MysqlOptions } from './mysql-options.ts';

export type SqlValue = string | number | null;

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** What statements are run on: a database, or a transaction in it. */
export type Executor = QueryExecutorProvider & {
  executeQuery<R>(query: CompiledQuery<R>): Promise<{ readonly rows: R[] }>;
};

export interface TransactionOptions {
  /**
   * Whether the transaction may be done again when nobody knows if it was committed: the second time
   * must then change nothing. Else that is an error.
   */
  readonly repeatable: boolean;
}

/** Of one try at a transaction. */
export interface Attempt {
  /** The answer to an earlier commit was lost: it may have been made, or be under way. */
  readonly mayBeDone: boolean;
}

/** A service answers, or says that it cannot, within 2 s. */
const readTimeoutMs = 1_800;
const readLimits = { connections: 8, connectTimeoutMs: 1_500, queryTimeoutMs: 1_500 };
/** A sink has more to say at once, and time. */
const writeLimits = { connections: 10, connectTimeoutMs: 5_000, queryTimeoutMs: 10_000 };
const attempts = 4;
const backoff = { firstMs: 10, maxMs: 200 };

export class MysqlDatabase<Tables = unknown> {
  readonly #pools: readonly ConnectionPool[];
  /** Apart, so that sinks never take the last connection from readers. */
  readonly #reading: Kysely<Tables>;
  readonly #writing: Kysely<Tables>;
  #closed = false;

  /** Connects when it is used, and again after it was cut off. */
  constructor({ url }: MysqlOptions) {
    const reading = new ConnectionPool({ url, ...readLimits });
    const writing = new ConnectionPool({ url, ...writeLimits });
    this.#pools = [reading, writing];
    this.#reading = kyselyOf<Tables>(reading);
    this.#writing = kyselyOf<Tables>(writing);
  }

  /** Within two seconds; tried again when a connection breaks or a table is exchanged under it. */
  read<T>(work: (tables: Kysely<Tables>) => Promise<T>): Promise<T> {
    return within(readTimeoutMs, () =>
      this.#repeating(
        () => work(this.#reading),
        (error) => isConnectionLost(error) || isMissingTable(error),
      ),
    );
  }

  /** One statement that may be done twice. */
  write<T>(work: (tables: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#repeating(
      () => work(this.#writing),
      (error) => isConnectionLost(error) || isRolledBack(error),
    );
  }

  /** One statement that may not: when its answer is lost, that is an error. */
  writeOnce<T>(work: (tables: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#repeating(() => work(this.#writing), isRolledBack);
  }

  /** All of `work` or nothing. `work` may be called several times. */
  transaction<T>(
    work: (tables: Transaction<Tables>, attempt: Attempt) => Promise<T>,
    { repeatable }: TransactionOptions,
  ): Promise<T> {
    let mayBeDone = false;
    let isCommitting = false;
    return this.#repeating(
      async () => {
        isCommitting = false;
        const transaction = await this.#writing.startTransaction().execute();
        try {
          const result = await work(transaction, { mayBeDone });
          isCommitting = true;
          await transaction.commit().execute();
          return result;
        } catch (error) {
          if (isCommitting) mayBeDone = true;
          // It gives the connection back; one that is broken has rolled back by itself.
          await transaction
            .rollback()
            .execute()
            .catch(() => {});
          throw error;
        }
      },
      (error) => isRolledBack(error) || (isConnectionLost(error) && (repeatable || !isCommitting)),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#pools.map((pool) => pool.close()));
  }

  async #repeating<T>(work: () => Promise<T>, mayRepeat: (error: unknown) => boolean): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      if (this.#closed) throw new MysqlError('the database is closed');
      try {
        return await work();
      } catch (error) {
        if (this.#closed) throw new MysqlError('the database is closed');
        if (attempt + 1 >= attempts || !mayRepeat(error)) throw error;
      }
      await sleep(backoffMs(backoff, attempt, Math.random));
    }
  }
}

export async function rowsOf<Row>(
  executor: Executor,
  sql: string,
  parameters: readonly SqlValue[] = [],
): Promise<readonly Row[]> {
  const { rows } = await executor.executeQuery<Row>(CompiledQuery.raw(sql, [...parameters]));
  return rows;
}

export async function run(executor: Executor, statements: readonly Statement[]): Promise<void> {
  for (const { sql, parameters } of statements) await rowsOf(executor, sql, parameters);
}

function kyselyOf<Tables>(pool: ConnectionPool): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new MysqlDialect({ pool }) });
}

async function within<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new MysqlError(`no answer within ${limitMs} ms`, { code: 'ETIMEDOUT' })),
      limitMs,
    );
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
