/**
 * Routes by pincode. Thousands of pincodes share one list of routes, so a list is kept once, under
 * the digest of its content: a tenth of the file, and one parsed copy in memory for all of them.
 */
import { createHash } from 'node:crypto';
import type { Pincode, PincodeRoutes, Route } from '#schemas/serviceability';
import { BoundedCache } from '../bounded-cache.ts';
import type { Database } from './database.ts';

export const routesSchema = `
  CREATE TABLE route_lists (
    digest TEXT PRIMARY KEY,
    routes TEXT NOT NULL,
    reaches INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE pincode_routes (
    pincode TEXT PRIMARY KEY,
    digest TEXT NOT NULL REFERENCES route_lists (digest)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pincode_routes_by_list ON pincode_routes (digest);`;

const cachedLists = 2_000;
const cachedPincodes = 20_000;
const entriesChunk = 500;

export class RoutesTable {
  readonly #database: Database;
  readonly #lists = new BoundedCache<string, readonly Route[]>(cachedLists);
  readonly #pincodes = new BoundedCache<Pincode, PincodeRoutes>(cachedPincodes);

  constructor(database: Database) {
    this.#database = database;
  }

  get(pincode: Pincode): PincodeRoutes | undefined {
    return this.#pincodes.get(pincode, () => {
      const digest = this.#digestOf(pincode);
      return digest === undefined ? undefined : { pincode, routes: this.#routesOf(digest) };
    });
  }

  put(pincode: Pincode, { routes }: PincodeRoutes): void {
    const json = JSON.stringify(routes);
    const digest = createHash('sha256').update(json).digest('base64url');
    const before = this.#digestOf(pincode);
    if (before === digest) return;
    this.#database.run('INSERT OR IGNORE INTO route_lists VALUES (?, ?, ?)', [
      digest,
      json,
      routes.length > 0 ? 1 : 0,
    ]);
    this.#database.run(
      `INSERT INTO pincode_routes VALUES (?, ?)
       ON CONFLICT DO UPDATE SET digest = excluded.digest`,
      [pincode, digest],
    );
    this.#released(pincode, before);
  }

  delete(pincode: Pincode): void {
    const before = this.#digestOf(pincode);
    this.#database.run('DELETE FROM pincode_routes WHERE pincode = ?', [pincode]);
    this.#released(pincode, before);
  }

  reachableCount(): number {
    return this.#database.number(
      'SELECT count(*) FROM pincode_routes JOIN route_lists USING (digest) WHERE reaches',
    );
  }

  async *entries(): AsyncGenerator<readonly [Pincode, PincodeRoutes]> {
    let after = '';
    for (;;) {
      const rows = this.#database.all<{ pincode: Pincode; digest: string }>(
        `SELECT pincode, digest FROM pincode_routes
         WHERE pincode > ? ORDER BY pincode LIMIT ${entriesChunk}`,
        [after],
      );
      // At once, before a yield lets a writer remove a list.
      const found = rows.map(
        ({ pincode, digest }) => [pincode, { pincode, routes: this.#routesOf(digest) }] as const,
      );
      yield* found;
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.pincode;
    }
  }

  #digestOf(pincode: Pincode): string | undefined {
    return this.#database.get<{ digest: string }>(
      'SELECT digest FROM pincode_routes WHERE pincode = ?',
      [pincode],
    )?.digest;
  }

  #routesOf(digest: string): readonly Route[] {
    const load = () => {
      const sql = 'SELECT routes FROM route_lists WHERE digest = ?';
      const row = this.#database.get<{ routes: string }>(sql, [digest]);
      return row && (JSON.parse(row.routes) as Route[]);
    };
    return this.#lists.get(digest, load) ?? [];
  }

  /** The cached lists stay right even if the transaction rolls back: a digest is its content. */
  #released(pincode: Pincode, digest: string | undefined): void {
    this.#pincodes.delete(pincode);
    if (digest === undefined) return;
    this.#database.run(
      `DELETE FROM route_lists WHERE digest = ?
       AND NOT EXISTS (SELECT 1 FROM pincode_routes WHERE digest = route_lists.digest)`,
      [digest],
    );
  }
}
