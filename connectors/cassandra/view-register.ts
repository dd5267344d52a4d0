/**
 * The table `millrace_views`: for each view which generation of its tables is live, which is a copy
 * under way, and how far each generation has read each partition. All of a view is one partition of
 * the table, so that one conditional write moves positions on only while they, and the live
 * generation, are what its writer has seen: positions go forward, and no writer that was left behind
 * moves them.
 *
 * Every write is conditional (Paxos): a plain one beside them could be lost.
 */
import type { Position } from '../views/view.ts';
import type { CassandraClient, Statement } from './cassandra-client.ts';

export interface StoredPosition extends Position {
  readonly generation: number;
  /** How many keys of the partition the view has. */
  readonly entryCount: bigint;
}

export interface ViewState {
  readonly live: number;
  /** `null` when none is under way. */
  readonly copy: number | null;
  /** The highest generation there ever was: none is used twice. */
  readonly last: number;
  /** Of every generation. */
  readonly positions: readonly StoredPosition[];
}

/** A partition that moves on. */
export interface Step {
  readonly topic: string;
  readonly partition: number;
  /** Where it stands; `undefined` when it was never read. */
  readonly from: bigint | undefined;
  readonly nextOffset: bigint;
  readonly entryCount: bigint;
}

export function registerTable(keyspace: string): string {
  return `CREATE TABLE IF NOT EXISTS ${keyspace}.millrace_views (
    name text, generation int, topic text, partition int, next_offset bigint, entry_count bigint,
    live int STATIC, copy int STATIC, last int STATIC,
    PRIMARY KEY (name, generation, topic, partition))`;
}

export class ViewRegister {
  readonly name: string;
  readonly #client: CassandraClient;
  readonly #table: string;

  constructor(client: CassandraClient, name: string) {
    this.name = name;
    this.#client = client;
    this.#table = `${client.keyspace}.millrace_views`;
  }

  /** Makes the view known, with this generation; does nothing when it is known. */
  async found(generation: number): Promise<void> {
    await this.#client.writeIf([
      {
        query: `UPDATE ${this.#table} SET live = ?, last = ? WHERE name = ? IF live = NULL`,
        params: [generation, generation, this.name],
      },
    ]);
  }

  /** As it is now, whoever is writing. */
  async state(): Promise<ViewState> {
    const query = `SELECT * FROM ${this.#table} WHERE name = ?`;
    const rows = await this.#client.read(query, [this.name], { serial: true, timeoutMs: 5_000 });
    const [first] = rows;
    if (first?.['live'] == null)
      throw new Error(`no view '${this.name}': run \`millrace migrate\``);
    return {
      live: first['live'] as number,
      copy: first['copy'] as number | null,
      last: first['last'] as number,
      // A view without positions has one row, of what all of its rows have in common.
      positions: rows.flatMap((row) =>
        row['next_offset'] == null
          ? []
          : [
              {
                generation: row['generation'] as number,
                topic: row['topic'] as string,
                partition: row['partition'] as number,
                nextOffset: row['next_offset'] as bigint,
                entryCount: row['entry_count'] as bigint,
              },
            ],
      ),
    };
  }

  /** For readers: the last that was decided. */
  async live(): Promise<number> {
    const query = `SELECT DISTINCT name, live FROM ${this.#table} WHERE name = ?`;
    const [row] = await this.#client.read(query, [this.name]);
    if (row?.['live'] == null) throw new Error(`no view '${this.name}': run \`millrace migrate\``);
    return row['live'] as number;
  }

  /** How many keys the live generation has, by the positions that it has. */
  async entryCount(): Promise<number> {
    const query = `SELECT live, generation, entry_count FROM ${this.#table} WHERE name = ?`;
    const rows = await this.#client.read(query, [this.name]);
    return rows
      .filter((row) => row['generation'] === row['live'])
      .reduce((sum, row) => sum + Number(row['entry_count'] ?? 0n), 0);
  }

  /** All steps, or `false` and none: another process was there before, or the generation is another. */
  advance(generation: number, role: 'live' | 'copy', steps: readonly Step[]): Promise<boolean> {
    return this.#client.writeIf(
      steps.map(({ topic, partition, from, nextOffset, entryCount }) => ({
        query:
          `UPDATE ${this.#table} SET next_offset = ?, entry_count = ? ` +
          'WHERE name = ? AND generation = ? AND topic = ? AND partition = ? ' +
          `IF next_offset = ? AND ${role} = ?`,
        params: [
          nextOffset,
          entryCount,
          ...[this.name, generation, topic, partition],
          from ?? null,
          generation,
        ],
      })),
    );
  }

  /** A new generation is the copy; one that was under way is none any more. */
  async beginCopy(): Promise<number> {
    for (;;) {
      const { last } = await this.state();
      const next = last + 1;
      const query = `UPDATE ${this.#table} SET copy = ?, last = ? WHERE name = ? IF last = ?`;
      if (await this.#client.writeIf([{ query, params: [next, next, this.name, last] }]))
        return next;
    }
  }

  /** `false` when the generation is not the copy: a later one has taken its place. */
  makeLive(generation: number): Promise<boolean> {
    const query = `UPDATE ${this.#table} SET live = ?, copy = NULL WHERE name = ? IF copy = ?`;
    return this.#client.writeIf([{ query, params: [generation, this.name, generation] }]);
  }

  async abandonCopy(generation: number): Promise<void> {
    const query = `UPDATE ${this.#table} SET copy = NULL WHERE name = ? IF copy = ?`;
    await this.#client.writeIf([{ query, params: [this.name, generation] }]);
  }

  /** Drops the positions of generations whose tables are gone. */
  async forget(generations: readonly number[], { last }: ViewState): Promise<void> {
    if (generations.length === 0) return;
    const unchanged: Statement = {
      query: `UPDATE ${this.#table} SET last = ? WHERE name = ? IF last = ?`,
      params: [last, this.name, last],
    };
    const deletes = generations.map((generation) => ({
      query: `DELETE FROM ${this.#table} WHERE name = ? AND generation = ?`,
      params: [this.name, generation],
    }));
    await this.#client.writeIf([unchanged, ...deletes]);
  }
}
