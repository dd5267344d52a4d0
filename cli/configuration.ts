/**
 * The configuration of a process, from its environment. Every fault is listed at once, by the name
 * of its variable.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterConfiguration, readCluster } from './cluster-configuration.ts';
import { type Environment, EnvironmentReader } from './environment-reader.ts';

export interface Configuration {
  /** HTTP; 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** How many proxies stand in front; 0: whoever connects is who asks. */
  readonly proxies: number;
  /** Where the sandbox gateway reaches the shop; `undefined`: at this process. */
  readonly shopUrl: string | undefined;
  /** How long a process that is asked to end goes on serving, so that a proxy sees it is not ready. */
  readonly drainMs: number;
  /** How long a write waits for its decision. */
  readonly decideWithinMs: number;
  /** Everything durable is below it. */
  readonly dataDirectory: string;
  /** The servers of the cluster profile; `undefined`: the embedded one, which needs none. */
  readonly cluster: ClusterConfiguration | undefined;
  /** Created at start when nobody has this e-mail address; `undefined`: no administrator. */
  readonly admin: { readonly email: string; readonly password: string } | undefined;
  /** Demo data on the first start. */
  readonly demo: { readonly items: number; readonly seed: number } | undefined;
  readonly paymentDeadlineMs: number;
  readonly archiveAfterMs: number;
  readonly returnWindowMs: number;
  /** How long a difference must last before reconciliation reports it. */
  readonly reconciliationGraceMs: number;
  /** How often the lake is written and jobs look whether they are due, in milliseconds. */
  readonly lakeEveryMs: number;
  readonly batchEveryMs: number;
  /** Sign-ins and sign-ups that one network address may try in a minute. */
  readonly signInsPerMinute: number;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
}

export interface Secrets {
  /** Signs access tokens. */
  readonly tokens: string;
  /** Signs the sandbox gateway's webhooks. */
  readonly sandboxWebhook: string;
}

const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;
const dayMs = 86_400_000;

export function readConfiguration(environment: Environment): Configuration {
  const read = new EnvironmentReader(environment);
  const dataDirectory = read.text('MILLRACE_DATA', './data');
  const configuration = {
    port: read.whole('PORT', 8080, 0, 65_535),
    host: read.text('HOST', '127.0.0.1'),
    proxies: read.whole('MILLRACE_PROXIES', 0, 0, 10),
    shopUrl: read.given('MILLRACE_SHOP_URL'),
    drainMs: read.whole('MILLRACE_DRAIN_MS', 0, 0, 300_000),
    decideWithinMs: read.whole('MILLRACE_DECIDE_WITHIN_MS', 5_000, 100, 30_000),
    dataDirectory,
    cluster: clusterOf(read),
    admin: adminOf(read),
    demo: demoOf(read),
    paymentDeadlineMs: read.whole('MILLRACE_PAYMENT_DEADLINE_MS', 15 * 60_000, 100, 7 * dayMs),
    archiveAfterMs: read.whole('MILLRACE_ARCHIVE_AFTER_MS', 30 * dayMs, 0, 3_650 * dayMs),
    returnWindowMs: read.whole('MILLRACE_RETURN_WINDOW_MS', 7 * dayMs, 0, 365 * dayMs),
    reconciliationGraceMs: read.whole('MILLRACE_RECONCILIATION_GRACE_MS', 60_000, 100, dayMs),
    lakeEveryMs: read.whole('MILLRACE_LAKE_EVERY_MS', 30_000, 100, dayMs),
    batchEveryMs: read.whole('MILLRACE_BATCH_EVERY_MS', 10 * 60_000, 1_000, 7 * dayMs),
    signInsPerMinute: read.whole('MILLRACE_SIGN_INS_PER_MINUTE', 600, 1, 1_000_000),
    logLevel: read.oneOf('MILLRACE_LOG_LEVEL', 'warn', logLevels),
  };
  read.throwFaults();
  return configuration;
}

function adminOf(read: EnvironmentReader): Configuration['admin'] {
  const email = read.given('MILLRACE_ADMIN_EMAIL');
  const password = read.given('MILLRACE_ADMIN_PASSWORD');
  if (!email && !password) return undefined;
  if (!email || !password) {
    read.fault('MILLRACE_ADMIN_EMAIL and MILLRACE_ADMIN_PASSWORD go together: give both');
    return undefined;
  }
  if (password.length < 10)
    read.fault('MILLRACE_ADMIN_PASSWORD is shorter than 10 characters: choose a longer one');
  return { email, password };
}

function demoOf(read: EnvironmentReader): Configuration['demo'] {
  if (read.oneOf('MILLRACE_DEMO', 'on', ['on', 'off']) === 'off') return undefined;
  return {
    items: read.whole('MILLRACE_DEMO_ITEMS', 10_000, 0, 1_000_000),
    seed: read.whole('MILLRACE_DEMO_SEED', 1, 0, 2 ** 31),
  };
}

function clusterOf(read: EnvironmentReader): Configuration['cluster'] {
  const profile = read.oneOf('MILLRACE_PROFILE', 'embedded', ['embedded', 'cluster']);
  return profile === 'cluster' ? readCluster(read) : undefined;
}

/** Made on the first start and kept, so that tokens outlive a restart. */
export function secretsIn(dataDirectory: string, environment: Environment): Secrets {
  const path = join(dataDirectory, 'secrets.json');
  mkdirSync(dataDirectory, { recursive: true });
  if (!existsSync(path)) {
    const made = { tokens: secret(), sandboxWebhook: secret() };
    writeFileSync(path, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  }
  const kept = JSON.parse(readFileSync(path, 'utf8')) as Secrets;
  return {
    tokens: environment.MILLRACE_TOKEN_SECRET || kept.tokens,
    sandboxWebhook: environment.MILLRACE_SANDBOX_SECRET || kept.sandboxWebhook,
  };
}

const secret = () => randomBytes(32).toString('base64url');
