/**
 * Restarts every process of a shop of many, one after the other, under load through the proxy. Asked to end
 * (SIGTERM), nobody who shops notices: no request fails. Killed (`--kill`), requests may fail for a moment,
 * and what was acknowledged holds: nothing is lost, nothing is there twice, all goes on by itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom, seedOf } from '../../cli/demo/random.ts';
import { readArguments } from '../chaos/arguments.ts';
import { offerOf, ShopClient } from '../journey/shop-client.ts';
import { admin } from '../journey/shop-process.ts';
import { OrderBook } from './order-book.ts';
import { type Asked, Requests } from './requests.ts';
import { type FleetMember, type FleetRoles, ShopFleet } from './shop-fleet.ts';
import { shop } from './shopper.ts';
import { sendFeeds, watchCounts } from './staff.ts';

const { rounds, shoppers, seed, kill } = readArguments(
  'Restarts every process of a fleet in turn, under load; nobody may notice.',
  {
    rounds: { about: 'how often each process is restarted', otherwise: 3 },
    shoppers: { about: 'how many shop at once', otherwise: 5 },
    seed: { about: 'replays the choices; the timing is the machine’s', otherwise: 1 },
  },
  { kill: { about: 'kills them instead of asking them to end' } },
);

/** Two of those that have to take over from each other. */
const roles: FleetRoles = {
  serving: 2,
  inbound: 1,
  topologies: 2,
  sinks: 2,
  outbox: 1,
  sandbox: 1,
  batch: 1,
};
const skus = Array.from({ length: 12 }, (_, i) => `FLEET-${i}`);
const unitsEach = 100_000;
const undisturbedMs = 5_000;
/** What a restart has set moving comes to rest. */
const afterwardsMs = 1_500;
const renewsEveryMs = 5 * 60_000;

interface Row {
  readonly role: string;
  restarts: number;
  readonly asked: Asked[];
}

interface Load {
  readonly staff: ShopClient;
  readonly requests: Requests;
  readonly book: OrderBook;
  readonly faults: string[];
  end(): Promise<void>;
}

const startedMs = performance.now();
const fleet = await ShopFleet.start(roles);
console.log(`${fleet.members.length} processes are ready after ${seconds(startedMs)} s`);
let failed = 1;
let passed = 0;
try {
  ({ passed, failed } = await attempt());
} catch (error) {
  console.error(error);
}
if (failed > 0)
  for (const { name, process } of fleet.members)
    if (process.output.trim()) console.log(`${name} printed:\n${process.output.slice(-3_000)}`);
await fleet.stop({ keepsData: failed > 0 });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function attempt(): Promise<{ readonly passed: number; readonly failed: number }> {
  const load = await startLoad();
  const rows = new Map(Object.keys(roles).map((role) => [role, newRow(role)]));
  const undisturbed = newRow('(none)');
  const sinceMs = Date.now();
  await delay(undisturbedMs);
  undisturbed.asked.push(...askedSince(load, sinceMs));
  const results: string[][] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const member of fleet.members) {
      const row = rows.get(member.role) as Row;
      const faults = await restarted(member, load, row);
      for (const fault of faults.slice(0, 20)) console.log(`${member.name}: ${fault}`);
      results.push(faults);
    }
  }
  await load.end();
  const { staff, book, requests } = load;
  await staff.renew();
  const ends = [load.faults, await book.faults(fleet.url, staff, skus), await auditFaults()];
  for (const fault of ends.flat().slice(0, 40)) console.log(fault);
  printTable([undisturbed, ...rows.values()]);
  console.log(
    `${requests.all.length} requests, ${book.orderCount} orders of ${book.accounts.length} people, ` +
      `${seconds(startedMs)} s in all`,
  );
  if (book.orderCount === 0) ends.push(['nobody has ordered anything']);
  const all = [...results, ...ends];
  const bad = all.filter((faults) => faults.length > 0).length;
  return { passed: all.length - bad, failed: bad };
}

async function startLoad(): Promise<Load> {
  const staff = new ShopClient(fleet.url);
  await staff.signIn(admin.email, admin.password);
  for (const sku of skus) {
    await staff.offer(offerOf(sku, `Fleet green tea ${sku}`));
    await staff.receive(sku, 'pune', unitsEach, `opening-${sku}`);
  }
  const requests = new Requests({ isStubborn: kill });
  const book = new OrderBook();
  const faults: string[] = [];
  const shared = { url: fleet.url, requests, fault: (what: string) => void faults.push(what) };
  const stop = new AbortController();
  const renewing = setInterval(() => void staff.renew().catch(() => {}), renewsEveryMs);
  const running = [
    ...Array.from({ length: shoppers }, (_, i) => {
      const random = seededRandom(seedOf(seed, i));
      return shop({ ...shared, book, skus, random, name: `shopper-${i}` }, stop.signal);
    }),
    sendFeeds({ ...shared, client: staff }, stop.signal),
    watchCounts({ ...shared, client: staff }, stop.signal),
  ];
  return {
    ...{ staff, requests, book, faults },
    async end() {
      stop.abort();
      clearInterval(renewing);
      await Promise.all(running);
    },
  };
}

/** Answers what was not as it should be. */
async function restarted({ process }: FleetMember, load: Load, row: Row): Promise<string[]> {
  const sinceMs = Date.now();
  const exitCode = await (kill ? process.kill() : process.stop());
  await process.start();
  await delay(afterwardsMs);
  const asked = askedSince(load, sinceMs);
  row.restarts += 1;
  row.asked.push(...asked);
  const faults = kill ? [] : failuresOf(asked);
  if (!kill && exitCode !== 0) faults.push(`asked to end it ended with ${exitCode}`);
  return faults;
}

/** Each kind of failure, and how often. */
function failuresOf(asked: readonly Asked[]): string[] {
  const counts = new Map<string, number>();
  for (const { what, failure } of asked) {
    if (failure === undefined) continue;
    const code = /"code":"([^"]+)"/.exec(failure)?.[1];
    const kind = `${kindOf(what)}: ${code ?? failure}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} × ${kind}`);
}

/** The route, without what is different in each request. */
function kindOf(what: string): string {
  return what.replace(/\?.*|[^/]*\d[^/]*$/, '…');
}

/** In the order they were answered. */
function askedSince({ requests }: Load, sinceMs: number): Asked[] {
  return requests.all.filter(({ atMs, tookMs }) => atMs + tookMs >= sinceMs);
}

async function auditFaults(): Promise<string[]> {
  return fleet.millrace('audit').then(
    () => [],
    (error: { stdout?: string; stderr?: string }) => [
      `audit: ${error.stdout ?? ''}${error.stderr ?? String(error)}`,
    ],
  );
}

function newRow(role: string): Row {
  return { role, restarts: 0, asked: [] };
}

function printTable(rows: readonly Row[]): void {
  console.log('| role | restarts | requests | failed | slowest ms | what was slowest |');
  console.log('|---|---|---|---|---|---|');
  for (const { role, restarts, asked } of rows) {
    const bad = asked.filter(({ failure }) => failure !== undefined).length;
    const [slowest] = asked.toSorted((a, b) => b.tookMs - a.tookMs);
    const what = slowest ? kindOf(slowest.what) : '';
    console.log(
      `| ${role} | ${restarts} | ${asked.length} | ${bad} | ${slowest?.tookMs ?? 0} | ${what} |`,
    );
  }
}

function seconds(sinceMs: number): number {
  return Math.round((performance.now() - sinceMs) / 1_000);
}
