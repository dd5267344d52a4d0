/** `/inbound/feeds`: everything a supplier offers, as one stream, and the report of each line. */
import type { Readable } from 'node:stream';
import type { FeedReport } from '#schemas/inbound';
import { type FeedId, type SupplierId, shopSupplierId } from '#schemas/items';
import { type ApiRequest, callerOf, isAdmin } from '../access.ts';
import type { Dependencies } from '../dependencies.ts';
import { id, integer, list, nullable, object, oneOf, type Routes, reply } from '../json-schema.ts';
import { Problem, problem } from '../problem.ts';
import { whenShown } from '../read-your-writes.ts';
import { hyphenated, rfc3339, time } from '../wire.ts';
import { feedInput } from './feed-input.ts';
import { receiveFeed } from './receive-feed.ts';

export type FeedRoutesOptions = Pick<
  Dependencies,
  'views' | 'commands' | 'facts' | 'clock' | 'ids' | 'settings'
>;

const status = oneOf('receiving', 'processing', 'done', 'broken-off');
const accepted = object({
  id: reply<FeedId>(),
  status,
  records: integer(),
  links: object({ self: reply() }),
});
const report = object({
  id: reply<FeedId>(),
  status,
  records: nullable(integer()),
  accepted: integer(),
  unchanged: integer(),
  rejected: integer(),
  rejections: list(object({ line: integer(), key: reply(), reasons: list(reply()) })),
  error: nullable(reply()),
  startedAt: time,
  updatedAt: time,
});

const tags = ['inbound'];
const access = ['supplier', 'admin'] as const;
const formats = { 'application/x-ndjson': 'ndjson', 'text/csv': 'csv' } as const;

export const feedRoutes: Routes<FeedRoutesOptions> = async (app, options) => {
  const { views, ids } = options;
  // Not read here: the route pulls the stream at the pace of the log, whatever its length.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(Object.keys(formats), (_request, payload, done) => done(null, payload));

  app.post(
    '/inbound/feeds',
    {
      config: { access, streamsBody: true },
      schema: {
        tags,
        summary: 'Send offers, one a line (NDJSON) or a row (CSV), of any length; gzip is taken',
        consumes: Object.keys(formats),
        response: { 202: accepted },
      },
    },
    async (request, reply) => {
      const feedId = `feed_${ids.next().slice(0, 24)}` as FeedId;
      const body = request.body as Readable | undefined;
      if (!body)
        throw problem('unsupported-media-type', `send ${Object.keys(formats).join(' or ')}`);
      const input = feedInput(body, isCompressed(request));
      const supplierId = supplierOf(request);
      const feed = { id: feedId, supplierId, format: formatOf(request), input };
      const records = await receiveFeed(options, feed);
      const shown = await reportSoon(options, feedId);
      const self = `/v1/inbound/feeds/${feedId}`;
      const told = { id: feedId, status: hyphenated(shown?.status ?? 'processing'), records };
      return reply
        .code(202)
        .header('location', self)
        .send({ ...told, links: { self } });
    },
  );

  app.get(
    '/inbound/feeds/:id',
    {
      config: { access },
      schema: {
        tags,
        summary: 'What became of a feed: accepted, unchanged, and rejected with line and reasons',
        params: object({ id: id<FeedId>('the id of a feed') }),
        response: { 200: report },
      },
    },
    async (request) => {
      const found = await views.feeds.get(request.params.id);
      const isOwn = found?.supplierId === supplierOf(request);
      if (!found || !(isOwn || isAdmin(callerOf(request)))) {
        throw problem('feed-unknown', 'none of your feeds has this id');
      }
      return reportJson(found);
    },
  );
};

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body is read by the route, in its own time. */
    streamsBody?: boolean;
  }
}

function supplierOf(request: ApiRequest): SupplierId {
  const caller = callerOf(request);
  return isAdmin(caller) ? shopSupplierId : (caller.userId as string as SupplierId);
}

function formatOf({ headers }: ApiRequest): 'ndjson' | 'csv' {
  return headers['content-type']?.toLowerCase().includes('csv') ? 'csv' : 'ndjson';
}

function isCompressed({ headers }: ApiRequest): boolean {
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding === 'gzip') return true;
  if (encoding === 'identity') return false;
  throw problem('unsupported-media-type', 'Content-Encoding must be gzip, or left out');
}

/** The feed is durable whether or not its report can be seen yet. */
async function reportSoon({ views, settings }: FeedRoutesOptions, feedId: FeedId) {
  const shown = whenShown({
    view: views.feeds,
    look: () => views.feeds.get(feedId),
    shows: (seen) => seen !== undefined && seen.status !== 'receiving',
    timeoutMs: settings.viewTimeoutMs ?? 5_000,
  });
  return shown.catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not-shown-in-time') return undefined;
    throw error;
  });
}

function reportJson(found: FeedReport) {
  const { feedId, records, accepted: taken, unchanged, rejected, rejections, error } = found;
  const counts = { records, accepted: taken, unchanged, rejected, rejections, error };
  const startedAt = rfc3339(found.startedAt);
  return {
    id: feedId,
    status: hyphenated(found.status),
    ...counts,
    startedAt,
    updatedAt: rfc3339(found.updatedAt),
  };
}
