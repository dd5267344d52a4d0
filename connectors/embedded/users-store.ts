/** Users in a SQLite file of their own, durable when a write returns. */
import { join } from 'node:path';
import type { Address, Role, UserEvent, UserId } from '#schemas/users';
import type { OpenUsersStore, RefreshToken, User, UsersStore } from '../views/users-store.ts';
import { ViewError } from '../views/view.ts';
import { type Database, isConstraintViolation } from './database.ts';
import { type Migrations, openRecordFile } from './record-file.ts';
import { overDatabase } from './unavailable.ts';

const migrations: Migrations = [
  `CREATE TABLE users (
     id TEXT PRIMARY KEY,
     email TEXT NOT NULL UNIQUE,
     name TEXT NOT NULL,
     roles TEXT NOT NULL,
     password_hash TEXT NOT NULL,
     created_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE addresses (
     position INTEGER PRIMARY KEY,
     user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
     id TEXT NOT NULL,
     address TEXT NOT NULL,
     UNIQUE (user_id, id)
   ) STRICT;
   CREATE TABLE refresh_tokens (
     token_hash TEXT PRIMARY KEY,
     user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
     expires_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX refresh_tokens_of_user ON refresh_tokens (user_id);
   CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);
   CREATE TABLE outbox (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     user_id TEXT NOT NULL,
     event TEXT NOT NULL
   ) STRICT;`,
];

interface UserRow {
  readonly id: UserId;
  readonly email: string;
  readonly name: string;
  readonly roles: string;
  readonly password_hash: string;
  readonly created_at: number;
}

interface TokenRow {
  readonly user_id: UserId;
  readonly expires_at: number;
}

interface OutboxRow {
  readonly id: number;
  readonly user_id: UserId;
  readonly event: string;
}

export interface EmbeddedUsers extends OpenUsersStore {
  close(): void;
}

/** Opens or creates `users.db`; one of an older version is migrated. */
export function openEmbeddedUsers({ directory }: { readonly directory: string }): EmbeddedUsers {
  const database = openRecordFile(join(directory, 'users.db'), migrations);
  const outboxListeners = new Set<() => void>();
  const written = () => {
    for (const listener of [...outboxListeners]) listener();
  };
  return overDatabase('the users', {
    ...accounts(database, written),
    ...addresses(database),
    ...refreshTokens(database),
    ...outbox(database),
    onOutbox: (listener) => {
      const own = () => listener();
      outboxListeners.add(own);
      return () => outboxListeners.delete(own);
    },
    close: () => database.close(),
  });
}

type Accounts = Pick<UsersStore, 'create' | 'get' | 'byEmail' | 'rename' | 'setRoles' | 'delete'>;

function accounts(database: Database, outboxWritten: () => void): Accounts {
  const addToOutbox = (id: UserId, event: UserEvent) =>
    database.run('INSERT INTO outbox (user_id, event) VALUES (?, ?)', [id, JSON.stringify(event)]);
  return {
    create: async (user, event) => {
      const { id, email, name, roles, passwordHash, createdAtMs } = user;
      refusing(`the e-mail address '${email}' is taken`, () =>
        database.transaction(() => {
          const values = [id, email, name, JSON.stringify(roles), passwordHash, createdAtMs];
          database.run('INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)', values);
          addToOutbox(id, event);
        }),
      );
      outboxWritten();
    },
    get: async (id) => userOf(database.get<UserRow>('SELECT * FROM users WHERE id = ?', [id])),
    byEmail: async (email) =>
      userOf(database.get<UserRow>('SELECT * FROM users WHERE email = ?', [email])),
    rename: async (id, name) => {
      database.run('UPDATE users SET name = ? WHERE id = ?', [name, id]);
    },
    setRoles: async (id, roles) => {
      database.run('UPDATE users SET roles = ? WHERE id = ?', [JSON.stringify(roles), id]);
    },
    delete: async (id, event) => {
      const deleted = database.transaction(() => {
        if (database.run('DELETE FROM users WHERE id = ?', [id]) === 0) return false;
        addToOutbox(id, event);
        return true;
      });
      if (deleted) outboxWritten();
    },
  };
}

type Addresses = Pick<UsersStore, 'addresses' | 'putAddress' | 'deleteAddress'>;

function addresses(database: Database): Addresses {
  return {
    addresses: async (id) =>
      database
        .all<{ address: string }>(
          'SELECT address FROM addresses WHERE user_id = ? ORDER BY position',
          [id],
        )
        .map(({ address }) => JSON.parse(address) as Address),
    putAddress: async (id, address) => {
      refusing(`there is no user '${id}' to have an address`, () =>
        database.run(
          `INSERT INTO addresses (user_id, id, address) VALUES (?, ?, ?)
           ON CONFLICT (user_id, id) DO UPDATE SET address = excluded.address`,
          [id, address.id, JSON.stringify(address)],
        ),
      );
    },
    deleteAddress: async (id, addressId) =>
      database.run('DELETE FROM addresses WHERE user_id = ? AND id = ?', [id, addressId]) > 0,
  };
}

type RefreshTokens = Pick<
  OpenUsersStore,
  'saveRefreshToken' | 'takeRefreshToken' | 'deleteRefreshTokens' | 'deleteExpiredTokens'
>;

function refreshTokens(database: Database): RefreshTokens {
  return {
    saveRefreshToken: async ({ tokenHash, userId, expiresAtMs }: RefreshToken) => {
      refusing(`there is no user '${userId}' to have a session`, () =>
        database.run('INSERT INTO refresh_tokens VALUES (?, ?, ?)', [
          tokenHash,
          userId,
          expiresAtMs,
        ]),
      );
    },
    takeRefreshToken: async (tokenHash) => {
      const [row] = database.all<TokenRow & Record<string, never>>(
        'DELETE FROM refresh_tokens WHERE token_hash = ? RETURNING user_id, expires_at',
        [tokenHash],
      );
      return row && { tokenHash, userId: row.user_id, expiresAtMs: row.expires_at };
    },
    deleteRefreshTokens: async (userId) => {
      database.run('DELETE FROM refresh_tokens WHERE user_id = ?', [userId]);
    },
    deleteExpiredTokens: async (nowMs) =>
      database.run('DELETE FROM refresh_tokens WHERE expires_at < ?', [nowMs]),
  };
}

function outbox(database: Database): Pick<UsersStore, 'outbox' | 'forget'> {
  return {
    outbox: async (limit) =>
      database
        .all<OutboxRow & Record<string, never>>('SELECT * FROM outbox ORDER BY id LIMIT ?', [limit])
        .map(({ id, user_id, event }) => ({
          id,
          userId: user_id,
          event: JSON.parse(event) as UserEvent,
        })),
    forget: async (upToId) => {
      database.run('DELETE FROM outbox WHERE id <= ?', [upToId]);
    },
  };
}

function userOf(row: UserRow | undefined): User | undefined {
  return (
    row && {
      id: row.id,
      email: row.email,
      name: row.name,
      roles: JSON.parse(row.roles) as Role[],
      passwordHash: row.password_hash,
      createdAtMs: row.created_at,
    }
  );
}

function refusing<T>(message: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (!isConstraintViolation(error)) throw error;
    throw new ViewError('VIEW_CONFLICT', message, error);
  }
}
