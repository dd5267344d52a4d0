/** `/analytics`: counts by minute, the funnel, the strongest items, and the live stream of counts. */
import type { ItemId } from '#schemas/items';
import type { Dependencies } from '../dependencies.ts';
import {
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  query,
  type Routes,
  reply,
  text,
} from '../json-schema.ts';
import { problem } from '../problem.ts';
import { rfc3339, time } from '../wire.ts';
import { funnelOf, funnelSteps } from './funnel.ts';
import { type LiveCounts, liveCounts } from './live-counts.ts';

export type ReportRoutesOptions = Pick<Dependencies, 'views' | 'clock'>;

const tags = ['analytics'];
const access = ['analyst', 'operator', 'admin'] as const;
/** A JSON Web Token with every role is some 400 characters. */
const accessTokenLength = 4_096;
const hourMs = 3_600_000;
const maxSpanMs = 7 * 24 * hourMs;

const span = { from: time, to: time } as const;
const minute = object({ minute: time, count: integer(), amount: integer() });
const topItem = object({
  itemId: reply<ItemId>(),
  title: nullable(reply()),
  views: integer(),
  carts: integer(),
  orders: integer(),
});

export const reportRoutes: Routes<ReportRoutesOptions> = async (app, { views, clock }) => {
  const { analytics, items } = views;
  const spanOf = (asked: { from?: string | undefined; to?: string | undefined }) =>
    checkedSpan(asked, clock.nowMs());

  app.get(
    '/analytics/minutes',
    {
      config: { access },
      schema: {
        tags,
        summary: 'One measure by the minute; the last hour unless told otherwise',
        querystring: query(span, { measure: text(100, 1) }),
        response: {
          200: object({ measure: reply(), measures: list(reply()), minutes: list(minute) }),
        },
      },
    },
    async (request) => {
      const { measure } = request.query;
      const { fromMs, toMs } = spanOf(request.query);
      const [found, measures] = await Promise.all([
        analytics.minutes(measure, fromMs, toMs),
        analytics.measures(),
      ]);
      const minutes = found.map(({ minute: atMs, count, amount }) => ({
        minute: rfc3339(atMs),
        count,
        amount,
      }));
      return { measure, measures, minutes };
    },
  );

  app.get(
    '/analytics/funnel',
    {
      config: { access },
      schema: {
        tags,
        summary: 'From searching to paying: how many of each step, and of the step before',
        querystring: query(span),
        response: {
          200: object({
            steps: list(
              object({ step: oneOf(...funnelSteps), count: integer(), ofBefore: nullable(number) }),
            ),
          }),
        },
      },
    },
    async (request) => ({ steps: await funnelOf(analytics, spanOf(request.query)) }),
  );

  app.get(
    '/analytics/top-items',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Items by weighted activity since a time, strongest first',
        querystring: query({ from: time, limit: integer(1, 100) }),
        response: { 200: object({ items: list(topItem) }) },
      },
    },
    async (request) => {
      const { fromMs } = spanOf({ from: request.query.from });
      const trends = await analytics.trending(fromMs, request.query.limit ?? 20);
      const found = await items.getMany(trends.map(({ itemId }) => itemId));
      const titles = new Map(found.map((item) => [item.id, item.title]));
      return { items: trends.map((each) => ({ ...each, title: titles.get(each.itemId) ?? null })) };
    },
  );

  await app.register(streamRoutes, { counts: liveCounts(analytics, clock) });
};

const streamRoutes: Routes<{ readonly counts: LiveCounts }> = async (app, { counts }) => {
  app.addHook('preClose', async () => counts.close());

  app.get(
    '/analytics/stream',
    {
      config: { access, tokenInQuery: true },
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'The counts of this minute each second, as Server-Sent Events',
        querystring: query({ access_token: text(accessTokenLength, 1) }),
        response: {
          200: {
            description: 'event: counts',
            content: { 'text/event-stream': { schema: reply() } },
          },
        },
      },
    },
    async (_request, reply) => {
      reply.type('text/event-stream');
      reply
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .header('connection', 'close');
      return reply.send(counts.watch() as unknown as string);
    },
  );
};

function checkedSpan(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  nowMs: number,
): { fromMs: number; toMs: number } {
  const toMs = to === undefined ? nowMs : Date.parse(to);
  const fromMs = from === undefined ? toMs - hourMs : Date.parse(from);
  if (fromMs <= toMs && toMs - fromMs <= maxSpanMs) return { fromMs, toMs };
  const message = 'must be before `to`, by seven days at most';
  const errors = [{ path: 'querystring/from', message }];
  throw problem('invalid-request', `querystring/from ${message}`, { extras: { errors } });
}
