/** `/notifications`: what the shop told a user. */
import type { Notification } from '#schemas/notifications';
import { callerOf } from '../access.ts';
import type { Views } from '../dependencies.ts';
import { list, nullable, object, query, type Routes, reply } from '../json-schema.ts';
import { pageOf, pageQuery, rfc3339, time } from '../wire.ts';

export interface NotificationRoutesOptions {
  readonly views: Pick<Views, 'notifications'>;
}

const notification = object({
  id: reply(),
  kind: reply(),
  title: reply(),
  body: reply(),
  orderId: nullable(reply()),
  at: time,
});

export const notificationRoutes: Routes<NotificationRoutesOptions> = async (app, { views }) => {
  app.get(
    '/notifications',
    {
      config: { access: 'member' },
      schema: {
        tags: ['notifications'],
        summary: 'What the shop told me, newest first',
        querystring: query(pageQuery),
        response: {
          200: object({ notifications: list(notification), nextCursor: nullable(reply()) }),
        },
      },
    },
    async (request) => {
      const { userId } = callerOf(request);
      const page = await views.notifications.ofUser(userId, pageOf(request.query));
      return { notifications: page.items.map(notificationJson), nextCursor: page.nextCursor };
    },
  );
};

function notificationJson({ id, kind, title, body, orderId, at }: Notification) {
  return { id, kind, title, body, orderId, at: rfc3339(at) };
}
