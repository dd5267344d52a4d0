/** What users were told, one entry a notification id. Fed by `notifications.sent`. */
import type { Notification } from '#schemas/notifications';
import type { UserId } from '#schemas/users';
import type { Page, PageRequest, ViewReader, ViewWriter } from './view.ts';

export interface NotificationsView extends ViewReader {
  /** Newest first. */
  ofUser(userId: UserId, page: PageRequest): Promise<Page<Notification>>;
}

export interface NotificationsWriter extends ViewWriter<UserId, Notification> {}
