/**
 * Connections to one database, limited in number and in time: nothing waits for ever, neither for a
 * connection nor for an answer. A connection whose answer did not come in time is closed, since
 * whatever comes then would be taken for the answer to another question.
 */
import type {
  MysqlPoolConnection as KyselyConnection,
  MysqlPool as KyselyPool,
  MysqlQueryResult,
} from 'kysely';
import { createPool, type Pool, type PoolConnection } from 'mysql2';
import { isUnusableAfter, MysqlError, mysqlErrorOf } from './mysql-error.ts';
import { type MysqlAddress, mysqlAddressOf } from './mysql-options.ts';

export interface ConnectionPoolOptions {
  readonly url: string;
  /** At most so many at once. */
  readonly connections: number;
  /** How long to wait for a connection, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How long to wait for the answer to one statement, in milliseconds. */
  readonly queryTimeoutMs: number;
}

/** So many may wait for a connection; whoever comes then is told at once that it is too much. */
const queueLimit = 1_000;
/** Below the server's time for the idle, so that it is us who close. */
const idleTimeoutMs = 20_000;
/** A dead client's locks end with its connection, so that its successor can go on. */
const serverIdleTimeoutSeconds = 30;
/** For a row, and for a table that is being exchanged. */
export const lockWaitSeconds = 5;
const closeTimeoutMs = 2_000;

/** Whatever the server's own settings are. */
const sessionStatements = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',
     innodb_lock_wait_timeout = ${lockWaitSeconds}, lock_wait_timeout = ${lockWaitSeconds},
     wait_timeout = ${serverIdleTimeoutSeconds}`,
];

type Callback<T> = (error: unknown, result: T) => void;
type QueryCallback = Callback<MysqlQueryResult>;

/** As Kysely wants a pool. Its errors are `MysqlError`. */
export class ConnectionPool implements KyselyPool {
  readonly #options: ConnectionPoolOptions;
  readonly #pool: Pool;
  readonly #connections = new WeakMap<PoolConnection, KyselyConnection>();
  readonly #open = new Set<PoolConnection>();
  #closed: Promise<void> | undefined;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
    this.#pool = createPool({
      ...(mysqlAddressOf(options.url) satisfies MysqlAddress),
      charset: 'utf8mb4',
      connectTimeout: options.connectTimeoutMs,
      connectionLimit: options.connections,
      maxIdle: Math.max(1, options.connections >> 1),
      idleTimeout: idleTimeoutMs,
      queueLimit,
      supportBigNumbers: true,
    });
    this.#pool.on('connection', (connection) => this.#prepare(connection));
  }

  getConnection(callback: Callback<KyselyConnection>): void {
    let isWaiting = true;
    const timer = setTimeout(() => {
      isWaiting = false;
      const message = `no connection within ${this.#options.connectTimeoutMs} ms`;
      callback(new MysqlError(message, { code: 'ETIMEDOUT' }), undefined as never);
    }, this.#options.connectTimeoutMs);
    this.#pool.getConnection((error, connection) => {
      clearTimeout(timer);
      if (!isWaiting) {
        if (!error) connection.release();
        return;
      }
      if (error) callback(mysqlErrorOf(error), undefined as never);
      else callback(undefined, this.#limited(connection));
    });
  }

  /** For Kysely, which does not call it when it was never used. */
  end(callback: (error: unknown) => void): void {
    void this.close().then(() => callback(undefined));
  }

  /** Says goodbye to the server, and closes what it does not answer. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const connection of this.#open) connection.destroy();
        resolve();
      }, closeTimeoutMs);
      this.#pool.end(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    return this.#closed;
  }

  #prepare(connection: PoolConnection): void {
    this.#open.add(connection);
    connection.on('end', () => this.#open.delete(connection));
    // A connection that breaks while nobody uses it is replaced when it is missed.
    connection.on('error', () => {});
    for (const statement of sessionStatements) {
      connection.query(statement, (error) => {
        if (error) connection.destroy();
      });
    }
  }

  #limited(connection: PoolConnection): KyselyConnection {
    let limited = this.#connections.get(connection);
    if (limited === undefined) {
      limited = limitedConnection(connection, this.#options.queryTimeoutMs);
      this.#connections.set(connection, limited);
    }
    return limited;
  }
}

function limitedConnection(connection: PoolConnection, timeoutMs: number): KyselyConnection {
  const query = (sql: string, parameters: unknown[], callback: QueryCallback) => {
    let isWaiting = true;
    const done = (error: MysqlError | undefined, result?: MysqlQueryResult) => {
      if (!isWaiting) return;
      isWaiting = false;
      clearTimeout(timer);
      // One that cannot roll back would go on with the transaction of somebody else.
      if (error && (isUnusableAfter(error) || sql === 'rollback')) connection.destroy();
      callback(error, result as MysqlQueryResult);
    };
    const timer = setTimeout(() => {
      connection.destroy();
      done(new MysqlError(`no answer within ${timeoutMs} ms`, { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    connection.query({ sql, values: parameters }, (error, result) => {
      done(error ? mysqlErrorOf(error) : undefined, result as MysqlQueryResult);
    });
  };
  return {
    query: query as KyselyConnection['query'], // We never stream, so there is always a callback.
    release: () => connection.release(),
  };
}
