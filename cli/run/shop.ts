/**
 * The embedded profile: the whole shop in one process.
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
import type { UserId } from '#schemas/users';
import { type EmbeddedLog, openEmbeddedLog } from '#streams/embedded';
import { openEmbeddedViews } from '../../connectors/embedded/embedded-views.ts';
import { openCommandBus } from '../../serving/command-bus.ts';
import type { Clock, Dependencies, Ids } from '../../serving/dependencies.ts';
import { openFactWriter } from '../../serving/fact-writer.ts';
import { buildGateway } from '../../serving/gateway/gateway.ts';
import { ensureAdmin } from '../../serving/identity/ensure-admin.ts';
import { passwords } from '../../serving/identity/passwords.ts';
import { topicWriter } from '../../serving/topic-writer.ts';
import type { Configuration, Secrets } from '../configuration.ts';
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
  const { configuration, warn } = options;
  const { dataDirectory } = configuration;
  const directory = (name: string) => join(dataDirectory, name);
  const failing = rejectable();

  const log = stack.push('log', await openEmbeddedLog({ directory: directory('log') }), (it) =>
    it.close(),
  );
  await log.createTopics(allTopics);
  const views = openEmbeddedViews({ directory: directory('views') });
  stack.push('views', views, (it) => it.close());
  const users = openEmbeddedUsers({ directory: directory('users') });
  stack.push('users', users, (it) => it.close());

  const topologies = shopTopologies(configuration);
  const applications = new Applications({
    log,
    registry: log.schemaRegistry,
    topologies,
    onFailure: (id, cause) => failing.reject(new Error(`topology ${id} has failed`, { cause })),
  });
  stack.push('applications', applications, (it) => it.close());
  await applications.start();
  const sinks = await Sinks.start({
    log,
    registry: log.schemaRegistry,
    views,
    onTrouble: (sink, error) => warn(`sink ${sink}: ${error.message}`),
  });
  stack.push('sinks', sinks, (it) => it.close());
  return { failure: failing.promise };
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
