/**
 * Takes every database away from a shop under load, one after the other: kills its server and starts
 * it again, then empties, deletes, drops and restores what is in it. What does not need it goes on, what needs it
 * is refused at once and in so many words, and when it is back everything works again by itself: nothing
 * acknowledged is lost, nothing is done twice, every view equals the log.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom, seedOf } from '../../cli/demo/random.ts';
import { offerOf } from '../journey/shop-client.ts';
import { admin } from '../journey/shop-process.ts';
import type { Tally } from './actor.ts';
import { readArguments } from './arguments.ts';
import { backUpMysql, type Loss, lossesOf } from './away-losses.ts';
import { askAll, openProbes, type Probe, type ServerName } from './away-probes.ts';
import { settledMoneyFaults, stockFaults } from './balance.ts';
import { auditFaults, bookFaults, openFindings, reservedFaults } from './book-checks.ts';
import { Ledger } from './ledger.ts';
import { Operator } from './operator.ts';
import { type ChaosShop, inChaos } from './shop-in-chaos.ts';
import { Shopper } from './shopper.ts';
import { type Answers, AnswersWatch, WatchedClient } from './watched-client.ts';

const options = readArguments(
  'Takes every database away from a shop under load, and what is in it.',
  {
    rounds: { about: 'how often each', otherwise: 1 },
    seconds: { about: 'how long a server is away', otherwise: 8 },
    seed: { about: 'replays the choices; the timing is the machine’s', otherwise: 1 },
    shoppers: { about: 'how many shop at once', otherwise: 12 },
    operators: { about: 'how many work at once', otherwise: 3 },
  },
  { thorough: { about: 'checks money, reservations and every view after each step' } },
);
const { rounds, seconds, seed } = options;

const environment = {
  // Short, so that unpaid orders expire and ended ones are archived while it goes on.
  MILLRACE_PAYMENT_DEADLINE_MS: '6000',
  MILLRACE_ARCHIVE_AFTER_MS: '3000',
  MILLRACE_RECONCILIATION_GRACE_MS: '5000',
};
const loadBeforeMs = 1_500;
const backWithinMs = 60_000;
/** A breaker opens after five failures in a row; on a busy machine they take longer than `seconds`. */
const fewestRounds = 6;
const settlesWithinMs = 60_000;
/** A broker that is away has no breaker: whoever asked first has waited for it by then. */
const knownAwayAfterMs = 3_000;
const warehouses = ['pune', 'mumbai', 'delhi'];
const skus = Array.from({ length: 16 }, (_, index) => `AWAY-LOAD-${index}`);
const openingUnits = 80;
/** As the metrics call them. */
const servers: Readonly<Record<ServerName, string | undefined>> = {
  mysql: 'MySQL',
  mongodb: 'MongoDB',
  elasticsearch: 'Elasticsearch',
  cassandra: 'Cassandra',
  redis: 'Redis',
  kafka: undefined,
};

interface World extends ChaosShop {
  readonly watch: AnswersWatch;
  readonly staff: WatchedClient;
  readonly shoppers: readonly Shopper[];
  readonly operators: readonly Operator[];
  readonly probes: readonly Probe[];
  readonly ledger: Ledger;
  readonly random: Random;
}

