/**
 * Notifications: tells shoppers in the app what became of their orders, each thing once.
 *
 *   orders.events ──▶ notify-once ──▶ notifications.sent
 *                        │  ▲
 *                        ▼  │
 *                      notified
 */
import { type Notification, NotificationId, notifications } from '#schemas/notifications';
import { orderEvents } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { avro, keyValueStore, StreamsBuilder, type Topology } from '#streams';
import { notificationOf } from './words.ts';

const dayMs = 86_400_000;
/** Longer than any replay of the topic reaches back. */
const rememberedMs = 90 * dayMs;

/** What was told, and when, by the time of its event. */
const stores = {
  notified: keyValueStore('notified', { key: NotificationId, value: avro.timestampMillis }),
};

export function notificationsTopology(): Topology {
  const builder = new StreamsBuilder();

  builder
    .stream(orderEvents)
    .process<UserId, Notification, typeof stores>('notify-once', {
      stores,
      process: ({ value: event, timestampMs }, { stores: { notified }, forward, dropped }) => {
        const notification = notificationOf(event);
        if (notification === undefined) return;
        if (notified.get(notification.id) !== undefined) {
          dropped('told-before');
          return;
        }
        notified.put(notification.id, timestampMs);
        forward({ key: notification.userId, value: notification });
      },
      punctuators: [
        {
          time: 'stream-time',
          everyMs: dayMs,
          punctuate: (nowMs, { stores: { notified } }) => {
            for (const { key, value: toldMs } of [...notified.all()]) {
              if (toldMs < nowMs - rememberedMs) notified.delete(key);
            }
          },
        },
      ],
    })
    .to(notifications);

  return builder.build();
}
