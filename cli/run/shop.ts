/**
 * The whole shop in one process, whatever the profile.
 *
 *   log ─▶ views ─▶ applications ─▶ sinks ─▶ gateway (HTTP) ─▶ demo data ─▶ ready
 *
 * Opened in this order and closed in the reverse one. HTTP listens before the demo data is in, so
 * that the data comes by the front door and /readyz can say what is missing.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { allTopics } from '#schemas/all-topics';
import { checkCommittedSchemas } from '#schemas/avsc/committed-schemas';
import type { UserId } from '#schemas/users';
import type { Log, SchemaRegistry } from '#streams';
import type { IdempotencyStore } from '#views/idempotency-store';
import type { ShopViews } from '#views/shop-views';
import type { OpenUsersStore } from '#views/users-store';
import { openEmbeddedViews } from '../../connectors/embedded/embedded-views.ts';
import { openEmbeddedIdempotency } from '../../connectors/embedded/idempotency-store.ts';
import { openEmbeddedUsers } from '../../connectors/embedded/users-store.ts';
import {
  type SandboxGateway,
  sandboxGateway,
} from '../../connectors/payment-gateways/sandbox-gateway.ts';
import { postWebhook } from '../../connectors/payment-gateways/webhook-post.ts';
import { relayUsersOutbox } from '../../connectors/users-outbox.ts';
import { type CommandBus, openCommandBus } from '../../serving/command-bus.ts';
import type { Clock, Dependencies, Ids } from '../../serving/dependencies.ts';
import { type FactWriter, openFactWriter } from '../../serving/fact-writer.ts';
import { buildGateway } from '../../serving/gateway/gateway.ts';
import { accessTokens } from '../../serving/identity/access-tokens.ts';
import { ensureAdmin } from '../../serving/identity/ensure-admin.ts';
import { passwords } from '../../serving/identity/passwords.ts';
import { topicWriter } from '../../serving/topic-writer.ts';
import { webRoutes } from '../../serving/web/web-routes.ts';
import type { Configuration, Secrets } from '../configuration.ts';
import { openShopLog } from '../log/open-log.ts';
import { logTaps } from '../tap/log-taps.ts';
import { Applications } from './applications.ts';
import { startLake } from './lake-schedule.ts';
import { ShopOperations } from './operations.ts';
import { isSeeded, seedDemo } from './seed-demo.ts';
import { Sinks } from './sinks.ts';
import { Stack } from './stack.ts';
import { shopTopologies } from './topologies.ts';

export interface ShopOptions {
  readonly configuration: Configuration;
  readonly secrets: Secrets;
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
    const { failure } = await open(options, stack);
    return {
      close,
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

/** Answers a promise that rejects when a part fails for good, and never resolves. */
async function open(
  options: ShopOptions,
  stack: Stack,
): Promise<{ readonly failure: Promise<never> }> {
  const failing = rejectable();
  let url = '';
  const parts = await openParts(options, stack, () => url, failing.reject);
  options.signal.throwIfAborted();
  const app = await listen(options, stack, parts);
  url = addressOf(app);
  await fillOnFirstStart(options, parts, app);
  await parts.sinks.caughtUp();
  await keepLake(options, stack, parts);
  parts.operations.started();
  options.progress(`ready: ${addressOf(app)}`);
  return { failure: failing.promise };
}

/** Everything below HTTP. */
interface Parts {
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly views: ShopViews;
  readonly users: OpenUsersStore;
  readonly idempotency: IdempotencyStore;
  readonly sinks: Sinks;
  readonly commands: CommandBus;
  readonly facts: FactWriter;
  readonly gateway: SandboxGateway;
  readonly operations: ShopOperations;
}