interface Outcome {
  readonly awayMs: number;
  readonly backMs: number;
  readonly faults: readonly string[];
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

await inChaos('stores-away', { profile: 'cluster', environment }, async (chaos) => {
  const world = await open(chaos);
  console.log(`seed ${seed}`);
  console.log(
    '| step | away ms | answered | refused | slowest refusal ms | back after ms | faults |',
  );
  console.log('|---|---|---|---|---|---|---|');
  let passed = 0;
  let failed = 0;
  const note = (faults: readonly string[], step: string) => {
    for (const fault of faults.slice(0, 20)) console.log(`${step}: ${fault}`);
    if (faults.length > 20) console.log(`${step}: … and ${faults.length - 20} more`);
    if (faults.length === 0) passed += 1;
    else failed += 1;
  };
  for (let round = 1; round <= rounds; round++)
    for await (const step of stepsOf(world)) note(await taken(world, step), step.name);
  note(await whole(world), 'the end');
  if (failed > 0) console.log(`the shop printed:\n${chaos.shop.output.slice(-6_000)}`);
  return { passed, failed };
});

async function open(chaos: ChaosShop): Promise<World> {
  const { url } = chaos.shop;
  const watch = new AnswersWatch();
  const staff = new WatchedClient(url, watch);
  await staff.signIn(admin.email, admin.password);
  const ledger = new Ledger();
  const tally: Tally = { acknowledged: 0, refused: 0, askedAgain: 0 };
  for (const sku of skus) {
    await staff.offer(offerOf(sku, `Steady black tea ${sku}`));
    for (const warehouseId of warehouses) {
      await staff.receive(sku, warehouseId, openingUnits, `opening-${sku}-${warehouseId}`);
      ledger.book(sku, warehouseId, openingUnits);
    }
  }
  // A server may be away for longer than anybody has the patience for elsewhere.
  const shared = { url, skus, ledger, tally, askAgainAtMost: 2_000 };
  const shoppers = Array.from({ length: options.shoppers }, (_, index) => {
    const client = new WatchedClient(url, watch);
    return new Shopper({ ...shared, name: `shopper-${index}`, seed: seedOf(seed, index), client });
  });
  for (const shopper of shoppers) await shopper.open();
  const operators = Array.from({ length: options.operators }, (_, index) => {
    const own = { name: `operator-${index}`, seed: seedOf(seed, 1_000 + index) };
    return new Operator({ ...shared, ...own, warehouses, client: staff });
  });
  const probes = await openProbes(staff, new WatchedClient(url, watch));
  await backAgain(probes, false);
  watch.take();
  return {
    ...chaos,
    watch,
    staff,
    shoppers,
    operators,
    probes,
    ledger,
    random: seededRandom(seed),
  };
}

/** Each server killed; then what the servers have, lost. The backup is made in between. */
async function* stepsOf(world: World): AsyncGenerator<Step> {
  const { stores, kafka } = world.servers;
  const node = kafka?.nodes[0];
  if (stores === undefined || node === undefined) throw new Error('there is nothing to take away');
  const all = { ...stores, kafka: node };
  for (const server of Object.keys(servers) as ServerName[])
    yield { name: `${server} killed`, run: () => killed(world, server, all[server]) };
  await signedInAgain(world);
  const restored = await backUpMysql(stores.mysql);
  await backAgain(world.probes, false);
  const forget = world.shoppers.map((shopper) => shopper.noteAddresses());
  for (const loss of lossesOf(stores, world.random))
    yield { name: loss.name, run: () => lost(world, loss) };
  // Users, sessions and answers are in no log: what was made of them since the backup is gone.
  const happen = async () => {
    await restored.happen();
    for (const forgetSince of forget) forgetSince();
    await signedInAgain(world);
  };
  yield { name: restored.name, run: () => lost(world, { ...restored, happen }) };
}

/** One line of the table: load, the step, and the book when everybody has been answered. */
async function taken(world: World, { name, run }: Step): Promise<string[]> {
  const before = world.watch.take();
  const { awayMs, backMs, faults } = await run();
  const answers = world.watch.take();
  const all = [...before.faults, ...answers.faults, ...faults, ...(await bookFaults(world, skus))];
  if (backMs > backWithinMs) all.push(`it took ${backMs} ms until everything was answered again`);
  if (options.thorough && all.length === 0) all.push(...(await whole(world)));
  tell(name, answers, { awayMs, backMs, faults: all });
  return all;
}

function tell(name: string, answers: Answers, { awayMs, backMs, faults }: Outcome): void {
  const { answered, refused, slowestRefusalMs } = answers;
  const cells = [name, awayMs, answered, refused, slowestRefusalMs, backMs, faults.length];
  console.log(`| ${cells.join(' | ')} |`);
}

async function killed(
  world: World,
  name: ServerName,
  server: { kill(): Promise<void>; start(): Promise<void> },
): Promise<Outcome> {
  const { watch, probes } = world;
  const faults: string[] = [];
  const load = underLoad(world);
  await sleep(loadBeforeMs);
  const sinceMs = performance.now();
  await server.kill();
  const untilMs = sinceMs + seconds * 1_000;
  let isTold = servers[name] === undefined;
  for (let round = 1; round <= fewestRounds || performance.now() < untilMs; round += 1) {
    faults.push(...(await askAll(probes, name)).faults);
    isTold ||= await isAway(world, servers[name] ?? '');
    if (isTold && performance.now() - sinceMs > knownAwayAfterMs)
      watch.knownAwaySinceMs ??= performance.now();
    await sleep(200);
  }
  if (!isTold) faults.push(`the metrics never said that ${servers[name]} is away`);
  await server.start();
  watch.knownAwaySinceMs = undefined;
  const awayMs = Math.round(performance.now() - sinceMs);
  const back = await backAgain(probes, false);
  await load.end();
  return { awayMs, backMs: back.tookMs, faults: [...faults, ...back.faults] };
}

async function lost(world: World, { happen, showsOlder = false }: Loss): Promise<Outcome> {
  const load = underLoad(world);
  await sleep(loadBeforeMs);
  // Nobody can keep a book by what a restored database shows for a moment.
  if (showsOlder) await load.end();
  const sinceMs = performance.now();
  await happen();
  const awayMs = Math.round(performance.now() - sinceMs);
  const back = await backAgain(world.probes, showsOlder);
  if (!showsOlder) {
    await sleep(loadBeforeMs);
    await load.end();
  }
  return { awayMs, backMs: back.tookMs, faults: back.faults };
}

function underLoad({ shoppers, operators }: World): { end(): Promise<void> } {
  const stop = new AbortController();
  const running = [...shoppers, ...operators].map(({ actor, step }) =>
    actor.run(stop.signal, step),
  );
  return {
    async end() {
      stop.abort();
      await Promise.all(running);
    },
  };
}

async function backAgain(probes: readonly Probe[], showsOlder: boolean) {
  const startedMs = performance.now();
  const faults: string[] = [];
  for (;;) {
    const round = await askAll(probes, undefined);
    if (!showsOlder) faults.push(...round.faults);
    const tookMs = Math.round(performance.now() - startedMs);
    if (round.isBack || tookMs > 2 * backWithinMs) return { tookMs, faults };
    await sleep(100);
  }
}

async function isAway({ shop }: World, server: string): Promise<boolean> {
  const metrics = await (await fetch(`${shop.url}/metrics`)).text();
  return metrics.includes(`store_away{server="${server}"} 1`);
}

/** Sessions of one account are renewed by one token; signing in makes no difference to that. */
async function signedInAgain({ shoppers, staff }: World): Promise<void> {
  await staff.signIn(admin.email, admin.password);
  for (const shopper of shoppers) await shopper.signInAgain();
}

/** Everything that can be compared: money, reservations, findings, and each view with the log. */
async function whole(world: World): Promise<string[]> {
  const { staff, shoppers } = world;
  const everyOrder = async () =>
    (await Promise.all(shoppers.map((one) => one.checkExactly()))).flat();
  const faults = await settledMoneyFaults(staff, everyOrder, settlesWithinMs);
  faults.push(...(await reservedFaults(staff, skus, await everyOrder())));
  faults.push(...(await stockFaults(staff)));
  faults.push(...(await openFindings(staff)));
  faults.push(...(await auditFaults(world.environment)));
  faults.push(...shoppers.flatMap(({ actor }) => actor.faults.splice(0)));
  return faults;
}
