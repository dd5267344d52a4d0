/**
 * Users on MySQL: the record itself, durable when a write returns. What others need to know is in an
 * outbox, written in the same transaction.
 */
import type { Kysely, Transaction } from 'kysely';
import type { Address, AddressId, Role, UserEvent, UserId } from '#schemas/users';
import type { OpenUsersStore, User, UsersStore } from '../views/users-store.ts';
import { ViewError } from '../views/view.ts';
import { type MysqlDatabase, rowsOf } from './mysql-database.ts';
import { isDuplicate, isMissingParent } from './mysql-error.ts';
import type { MysqlOptions } from './mysql-options.ts';
import { openMigrated } from './open-migrated.ts';
import { sessionsIn } from './user-sessions.ts';
import { numberOf, type UsersRow, type UserTables } from './user-tables.ts';
import { overDatabase } from './view-unavailable.ts';

type UsersDatabase = MysqlDatabase<UserTables>;

/**
 * @throws ViewError `VIEW_UNAVAILABLE` when the server cannot be reached, and Error when its database
 * is of another version than this program.
 */
export async function openMysqlUsers(options: MysqlOptions): Promise<OpenUsersStore> {
  const database = await openMigrated<UserTables>(options);
  const listeners = new Set<() => void>();
  const written = () => {
    for (const listener of [...listeners]) listener();
  };
  return overDatabase<OpenUsersStore>('the users store', {
    ...accounts(database, written),
    ...addresses(database),
    ...sessionsIn(database),
    ...outbox(database),
    onOutbox: (listener) => {
      const own = () => listener();
      listeners.add(own);
      return () => listeners.delete(own);
    },
    close: () => database.close(),
  });
}

type Accounts = Pick<UsersStore, 'create' | 'get' | 'byEmail' | 'rename' | 'setRoles' | 'delete'>;

function accounts(database: UsersDatabase, outboxWritten: () => void): Accounts {
  const find = async (column: 'id' | 'email', value: string) => {
    const row = await database.read((tables) =>
      tables.selectFrom('users').selectAll().where(column, '=', value).executeTakeFirst(),
    );
    return row && userOf(row);
  };
  return {
    create: async (user, event) => {
      await create(database, user, event);
      outboxWritten();
    },
    get: (id) => find('id', id),
    byEmail: (email) => find('email', email),
    rename: async (id, name) => {
      await database.write((tables) =>
        tables.updateTable('users').set({ name }).where('id', '=', id).execute(),
      );
    },
    setRoles: async (id, roles) => {
      await database.write((tables) =>
        tables
          .updateTable('users')
          .set({ roles: JSON.stringify(roles) })
          .where('id', '=', id)
          .execute(),
      );
    },
    delete: async (id, event) => {
      const isTold = await database.transaction(
        async (transaction, { mayBeDone }) => {
          const gone = await transaction
            .deleteFrom('users')
            .where('id', '=', id)
            .executeTakeFirst();
          if (gone.numDeletedRows > 0n) await addToOutbox(transaction, id, event);
          return gone.numDeletedRows > 0n || mayBeDone;
        },
        // The second time there is nobody to delete, and the outbox has told of it.
        { repeatable: true },
      );
      if (isTold) outboxWritten();
    },
  };
}

async function create(database: UsersDatabase, user: User, event: UserEvent): Promise<void> {
  const row = {
    id: user.id,
    email: user.email,
    name: user.name,
    roles: JSON.stringify(user.roles),
    password_hash: user.passwordHash,
    created_at: user.createdAtMs,
  };
  let wasLost = false;
  try {
    await database.transaction(
      async (transaction, { mayBeDone }) => {
        wasLost = mayBeDone;
        await transaction.insertInto('users').values(row).execute();
        await addToOutbox(transaction, user.id, event);
      },
      { repeatable: true },
    );
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    // The answer to an earlier commit was lost, and it was made. A hash is never made twice.
    if (wasLost && (await isThere(database, user))) return;
    throw new ViewError('VIEW_CONFLICT', `the e-mail address '${user.email}' is taken`, error);
  }
}

async function isThere(database: UsersDatabase, { id, passwordHash }: User): Promise<boolean> {
  const row = await database.read((tables) =>
    tables.selectFrom('users').select('password_hash').where('id', '=', id).executeTakeFirst(),
  );
  return row?.password_hash === passwordHash;
}

/**
 * Numbers are given in the order of commits, since the counter stays locked until the commit. A number
 * of AUTO_INCREMENT can become visible after a higher one, and a relay that has read that one would
 * forget it unread.
 */
async function addToOutbox(
  transaction: Transaction<UserTables>,
  id: UserId,
  event: UserEvent,
): Promise<void> {
  await rowsOf(transaction, 'UPDATE users_outbox_counter SET last_id = last_id + 1');
  await rowsOf(
    transaction,
    'INSERT INTO users_outbox (id, user_id, event) SELECT last_id, ?, ? FROM users_outbox_counter',
    [id, JSON.stringify(event)],
  );
}

type Addresses = Pick<UsersStore, 'addresses' | 'putAddress' | 'deleteAddress'>;

function addresses(database: UsersDatabase): Addresses {
  return {
    addresses: async (id) => {
      const rows = await database.read((tables) =>
        tables
          .selectFrom('user_addresses')
          .select('address')
          .where('user_id', '=', id)
          .orderBy('position')
          .execute(),
      );
      return rows.map(({ address }) => JSON.parse(address) as Address);
    },
    putAddress: async (id, address) => {
      try {
        await database.write((tables) => putAddress(tables, id, address));
      } catch (error) {
        if (!isMissingParent(error)) throw error;
        const message = `there is no user '${id}' to have an address`;
        throw new ViewError('VIEW_CONFLICT', message, error);
      }
    },
    deleteAddress: async (id: UserId, addressId: AddressId) => {
      const gone = await database.writeOnce((tables) =>
        tables
          .deleteFrom('user_addresses')
          .where('user_id', '=', id)
          .where('id', '=', addressId)
          .executeTakeFirst(),
      );
      return gone.numDeletedRows > 0n;
    },
  };
}

async function putAddress(
  tables: Kysely<UserTables>,
  userId: UserId,
  address: Address,
): Promise<void> {
  const text = JSON.stringify(address);
  await tables
    .insertInto('user_addresses')
    .values({ user_id: userId, id: address.id, address: text })
    .onDuplicateKeyUpdate({ address: text })
    .execute();
}

function outbox(database: UsersDatabase): Pick<UsersStore, 'outbox' | 'forget'> {
  return {
    outbox: async (limit) => {
      const rows = await database.read((tables) =>
        tables.selectFrom('users_outbox').selectAll().orderBy('id').limit(limit).execute(),
      );
      return rows.map(({ id, user_id, event }) => ({
        id: numberOf(id),
        userId: user_id.toString() as UserId,
        event: JSON.parse(event) as UserEvent,
      }));
    },
    forget: async (upToId) => {
      await database.write((tables) =>
        tables.deleteFrom('users_outbox').where('id', '<=', upToId).execute(),
      );
    },
  };
}

function userOf(row: UsersRow): User {
  return {
    id: row.id.toString() as UserId,
    email: row.email.toString(),
    name: row.name,
    roles: JSON.parse(row.roles) as Role[],
    passwordHash: row.password_hash,
    createdAtMs: numberOf(row.created_at),
  };
}
