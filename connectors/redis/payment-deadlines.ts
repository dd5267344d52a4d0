/**
 * When payments come due, for all processes together.
 *
 *   due          payments by the time at which somebody is to look at them
 *   at           the deadline of each
 *   wake:<id>    expires at the deadline; that Redis tells of it only wakes
 *
 * The set holds the truth. An expiry is told once, to whoever listens, and to nobody when nobody
 * does; so the set is looked at from time to time too. Who takes a payment out of it has a lease: the
 * payment is due again when the lease ends before the work was done, so a process that dies loses none.
 * A listener may be called twice for one deadline, and must not mind.
 *
 * Redis may be emptied. Then the sink that feeds `writer` hears so, and arms all again from the log.
 */
import type { Redis } from 'ioredis';
import type { PaymentId } from '#schemas/orders';
import type { Payment } from '#schemas/payments';
import type { ViewWriter } from '../views/view.ts';
import { bareError, connectRedis, type RedisOptions } from './redis-connection.ts';
import { RedisScript } from './redis-script.ts';
import { metaKey, RedisView, type Rows } from './redis-view.ts';

/** Does what is due. A rejection leaves the payment due, for the next lease. */
export type DueListener = (paymentId: PaymentId, atMs: number) => Promise<void>;

export interface PaymentDeadlines {
  /** Comes due at `atMs`, in milliseconds since the epoch, instead of when it was to come due before. */
  arm(paymentId: PaymentId, atMs: number): Promise<void>;
  disarm(paymentId: PaymentId): Promise<void>;
  /** Begins to take what is due. Answers the way to stop, which waits for the work that is under way. */
  onDue(listener: DueListener): () => Promise<void>;
  /** Fed by `payments.state`: what awaits its payment is armed, all else disarmed. */
  readonly writer: ViewWriter<PaymentId, Payment>;
  close(): Promise<void>;
}

export interface PaymentDeadlinesOptions extends RedisOptions {
  /** How often the set is looked at, whether an expiry was told or not. @defaultValue 1_000 */
  readonly lookEveryMs?: number;
  /** How long a process may take over one payment until another takes it. @defaultValue 10_000 */
  readonly leaseMs?: number;
  /** Told of what fails; it is tried again. */
  readonly onTrouble?: (error: Error) => void;
}

const viewName = 'payment-deadlines';
const takenAtOnce = 100;

/** Every script has `base` from its first key. */
const names = `
local base = string.sub(KEYS[1], 1, -5)
local due, deadlines = base .. 'due', base .. 'at'
local function arm(id, at)
  redis.call('ZADD', due, at, id)
  redis.call('HSET', deadlines, id, at)
  redis.call('SET', base .. 'wake:' .. id, '1', 'PXAT', at)
end
local function disarm(id)
  redis.call('ZREM', due, id)
  redis.call('HDEL', deadlines, id)
  redis.call('DEL', base .. 'wake:' .. id)
end
`;

const armScript = new RedisScript(`${names} arm(ARGV[1], ARGV[2])`);
const disarmScript = new RedisScript(`${names} disarm(ARGV[1])`);

/** By Redis's clock, which is everybody's. ARGV: lease, how many. Answers id, deadline, id, … */
const takeScript = new RedisScript(`${names}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local taken = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, ARGV[2])) do
  redis.call('ZADD', due, now + tonumber(ARGV[1]), id)
  taken[#taken+1] = id
  taken[#taken+1] = redis.call('HGET', deadlines, id) or '0'
end
return taken
`);

/** Not when it was armed anew meanwhile. ARGV: id, the deadline that was met. */
const doneScript = new RedisScript(`${names}
if redis.call('HGET', deadlines, ARGV[1]) == ARGV[2] then disarm(ARGV[1]) end
`);

