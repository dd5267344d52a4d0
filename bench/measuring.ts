/** Measuring a shop from outside: its processor time, percentiles of what its clients saw. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { ShopClient } from '../test/journey/shop-client.ts';
import { admin, ShopProcess } from '../test/journey/shop-process.ts';
import { type Profile, startShopServers } from '../test/servers/shop-servers.ts';

export interface ShopUnderLoad {
  readonly shop: ShopProcess;
  readonly staff: ShopClient;
  /** From the start of the process to `/readyz`. */
  readonly readyAfterMs: number;
  /** Where its Kafka is; absent in the embedded profile. */
  readonly bootstrapServers: string | undefined;
  /** Of commands of `millrace` on this shop. */
  readonly environment: Readonly<Record<string, string>>;
}

const settings = {
  // People of a bench come from one address.
  MILLRACE_SIGN_INS_PER_MINUTE: '1000000',
  // The lake and its jobs are measured by themselves.
  MILLRACE_LAKE_EVERY_MS: '86400000',
  MILLRACE_BATCH_EVERY_MS: '86400000',
};

/** Runs `measure` on a new shop, with the servers that its profile needs, and removes all of it. */
export async function withShop(
  environment: Readonly<Record<string, string>>,
  measure: (under: ShopUnderLoad) => Promise<void>,
  profile: Profile = 'embedded',
): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const servers = await startShopServers(profile, { optimizes: true });
  const ofShop = { ...settings, ...servers.environment, ...environment };
  const shop = new ShopProcess({
    dataDirectory,
    environment: ofShop,
    readyWithinMs: 30 * 60_000,
  });
  try {
    const startedMs = performance.now();
    await shop.start();
    const staff = new ShopClient(shop.url);
    await staff.signIn(admin.email, admin.password);
    const readyAfterMs = performance.now() - startedMs;
    const bootstrapServers = servers.kafka?.bootstrapServers;
    const ofCommands = { ...ofShop, MILLRACE_DATA: dataDirectory };
    await measure({ shop, staff, readyAfterMs, bootstrapServers, environment: ofCommands });
  } finally {
    await shop.kill();
    await servers.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

const tickMs = 1_000 / Number(execFileSync('getconf', ['CLK_TCK']).toString());

/** User and system time of the shop with all its threads, in milliseconds. */
export function cpuMs(shop: ShopProcess): number {
  return processCpuMs(shop.processId);
}

/** User and system time of a process with all its threads, in milliseconds. */
export function processCpuMs(processId: number | undefined): number {
  const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
  // The name in the second field may hold spaces: fields are counted behind its parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

const quietMs = 300;
const quietBelow = 0.1;
const quietWithinMs = 10_000;

/** Resolves when the shop has worked off what it was given. */
export async function untilQuiet(shop: ShopProcess): Promise<void> {
  const deadlineMs = performance.now() + quietWithinMs;
  for (let quiet = 0; quiet < 3 && performance.now() < deadlineMs; ) {
    const before = cpuMs(shop);
    await new Promise((resolve) => setTimeout(resolve, quietMs));
    quiet = cpuMs(shop) - before < quietMs * quietBelow ? quiet + 1 : 0;
  }
}

/** Processor time of `work` and of everything that it causes, divided by `count`. */
export async function cpuMsPer(
  shop: ShopProcess,
  count: number,
  work: () => Promise<void>,
): Promise<number> {
  await untilQuiet(shop);
  const before = cpuMs(shop);
  await work();
  await untilQuiet(shop);
  return (cpuMs(shop) - before) / count;
}

/** Processor time that the shop takes for itself, as a share of one processor. */
export async function idleShare(shop: ShopProcess): Promise<number> {
  await untilQuiet(shop);
  const before = cpuMs(shop);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  return (cpuMs(shop) - before) / 3_000;
}

/** Each of `count` tasks once, so many at a time. */
export async function inParallel(
  count: number,
  workers: number,
  task: (index: number, worker: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async (worker: number): Promise<void> => {
    while (next < count) await task(next++, worker);
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
}

/** How long each of `count` tasks took, one after the other, in milliseconds. */
export async function timed(
  count: number,
  task: (index: number) => Promise<void>,
): Promise<number[]> {
  const tookMs: number[] = [];
  for (let index = 0; index < count; index++) {
    const startedMs = performance.now();
    await task(index);
    tookMs.push(performance.now() - startedMs);
  }
  return tookMs;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Three digits that matter: `0.45`, `12.3`, `1,230`. */
export function rounded(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}

/** `p50 / p99`, in milliseconds. */
export function percentiles(values: readonly number[]): string {
  return `${rounded(percentile(values, 0.5))} / ${rounded(percentile(values, 0.99))} ms`;
}

export function machine(): string {
  const gib = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${availableParallelism()} processors (${model}), ${gib} GiB, Node ${process.version}`;
}

/** Rows as bench/results.md has them. */
export function printRows(rows: readonly (readonly string[])[]): void {
  console.log('| question | measured | beside, in the same run | ratio | goal |');
  console.log('|---|---|---|---|---|');
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
  console.log(`\n${machine()}`);
}
