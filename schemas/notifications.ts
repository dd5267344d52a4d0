/** Notifications: what a user is told in the app. Keyed by user id. */
import { avro, type Decoded, topic } from '#streams';
import { OrderId } from './orders.ts';
import { UserId } from './users.ts';

const { id, nullable, record, string, timestampMillis } = avro;

/** Made from the event it tells of, so that one event makes one notification. */
export const NotificationId = id('NotificationId');
export type NotificationId = Decoded<typeof NotificationId>;

export const Notification = record('Notification', {
  id: NotificationId,
  userId: UserId,
  kind: string,
  title: string,
  body: string,
  orderId: nullable(OrderId),
  at: timestampMillis,
});
export interface Notification extends Decoded<typeof Notification> {}

export const notifications = topic('notifications.sent', { key: UserId, value: Notification });
