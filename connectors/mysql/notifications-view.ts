/** Notifications: one row for each id, however often the log tells of it. */
import type { Notification, NotificationId } from '#schemas/notifications';
import type { UserId } from '#schemas/users';
import { decodeCursor, pageOf } from '../views/cursor.ts';
import type { NotificationsView } from '../views/notifications-view.ts';
import type { Change, PageRequest } from '../views/view.ts';
import { type DocumentTable, newestFirst } from './document-table.ts';
import type { MysqlDatabase, Statement } from './mysql-database.ts';
import { documentTables, type MysqlView, mysqlView } from './stored-view.ts';
import type { TableName } from './view-tables.ts';

type NotificationsTable = DocumentTable<NotificationId, Notification>;

export function mysqlNotifications(
  database: MysqlDatabase,
): MysqlView<NotificationsView, UserId, Notification, NotificationId> {
  const name = 'notifications';
  const { table, tables } = documentTables<NotificationId, Notification>(name, name, [
    { name: 'user_id', of: ({ userId }) => userId },
    { name: 'at', of: ({ at }) => at },
  ]);
  return mysqlView<NotificationsView, UserId, Notification, NotificationId>(database, {
    tables: {
      ...tables,
      statements: (changes: readonly Change<UserId, Notification>[], named) =>
        statementsOf(table, changes, named),
    },
    reader: {
      ofUser: async (userId: UserId, { limit, cursor }: PageRequest) => {
        const after = cursor === undefined ? undefined : decodeCursor(cursor, ['number', 'string']);
        const { clause, parameters } = newestFirst({
          index: 'notifications_of_user',
          conditions: ['user_id = ?'],
          parameters: [userId],
          time: 'at',
          after,
          limit,
        });
        const found = await database.read((executor) => table.select(executor, clause, parameters));
        return pageOf(found, limit, (last) => [last.at, last.id]);
      },
    },
    entriesAfter: (executor, after) => table.entriesAfter(executor, after),
  });
}

/**
 * The topic is keyed by user: a tombstone takes back all that the user was told before it, in the
 * table and in this batch.
 */
function statementsOf(
  table: NotificationsTable,
  changes: readonly Change<UserId, Notification>[],
  named: TableName,
): readonly Statement[] {
  const gone = new Set<UserId>();
  const told = new Map<NotificationId, Notification>();
  for (const { key: userId, value } of changes) {
    if (value !== null) {
      told.set(value.id, value);
      continue;
    }
    gone.add(userId);
    for (const [id, notification] of told) {
      if (notification.userId === userId) told.delete(id);
    }
  }
  return [...table.deletes('user_id', [...gone], named), ...table.puts(told, named)];
}
