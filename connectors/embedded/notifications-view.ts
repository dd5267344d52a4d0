/** Notifications: one row for each id, however often the log tells of it. */
import type { Notification } from '#schemas/notifications';
import { decodeCursor, pageOf } from '../views/cursor.ts';
import type { ShopViews } from '../views/shop-views.ts';
import { DocumentTable } from './document-table.ts';
import { AppliedSignal, type ViewFile } from './view-file.ts';

export const notificationsTable = new DocumentTable<Notification['id'], Notification>(
  'notifications',
  [
    { definition: 'user_id TEXT NOT NULL', of: (notification) => notification.userId },
    { definition: 'at INTEGER NOT NULL', of: (notification) => notification.at },
  ],
  'CREATE INDEX notifications_of_user ON notifications (user_id, at DESC, key DESC);',
);

export function embeddedNotifications(file: ViewFile): ShopViews['notifications'] {
  const { database } = file;
  const signal = new AppliedSignal();
  return {
    reader: {
      onApplied: (listener) => signal.onApplied(listener),

      ofUser: async (userId, { limit, cursor }) => {
        const after = cursor === undefined ? undefined : decodeCursor(cursor, ['number', 'string']);
        const found = notificationsTable.select(
          database,
          `WHERE user_id = ? ${after === undefined ? '' : 'AND (at, key) < (?, ?)'}
           ORDER BY at DESC, key DESC LIMIT ?`,
          [userId, ...(after ?? []), limit + 1],
        );
        return pageOf(found, limit, (last) => [last.at, last.id]);
      },
    },
    writer: file.writer({
      name: 'notifications',
      signal,
      put: (_userId, notification) =>
        notificationsTable.put(database, notification.id, notification),
      // The topic is keyed by user: a tombstone takes back all that the user was told.
      delete: (userId) => {
        database.run('DELETE FROM notifications WHERE user_id = ?', [userId]);
      },
    }),
    entries: () => notificationsTable.entries(database),
  };
}
