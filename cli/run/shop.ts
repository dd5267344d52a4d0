/**
 * The shop, or the roles of it that this process plays, whatever the profile.
 *
 *   log ─▶ stores ─▶ applications ─▶ sinks ─▶ HTTP ─▶ demo data ─▶ lake ─▶ ready
 *
 * Opened in this order and closed in the reverse one. HTTP listens before the demo data is in, so
 * that the data comes by the front door and /readyz can say what is missing.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { UserId } from '#schemas/users';
import type { Clock, Ids } from '../../serving/dependencies.ts';
import { accessTokens } from '../../serving/identity/access-tokens.ts';
import { topicWriter } from '../../serving/topic-writer.ts';
import type { Configuration, Secrets } from '../configuration.ts';
import type { ShopStores } from '../stores/shop-stores.ts';
import { buildHttp } from './http.ts';
import { startLake } from './lake-schedule.ts';
import type { ShopOperations } from './operations.ts';
import { openParts, type Parts } from './parts.ts';
import type { Roles } from './roles.ts';
import { said } from './said.ts';
import { isSeeded, markSeeded, seedDemo } from './seed-demo.ts';
import { Stack } from './stack.ts';

export interface ShopOptions {
  readonly configuration: Configuration;
  readonly secrets: Secrets;
  readonly roles: Roles;
  /** One line for people about how far the start is. */
  readonly progress: (line: string) => void;
  /** One line about something that went wrong and was dealt with. */
  readonly warn: (line: string) => void;
  /** Aborted when the process is asked to end, also during the start. */
  readonly signal: AbortSignal;
}

export interface Shop {
  /** Resolves when `signal` is aborted; rejects when a part has failed for good. */
  failedOr(signal: AbortSignal): Promise<void>;
  /** Serves on, and says that it is not ready, for as long as proxies need to see it. */
  drain(): Promise<void>;
  close(): Promise<void>;
  /** The part that is being closed now. */
  readonly closing: string | undefined;
}

const clock: Clock = { nowMs: Date.now };
const ids: Ids = { next: () => randomBytes(16).toString('hex') };

export async function openShop(options: ShopOptions): Promise<Shop> {
  const stack = new Stack();
  const close = () => stack.close((name, error) => options.warn(`closing ${name}: ${said(error)}`));
  try {
    const { failure, operations } = await open(options, stack);
    return {
      close,
      async drain() {
        operations.ending();
        await delay(options.configuration.drainMs);
      },
      get closing() {
        return stack.closing;
      },
      failedOr: (signal) =>
        Promise.race([
          failure,
          new Promise<void>((resolve) => {
            if (signal.aborted) resolve();
            else signal.addEventListener('abort', () => resolve(), { once: true });
          }),
        ]),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** `failure` rejects when a part fails for good, and never resolves. */
async function open(
  options: ShopOptions,
  stack: Stack,
): Promise<{ readonly failure: Promise<never>; readonly operations: ShopOperations }> {
  const failing = rejectable();
  const { configuration, roles } = options;
  let ownUrl = '';
  const shopUrl = () => configuration.shopUrl ?? ownUrl;
  const parts = await openParts({ ...options, clock, shopUrl, fail: failing.reject }, stack);
  options.signal.throwIfAborted();
  const app = await buildHttp({ ...options, ...{ parts, clock, ids } });
  stack.push('HTTP', app, (it) => it.close());
  await app.listen({ port: configuration.port, host: configuration.host });
  ownUrl = addressOf(app);
  if (roles.isWholeShop && parts.stores) await fillOnFirstStart(options, parts, parts.stores, app);
  await parts.sinks.caughtUp();
  if (roles.batch) await keepLake(options, stack, parts);
  parts.operations.started();
  options.progress(`ready: ${addressOf(app)}`);
  return { failure: failing.promise, operations: parts.operations };
}

async function fillOnFirstStart(
  { configuration, progress, signal }: ShopOptions,
  { log, registry, sinks, operations }: Parts,
  { views }: ShopStores,
  app: FastifyInstance,
): Promise<void> {
  const { demo, dataDirectory } = configuration;
  operations.startWaitsFor('the views');
  if (!demo || isSeeded(dataDirectory)) return;
  operations.startWaitsFor('the demo data');
  const supplier = {
    userId: 'demo-supplier' as UserId,
    roles: ['supplier' as const],
    isGuest: false,
  };
  await seedDemo({
    ...demo,
    writer: topicWriter({ log, registry, clock }),
    views: {
      feeds: views.feeds.reader,
      search: views.search.reader,
      inventory: views.inventory.reader,
      serviceability: views.serviceability.reader,
    },
    url: addressOf(app),
    accessToken: accessTokens(app, clock).issue(supplier).token,
    caughtUp: () => sinks.caughtUp(),
    progress,
    signal,
  });
  markSeeded(dataDirectory, demo);
}

async function keepLake(
  { configuration, warn }: ShopOptions,
  stack: Stack,
  { log, registry }: Parts,
): Promise<void> {
  const { dataDirectory, lakeEveryMs, batchEveryMs } = configuration;
  const lake = await startLake({
    log,
    registry,
    dataDirectory,
    writer: topicWriter({ log, registry, clock }),
    lakeEveryMs,
    batchEveryMs,
    onError: (what, error) => warn(`${what}: ${said(error)}`),
    onReport: () => {},
  });
  stack.push('lake', lake, (it) => it.close());
}

function addressOf(app: FastifyInstance): string {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('HTTP is not listening');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host.replace(/^(0\.0\.0\.0|\[::\])$/, 'localhost')}:${address.port}`;
}

function rejectable(): { readonly promise: Promise<never>; reject(error: Error): void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_, rejecting) => {
    reject = rejecting;
  });
  promise.catch(() => {}); // Nobody may be waiting yet; whoever waits later still sees it.
  return { promise, reject: (error) => reject(error) };
}