const rows: Rows<PaymentId, Payment> = {
  width: 1,
  lua: `${names.replace('local base = string.sub(KEYS[1], 1, -5)\n', '')}
local function put(key, at)
  if ARGV[at] == 'disarm' then return disarm(key) end
  if redis.call('HGET', deadlines, key) ~= ARGV[at] then arm(key, ARGV[at]) end
end
local delete = disarm`,
  argumentsOf: ({ expiresAt, status }) => {
    if (status !== 'awaiting') return ['disarm'];
    return [deadlineOf(expiresAt)];
  },
};

/**
 * Opens them; several processes may.
 *
 * @throws ViewError `VIEW_UNAVAILABLE` when there is no Redis.
 */
export async function openPaymentDeadlines(
  options: PaymentDeadlinesOptions,
): Promise<PaymentDeadlines> {
  const { namespace } = options;
  const client = await connectRedis(options, 'writes');
  const listener = await connectRedis(options, 'listens').catch((error: unknown) => {
    client.disconnect();
    throw error;
  });
  const meta = metaKey(namespace, viewName);
  const view = new RedisView({ reads: client, writes: client, namespace, name: viewName });
  const run = async (script: RedisScript, args: readonly (string | number)[]) => {
    try {
      return await script.run(client, [meta], args);
    } catch (error) {
      throw bareError(error);
    }
  };
  const watches = new Set<Watch>();
  await listenForExpiries(listener, `${meta.slice(0, -'meta'.length)}wake:`, () => {
    for (const watch of watches) watch.look();
  });
  return {
    arm: async (paymentId, atMs) => {
      await run(armScript, [paymentId, deadlineOf(atMs)]);
    },
    disarm: async (paymentId) => {
      await run(disarmScript, [paymentId]);
    },
    onDue: (onDue) => {
      const watch = new Watch({ run, onDue, ...options });
      watches.add(watch);
      return async () => {
        watches.delete(watch);
        await watch.stop();
      };
    },
    writer: view.writer({ name: viewName, rows }),
    close: async () => {
      await Promise.all([...watches].map((watch) => watch.stop()));
      listener.disconnect();
      client.disconnect();
    },
  };
}

/** Subscribed again by the client when its connection was lost; what is told meanwhile is lost. */
async function listenForExpiries(client: Redis, prefix: string, wake: () => void): Promise<void> {
  client.on('pmessage', (_pattern: string, _channel: string, key: string) => {
    if (key.startsWith(prefix)) wake();
  });
  await client.psubscribe(`__keyevent@${client.options.db ?? 0}__:expired`);
}

function deadlineOf(atMs: number): string {
  if (Number.isSafeInteger(atMs) && atMs > 0) return `${atMs}`;
  throw new Error(`${atMs} is no deadline`);
}

interface WatchOptions extends Omit<PaymentDeadlinesOptions, keyof RedisOptions> {
  readonly run: (script: RedisScript, args: readonly (string | number)[]) => Promise<unknown>;
  readonly onDue: DueListener;
}

/** Looks when it is woken and from time to time; one look at a time. */
class Watch {
  readonly #options: WatchOptions;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.look(), options.lookEveryMs ?? 1_000);
    this.look();
  }

  look(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#looking ??= this.#lookWhileWoken();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #lookWhileWoken(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        if (await this.#takeDue()) this.#again = true;
      } catch (error) {
        this.#options.onTrouble?.(error as Error); // The next look is the next attempt.
      }
    }
    this.#looking = undefined;
  }

  /** Whether there may be more. */
  async #takeDue(): Promise<boolean> {
    const { leaseMs = 10_000, run } = this.#options;
    const taken = (await run(takeScript, [leaseMs, takenAtOnce])) as string[];
    const work: Promise<void>[] = [];
    for (let index = 0; index < taken.length; index += 2) {
      work.push(this.#do(taken[index] as PaymentId, taken[index + 1] as string));
    }
    await Promise.all(work);
    return taken.length === 2 * takenAtOnce;
  }

  async #do(paymentId: PaymentId, deadline: string): Promise<void> {
    const { onDue, onTrouble, run } = this.#options;
    try {
      await onDue(paymentId, Number(deadline));
      await run(doneScript, [paymentId, deadline]);
    } catch (error) {
      onTrouble?.(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
