/**
 * Answers to requests with an Idempotency-Key. Requests that are answered in the same turn of the
 * event loop are saved in one transaction: each waits for the disk, all of them once.
 */
import { join } from 'node:path';
import type { OpenIdempotencyStore, StoredAnswer } from '../views/idempotency-store.ts';
import type { Database } from './database.ts';
import { type Migrations, openRecordFile } from './record-file.ts';
import { overDatabase } from './unavailable.ts';

const migrations: Migrations = [
  `CREATE TABLE answers (
     scope TEXT NOT NULL,
     key TEXT NOT NULL,
     fingerprint TEXT NOT NULL,
     status_code INTEGER NOT NULL,
     body TEXT NOT NULL,
     saved_at INTEGER NOT NULL,
     PRIMARY KEY (scope, key)
   ) STRICT;
   CREATE INDEX answers_by_age ON answers (saved_at);`,
];

interface Save {
  readonly scope: string;
  readonly key: string;
  readonly answer: StoredAnswer;
}

/** Opens or creates `idempotency.db`. */
export function openEmbeddedIdempotency({
  directory,
}: {
  readonly directory: string;
}): OpenIdempotencyStore {
  const database = openRecordFile(join(directory, 'idempotency.db'), migrations);
  let waiting: Save[] = [];
  let saving: Promise<void> | undefined;

  const saveWaiting = async () => {
    await new Promise(setImmediate);
    const saves = waiting;
    waiting = [];
    saving = undefined;
    database.transaction(() => {
      for (const save of saves) put(database, save);
    });
  };

  return overDatabase('the answers to Idempotency-Keys', {
    get: async (scope, key) =>
      database.get<StoredAnswer & Record<string, never>>(
        `SELECT fingerprint, status_code AS statusCode, body, saved_at AS savedAtMs
         FROM answers WHERE scope = ? AND key = ?`,
        [scope, key],
      ),
    save: (scope, key, answer) => {
      waiting.push({ scope, key, answer });
      saving ??= saveWaiting();
      return saving;
    },
    deleteBefore: async (savedAtMs) =>
      database.run('DELETE FROM answers WHERE saved_at < ?', [savedAtMs]),
    close: async () => {
      await saving;
      database.close();
    },
  });
}

/** The first answer stays: whoever repeats a request gets what the first one got. */
function put(database: Database, { scope, key, answer }: Save): void {
  const { fingerprint, statusCode, body, savedAtMs } = answer;
  database.run('INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?)', [
    scope,
    key,
    fingerprint,
    statusCode,
    body,
    savedAtMs,
  ]);
}