async function openParts(
  { configuration, secrets, warn }: ShopOptions,
  stack: Stack,
  shopUrl: () => string,
  fail: (error: Error) => void,
): Promise<Parts> {
  const directory = (name: string) => join(configuration.dataDirectory, name);
  const toMend = checkCommittedSchemas(allTopics);
  if (toMend !== undefined) warn(toMend);
  const close = (it: { close(): Promise<void> | void }) => it.close();
  const opened = await openShopLog(configuration, (message) => warn(`log: ${message}`));
  const { log, registry, localState } = stack.push('log', opened, close);
  const views = stack.push('views', openEmbeddedViews({ directory: directory('views') }), close);
  const users = stack.push('users', openEmbeddedUsers({ directory: directory('users') }), close);
  const idempotency = openEmbeddedIdempotency({ directory: directory('users') });
  stack.push('idempotency', idempotency, close);

  const topologies = shopTopologies(configuration);
  const onFailure = (id: string, cause: unknown) =>
    fail(new Error(`topology ${id} has failed: ${said(cause)}`, { cause }));
  const applications = new Applications({ log, registry, localState, topologies, onFailure });
  stack.push('applications', applications, close);
  await applications.start();

  const onTrouble = (part: string, error: Error) => warn(`${part}: ${error.message}`);
  const gateway = openSandbox(directory('sandbox'), secrets, shopUrl, (error) =>
    onTrouble('sandbox gateway', error),
  );
  stack.push('sandbox gateway', gateway, close);
  const sinks = stack.push(
    'sinks',
    await Sinks.start({ log, registry, views, gateway, onTrouble }),
    close,
  );
  const onError = (error: unknown) => warn(`replies: ${said(error)}`);
  const outbox = {
    store: users,
    log,
    registry,
    onTrouble: (error: Error) => onTrouble('users', error),
  };
  stack.push('users outbox', await relayUsersOutbox(outbox), close);
  const commands = await openCommandBus({ log, registry, clock, onError });
  stack.push('command bus', commands, close);
  const facts = stack.push('facts', openFactWriter({ log, registry, clock }), close);
  const droppedFacts = () => facts.droppedCount;
  const operations = new ShopOperations({ applications, sinks, topologies, droppedFacts });
  return { log, registry, views, users, idempotency, sinks, commands, facts, gateway, operations };
}

/** The gateway is another house: it reaches the shop by HTTP, once the shop listens. */
function openSandbox(
  directory: string,
  { sandboxWebhook }: Secrets,
  shopUrl: () => string,
  onTrouble: (error: Error) => void,
): SandboxGateway {
  return sandboxGateway({
    directory,
    secret: sandboxWebhook,
    // What it owes from before a restart is due at once: it tries again when the shop listens.
    send: async (body, signature) =>
      shopUrl() === ''
        ? 503
        : postWebhook(`${shopUrl()}/v1/payments/webhooks/sandbox`)(body, signature),
    onTrouble: (error) => {
      if (shopUrl() !== '') onTrouble(error);
    },
  });
}

async function listen(
  { configuration, secrets }: ShopOptions,
  stack: Stack,
  parts: Parts,
): Promise<FastifyInstance> {
  const app = buildGateway(dependenciesOf(configuration, secrets, parts));
  await app.register(webRoutes);
  stack.push('gateway', app, (it) => it.close());
  const { users } = parts;
  if (configuration.admin)
    await ensureAdmin({ users, passwords: passwords(), clock, ids, ...configuration.admin });
  await app.listen({ port: configuration.port, host: configuration.host });
  return app;
}

function dependenciesOf(
  { logLevel, signInsPerMinute }: Configuration,
  secrets: Secrets,
  { log, registry, views, users, idempotency, commands, facts, gateway, operations }: Parts,
): Dependencies {
  return {
    views: {
      items: views.items.reader,
      search: views.search.reader,
      serviceability: views.serviceability.reader,
      inventory: views.inventory.reader,
      carts: views.carts.reader,
      wishlists: views.wishlists.reader,
      liveOrders: views.liveOrders.reader,
      archivedOrders: views.orderHistory.reader,
      payments: views.payments.reader,
      recommendations: views.recommendations.reader,
      notifications: views.notifications.reader,
      analytics: views.analytics.reader,
      feeds: views.feeds.reader,
      findings: views.findings.reader,
    },
    users,
    idempotency,
    commands,
    facts,
    taps: logTaps(log, registry),
    sandbox: gateway,
    operations,
    clock,
    ids,
    settings: {
      jwtSecret: secrets.tokens,
      webhookSecrets: { sandbox: secrets.sandboxWebhook },
      currency: 'INR',
      signInsPerMinute,
      log: requestLogOf(logLevel),
    },
  };
}

async function fillOnFirstStart(
  { configuration, progress, signal }: ShopOptions,
  { log, registry, views, sinks, operations }: Parts,
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
    dataDirectory,
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

const said = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** A 500 is noted by its request's id wherever anything is. */
function requestLogOf(logLevel: Configuration['logLevel']) {
  if (logLevel === 'silent') return 'nothing';
  return logLevel === 'info' || logLevel === 'debug' ? 'requests' : 'errors';
}
