/** Refresh tokens: each works once, whoever asks for it at the same time. */
import type { UserId } from '#schemas/users';
import type { OpenUsersStore, RefreshToken } from '../views/users-store.ts';
import { ViewError } from '../views/view.ts';
import type { MysqlDatabase } from './mysql-database.ts';
import { isDuplicate, isMissingParent } from './mysql-error.ts';
import { numberOf, type UserTables } from './user-tables.ts';

type Sessions = Pick<
  OpenUsersStore,
  'saveRefreshToken' | 'takeRefreshToken' | 'deleteRefreshTokens' | 'deleteExpiredTokens'
>;

export function sessionsIn(database: MysqlDatabase<UserTables>): Sessions {
  return {
    saveRefreshToken: (token) => save(database, token),
    takeRefreshToken: (tokenHash) => take(database, tokenHash),
    deleteRefreshTokens: async (userId) => {
      await database.write((tables) =>
        tables.deleteFrom('refresh_tokens').where('user_id', '=', userId).execute(),
      );
    },
    deleteExpiredTokens: async (nowMs) => {
      const gone = await database.write((tables) =>
        tables.deleteFrom('refresh_tokens').where('expires_at', '<', nowMs).executeTakeFirst(),
      );
      return Number(gone.numDeletedRows);
    },
  };
}

async function save(
  database: MysqlDatabase<UserTables>,
  { tokenHash, userId, expiresAtMs }: RefreshToken,
): Promise<void> {
  const row = { token_hash: tokenHash, user_id: userId, expires_at: expiresAtMs };
  let tries = 0;
  try {
    await database.write((tables) => {
      tries += 1;
      return tables.insertInto('refresh_tokens').values(row).execute();
    });
  } catch (error) {
    // The answer to an earlier try was lost. Tokens are drawn by chance: nobody else has this one.
    if (tries > 1 && isDuplicate(error)) return;
    if (!isMissingParent(error) && !isDuplicate(error)) throw error;
    const message = `there is no user '${userId}' to have a session`;
    throw new ViewError('VIEW_CONFLICT', message, error);
  }
}

/**
 * Of those who ask at once, the first locks the row and deletes it, and the others find none. When the
 * answer to the commit is lost, that is an error: nobody may have the token who is not alone with it.
 */
function take(
  database: MysqlDatabase<UserTables>,
  tokenHash: string,
): Promise<RefreshToken | undefined> {
  return database.transaction(
    async (transaction) => {
      const row = await transaction
        .selectFrom('refresh_tokens')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .forUpdate()
        .executeTakeFirst();
      if (row === undefined) return undefined;
      await transaction.deleteFrom('refresh_tokens').where('token_hash', '=', tokenHash).execute();
      const userId = row.user_id.toString() as UserId;
      return { tokenHash, userId, expiresAtMs: numberOf(row.expires_at) };
    },
    { repeatable: false },
  );
}
