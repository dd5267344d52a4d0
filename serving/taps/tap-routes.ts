/** `/taps`: any topic of the log, as lines of JSON or as Server-Sent Events. For analysts. */
import { callerOf, isAdmin } from '../access.ts';
import type { Dependencies } from '../dependencies.ts';
import {
  boolean,
  type Described,
  id,
  integer,
  list,
  matching,
  object,
  oneOf,
  query,
  type Routes,
  reply,
  text,
} from '../json-schema.ts';
import { jsonLine, serverSentEvent, textStream, withHeartbeats } from '../ndjson.ts';
import { problem } from '../problem.ts';
import { rfc3339 } from '../wire.ts';
import { withoutPersonalData } from './masking.ts';
import type { TapRecord, TapRequest, TapStart } from './taps.ts';

export type TapRoutesOptions = Pick<Dependencies, 'taps' | 'settings'>;

const defaultHeartbeatMs = 15_000;

/** A JSON Web Token with every role is some 400 characters. */
const accessTokenLength = 4_096;

const tapQuery = query({
  from: matching(
    '^(?:earliest|latest|offset:[0-9]{1,18}|[0-9]{4}-[0-9]{2}-[0-9]{2}T\\S{1,30})$',
    'earliest, latest, offset:<number> or an RFC 3339 time',
    60,
  ),
  to: oneOf('now'),
  key: id('the key of the records'),
  limit: integer(1, 1_000_000),
  access_token: text(accessTokenLength, 1),
  format: oneOf('ndjson', 'sse'),
  unmasked: boolean,
});

const tags = ['taps'];
const access = ['analyst', 'admin'] as const;
const recordLines = {
  description: 'one record a line, or one an event',
  content: {
    'application/x-ndjson': { schema: reply() },
    'text/event-stream': { schema: reply() },
  },
} as const;

const tapTopic = object({
  name: reply(),
  partitions: integer(),
  cleanupPolicy: reply(),
  records: integer(),
});

export const tapRoutes: Routes<TapRoutesOptions> = async (app, { taps, settings }) => {
  const { heartbeatMs = defaultHeartbeatMs } = settings;
  const following = new Set<AbortController>();
  // A tap that follows a topic has no end of its own: it would keep the server from closing.
  app.addHook('preClose', async () => {
    for (const tap of following) tap.abort();
  });

  app.get(
    '/taps',
    {
      config: { access },
      schema: {
        tags,
        summary: 'Every topic of the log',
        response: { 200: object({ topics: list(tapTopic) }) },
      },
    },
    async () => ({ topics: await taps.topics() }),
  );

  app.get(
    '/taps/:topic',
    {
      config: { access, tokenInQuery: true },
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'The records of a topic; without to=now it goes on as records are written',
        params: object({ topic: id('the name of a topic') }),
        querystring: tapQuery,
        response: { 200: recordLines },
      },
    },
    async (request, reply) => {
      const { topic } = request.params;
      const { unmasked = false, format = 'ndjson' } = request.query;
      if (unmasked && !isAdmin(callerOf(request))) {
        throw problem('forbidden', 'personal data is shown to administrators only');
      }
      const known = await taps.topics();
      if (!known.some(({ name }) => name === topic)) {
        throw problem('topic-unknown', 'no topic has this name: GET /v1/taps lists them');
      }
      const ended = new AbortController();
      following.add(ended);
      reply.raw.once('close', () => {
        following.delete(ended);
        ended.abort();
      });
      const records = taps.read(tapRequest(topic, request.query, ended.signal));
      const isEvents = format === 'sse';
      reply.type(isEvents ? 'text/event-stream' : 'application/x-ndjson');
      reply
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .header('connection', 'close');
      const lines = written(records, { unmasked, isEvents, ended });
      const body = textStream(isEvents ? withHeartbeats(lines, heartbeatMs) : lines);
      return reply.send(body as unknown as string);
    },
  );
};

function tapRequest(
  topic: string,
  { from, to, key, limit }: Described<typeof tapQuery>,
  signal: AbortSignal,
): TapRequest {
  return { topic, from: startOf(from ?? 'latest'), untilNow: to === 'now', key, limit, signal };
}

function startOf(from: string): TapStart {
  if (from === 'earliest' || from === 'latest') return from;
  if (from.startsWith('offset:')) return { offset: BigInt(from.slice('offset:'.length)) };
  const timeMs = Date.parse(from);
  if (!Number.isNaN(timeMs)) return { timeMs };
  const message = 'must be earliest, latest, offset:<number> or an RFC 3339 time';
  const errors = [{ path: 'querystring/from', message }];
  throw problem('invalid-request', `querystring/from ${message}`, { extras: { errors } });
}

async function* written(
  records: AsyncIterable<TapRecord>,
  how: {
    readonly unmasked: boolean;
    readonly isEvents: boolean;
    readonly ended: AbortController;
  },
): AsyncGenerator<string, void, undefined> {
  try {
    for await (const { timestampMs, value, ...record } of records) {
      const shown = how.unmasked ? value : withoutPersonalData(value);
      const told = { ...record, timestamp: rfc3339(timestampMs), value: shown };
      yield how.isEvents ? serverSentEvent('record', told) : jsonLine(told);
    }
  } finally {
    how.ended.abort();
  }
}
