import { join } from 'node:path';
import {
  type IdempotencyStoreUnderTest,
  idempotencyStoreContract,
} from '../views/idempotency-store-contract.ts';
import { type UsersStoreUnderTest, usersStoreContract } from '../views/users-store-contract.ts';
import { openEmbeddedIdempotency } from './idempotency-store.ts';
import { openRecordFile } from './record-file.ts';
import { temporaryDirectories } from './temporary-directory.ts';
import { openEmbeddedUsers } from './users-store.ts';

const newDirectory = temporaryDirectories();
const opened: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const file of opened.splice(0)) await file.close();
});

async function openUsers(directory: string): Promise<UsersStoreUnderTest> {
  const store = openEmbeddedUsers({ directory });
  opened.push(store);
  return {
    store,
    reopen: () => {
      store.close();
      return openUsers(directory);
    },
  };
}

async function openAnswers(directory: string): Promise<IdempotencyStoreUnderTest> {
  const store = openEmbeddedIdempotency({ directory });
  opened.push(store);
  return {
    store,
    reopen: async () => {
      await store.close();
      return openAnswers(directory);
    },
  };
}

usersStoreContract('the embedded users store', () => openUsers(newDirectory()));
idempotencyStoreContract('the embedded store of answers', () => openAnswers(newDirectory()));

describe('a file that is the record', () => {
  const first = 'CREATE TABLE notes (text TEXT NOT NULL) STRICT';
  const second = "ALTER TABLE notes ADD COLUMN author TEXT NOT NULL DEFAULT 'unknown'";
  const open = (path: string, migrations: readonly string[]) => {
    const database = openRecordFile(path, migrations);
    opened.push(database);
    return database;
  };

  test('keeps its rows when it is migrated to a newer version', () => {
    const path = join(newDirectory(), 'notes.db');
    const before = open(path, [first]);
    before.run('INSERT INTO notes VALUES (?)', ['hello']);
    before.close();
    const after = open(path, [first, second]);
    expect(after.all('SELECT * FROM notes')).toEqual([{ text: 'hello', author: 'unknown' }]);
    expect(after.version).toBe(2);
  });

  test('is not opened by an older program, and stays as it is', () => {
    const path = join(newDirectory(), 'notes.db');
    open(path, [first, second]).close();
    expect(() => openRecordFile(path, [first])).toThrow(/is of version 2.*versions up to 1/);
    expect(open(path, [first, second]).version).toBe(2);
  });

  test('stays at the version before a migration that fails', () => {
    const path = join(newDirectory(), 'notes.db');
    open(path, [first]).close();
    expect(() => openRecordFile(path, [first, `${second}; SELECT nonsense`])).toThrow();
    const database = open(path, [first]);
    expect(database.version).toBe(1);
    expect(database.all('PRAGMA table_info(notes)')).toHaveLength(1);
  });
});
