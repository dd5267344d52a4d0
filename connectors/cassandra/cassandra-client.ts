/**
 * The driver as every view uses it: prepared statements, limits of time, and repeats only of what may
 * be done twice. Numbers of the type `bigint` are JavaScript's.
 */
import type { ConnectionOptions } from 'node:tls';
import cassandra from 'cassandra-driver';

const { policies, types } = cassandra;

export interface CassandraOptions {
  /** `host:port` of one or more nodes; the others are found from there. */
  readonly contactPoints: readonly string[];
  /** Whose nodes are talked to, and make the local quorum. */
  readonly localDataCenter: string;
  /** Holds the views: lower-case letters, digits, `_`; at most 48. */
  readonly keyspace: string;
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
  /** @defaultValue without TLS */
  readonly tls?: ConnectionOptions | undefined;
  /**
   * How many replicas have answered a read and a write: more than half of the local datacenter's, or
   * of all. With `quorum` the processes that write one view may be in several datacenters.
   *
   * @defaultValue `local-quorum`
   */
  readonly consistency?: 'local-quorum' | 'quorum' | undefined;
}

type Row = cassandra.types.Row;
export type Values = readonly unknown[];

export interface Statement {
  readonly query: string;
  readonly params: Values;
}

export interface ReadOptions {
  /** Sees also what a conditional write is about to decide. @defaultValue false */
  readonly serial?: boolean;
  /** @defaultValue 1_500 */
  readonly timeoutMs?: number;
}

export interface RowPage {
  readonly rows: readonly Row[];
  /** Where the next page begins; `undefined` after the last. */
  readonly pageState: string | undefined;
}

/** A reader waits two seconds at most, the reading of which generation is live included. */
const readTimeoutMs = 1_500;
/** A node gives up a write after two seconds, a conditional one after one, by default. */
const writeTimeoutMs = 5_000;
/** All nodes take part in a change of the schema. */
const schemaTimeoutMs = 60_000;
/** When another node is asked the same: well above the slowest of a hundred answers. */
const speculativeAfterMs = 250;

export class CassandraClient {
  readonly keyspace: string;
  readonly #client: cassandra.Client;
  readonly #consistency: number;
  readonly #serial: number;

  private constructor(client: cassandra.Client, options: CassandraOptions) {
    const local = options.consistency !== 'quorum';
    this.keyspace = options.keyspace;
    this.#client = client;
    this.#consistency = types.consistencies[local ? 'localQuorum' : 'quorum'];
    this.#serial = types.consistencies[local ? 'localSerial' : 'serial'];
  }

  /** @throws the driver's errors; no connection is left open then. */
  static async open(options: CassandraOptions): Promise<CassandraClient> {
    // It is part of statements, where no parameter can stand.
    if (!/^[a-z][a-z0-9_]{0,47}$/.test(options.keyspace)) {
      throw new Error(`'${options.keyspace}' is no name of a keyspace: see CassandraOptions`);
    }
    const client = new cassandra.Client(driverOptions(options));
    client.on('hostRemove', endRemovedHost);
    try {
      await client.connect();
    } catch (error) {
      await client.shutdown();
      throw error;
    }
    return new CassandraClient(client, options);
  }

  /** All rows: for statements whose rows are few. */
  async read(query: string, params: Values, options: ReadOptions = {}): Promise<readonly Row[]> {
    const { rows } = await this.#client.execute(query, [...params], {
      prepare: true,
      isIdempotent: true,
      consistency: options.serial ? this.#serial : this.#consistency,
      readTimeout: options.timeoutMs ?? readTimeoutMs,
    });
    return rows;
  }

  async readPage(
    query: string,
    options: { readonly fetchSize: number; readonly pageState?: string | undefined },
  ): Promise<RowPage> {
    const { rows, pageState } = await this.#client.execute(query, [], {
      ...(options.pageState === undefined ? {} : { pageState: options.pageState }),
      fetchSize: options.fetchSize,
      prepare: true,
      isIdempotent: true,
      consistency: this.#consistency,
      readTimeout: schemaTimeoutMs,
    });
    return { rows, pageState: pageState ?? undefined };
  }

  /** For what does no harm twice: it names its own timestamp. */
  async write(query: string, params: Values): Promise<void> {
    await this.#client.execute(query, [...params], {
      prepare: true,
      isIdempotent: true,
      consistency: this.#consistency,
      readTimeout: writeTimeoutMs,
    });
  }

  /** Whether its conditions held, and it was done. Of several statements, in one partition: all or none. */
  async writeIf(statements: readonly Statement[]): Promise<boolean> {
    const options = {
      prepare: true,
      isIdempotent: false,
      consistency: this.#consistency,
      serialConsistency: this.#serial,
      readTimeout: writeTimeoutMs,
    };
    const [first] = statements;
    if (first === undefined) return true;
    const result =
      statements.length === 1
        ? await this.#client.execute(first.query, [...first.params], options)
        : await this.#client.batch(
            statements.map(({ query, params }) => ({ query, params: [...params] })),
            options,
          );
    return result.wasApplied();
  }

  /** Resolves when every node that is up has the new schema. */
  async define(query: string): Promise<void> {
    const result = await this.#client.execute(query, [], { readTimeout: schemaTimeoutMs });
    // The driver has waited for it; its types do not say so.
    const { isSchemaInAgreement } = result.info as { readonly isSchemaInAgreement?: boolean };
    if (isSchemaInAgreement) return;
    throw new Error('the nodes of the cluster do not agree on its schema: try again');
  }

  close(): Promise<void> {
    return this.#client.shutdown();
  }
}

/**
 * When all nodes were away, the driver begins anew with new objects for the same nodes, and the old
 * ones would connect again too, for ever, also when the client is closed (driver 4.10.0).
 */
function endRemovedHost(host: { shutdown?(waitForPending: boolean): Promise<void> }): void {
  host.shutdown?.(false).catch(() => {}); // It is not used any more.
}

function driverOptions(options: CassandraOptions): cassandra.DseClientOptions {
  return {
    contactPoints: [...options.contactPoints],
    localDataCenter: options.localDataCenter,
    ...(options.credentials === undefined ? {} : { credentials: { ...options.credentials } }),
    ...(options.tls === undefined ? {} : { sslOptions: options.tls }),
    encoding: { useBigIntAsLong: true },
    policies: {
      retry: new policies.retry.IdempotenceAwareRetryPolicy(new policies.retry.RetryPolicy()),
      speculativeExecution: new policies.speculativeExecution.ConstantSpeculativeExecutionPolicy(
        speculativeAfterMs,
        1,
      ),
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(250, 5_000, false),
    },
    pooling: {
      // Notices a node that hangs, and not only one that is gone.
      heartBeatInterval: 5_000,
      coreConnectionsPerHost: { [types.distance.local]: 2, [types.distance.remote]: 1 },
    },
    socketOptions: { connectTimeout: 2_000, readTimeout: writeTimeoutMs },
    protocolOptions: { maxSchemaAgreementWaitSeconds: 30 },
  };
}
