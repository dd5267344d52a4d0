/** Connections to Redis: how long anything may take, how they come back, what their errors mean. */
import { Redis, ReplyError } from 'ioredis';
import { ViewError } from '../views/view.ts';

export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url: string;
  /** Begins every key; letters, digits, `.`, `_` and `-`. */
  readonly namespace: string;
}

/** A read must have failed within two seconds, whatever the server does. */
const readTimeoutMs = 1_000;
/** A batch of changes takes milliseconds; a server that rewrites its file may be busy for seconds. */
const writeTimeoutMs = 5_000;
/** How long an opening tries before it says that there is no Redis. */
const openTimeoutMs = 5_000;
const reconnectEveryMs = { first: 50, most: 1_000 };

/**
 * Opens a connection that comes back by itself after the server was gone. While it is away every
 * command fails at once: nothing is kept for later, when it may no longer be what is wanted.
 *
 * @throws ViewError `VIEW_UNAVAILABLE` when there is no Redis in five seconds.
 */
export async function connectRedis(
  { url }: Pick<RedisOptions, 'url'>,
  purpose: 'reads' | 'writes' | 'listens',
): Promise<Redis> {
  const client = newClient(url, purpose);
  let last: Error | undefined;
  client.on('error', (error: Error) => {
    last = error; // A command that fails tells; without a listener ioredis prints it.
  });
  const timeout = new AbortController();
  const opened = new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    const timer = setTimeout(() => reject(unreachable(client, last)), openTimeoutMs);
    timeout.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  client.connect().catch(() => {}); // It goes on trying; `ready` is what counts.
  try {
    await opened;
    return client;
  } catch (error) {
    client.disconnect();
    throw error;
  } finally {
    timeout.abort();
  }
}

function newClient(url: string, purpose: 'reads' | 'writes' | 'listens'): Redis {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) {
    // And not as it is: it may hold a password.
    throw new Error("the URL of Redis must be like 'redis://host:6379'");
  }
  const commandTimeout = purpose === 'reads' ? readTimeoutMs : writeTimeoutMs;
  return new Redis(url, {
    lazyConnect: true,
    connectTimeout: readTimeoutMs,
    commandTimeout,
    // A connection to a host that is no more never breaks by itself.
    socketTimeout: commandTimeout + 1_000,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) =>
      Math.min(reconnectEveryMs.first * 2 ** Math.min(attempt, 10), reconnectEveryMs.most),
    connectionName: `millrace-${purpose}`,
  });
}

/** The same error without the command, whose arguments may be secret or megabytes. */
export function bareError(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const bare = new Error(message);
  bare.name = error instanceof Error ? error.name : 'Error';
  return bare;
}

/** What Redis answered, in contrast to a network or server that did not answer at all. */
export function isReply(error: unknown): boolean {
  return error instanceof (ReplyError as new () => Error);
}

/** Translates whatever a command threw, for readers. */
export function unavailable(what: string, error: unknown): ViewError {
  if (error instanceof ViewError) return error;
  const cause = bareError(error);
  return new ViewError('VIEW_UNAVAILABLE', `${what} cannot be read: ${cause.message}`, cause);
}

function unreachable(client: Redis, last: Error | undefined): ViewError {
  const { host, port } = client.options;
  const reason = last === undefined ? 'it does not answer' : last.message;
  const cause = last && bareError(last);
  return new ViewError('VIEW_UNAVAILABLE', `no Redis at ${host}:${port}: ${reason}`, cause);
}
