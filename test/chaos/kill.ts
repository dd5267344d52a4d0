/**
 * Kills the shop at random instants under load and starts it again. The book of what was
 * acknowledged says what must be there: nothing lost, nothing twice, every invariant whole.
 */
import { type Random, seededRandom, seedOf } from '../../cli/demo/random.ts';
import { offerOf, type ShopClient } from '../journey/shop-client.ts';
import type { ShopProcess } from '../journey/shop-process.ts';
import type { Tally } from './actor.ts';
import { readShopNumbers } from './arguments.ts';
import { settledMoneyFaults, stockFaults } from './balance.ts';
import { auditFaults, bookFaults, openFindings, reservedFaults } from './book-checks.ts';
import { Ledger } from './ledger.ts';
import { Operator } from './operator.ts';
import { type ChaosShop, inChaos, signedInAdmin } from './shop-in-chaos.ts';
import { Shopper } from './shopper.ts';

const { rounds, seed, shoppers, operators, profile } = readShopNumbers(
  'Kills the shop at random instants under load; every acknowledged command must have its effect.',
  {
    rounds: { about: 'how often it is killed', otherwise: 50 },
    seed: { about: 'replays the choices; the timing is the machine’s', otherwise: 1 },
    shoppers: { about: 'how many shop at once', otherwise: 40 },
    operators: { about: 'how many work at once', otherwise: 6 },
  },
);

const environment = {
  // Short, so that unpaid orders expire and ended ones are archived while the killing goes on.
  MILLRACE_PAYMENT_DEADLINE_MS: '6000',
  MILLRACE_ARCHIVE_AFTER_MS: '3000',
  MILLRACE_RECONCILIATION_GRACE_MS: '5000',
};
const fullCheckEvery = 10;
const loadMs = [200, 2_500] as const;
const tokenLivesMs = 8 * 60_000;
const settlesWithinMs = 60_000;
const warehouses = ['pune', 'mumbai', 'delhi'];
const skus = Array.from({ length: 24 }, (_, index) => `CHAOS-${index}`);
const openingUnits = 60;

interface World extends ChaosShop {
  readonly staff: ShopClient;
  readonly shoppers: readonly Shopper[];
  readonly operators: readonly Operator[];
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly random: Random;
}

await inChaos('kill', { profile, environment }, async (chaos) => {
  const world = await open(chaos);
  let renewedMs = Date.now();
  console.log(`seed ${seed}`);
  console.log('| round | load ms | acknowledged | refused | in flight | restart ms | faults |');
  console.log('|---|---|---|---|---|---|---|');
  for (let round = 1; round <= rounds; round++) {
    if (Date.now() - renewedMs > tokenLivesMs) {
      // Operators share an account, and a refresh token is good for one renewal.
      const clients = new Set(everybody(world).map(({ actor }) => actor.client));
      await Promise.all([...clients].map((client) => client.renew()));
      renewedMs = Date.now();
    }
    const faults = await killedOnce(world, round);
    if (faults.length === 0 && (round % fullCheckEvery === 0 || round === rounds))
      faults.push(...(await fullCheck(world)));
    if (faults.length > 0) return gaveUp(round, faults, chaos.shop);
  }
  return { passed: rounds, failed: 0 };
});

function gaveUp(round: number, faults: readonly string[], shop: ShopProcess) {
  console.log(`seed ${seed}, round ${round}:`);
  for (const fault of faults.slice(0, 40)) console.log(`  ${fault}`);
  if (faults.length > 40) console.log(`  … and ${faults.length - 40} more`);
  console.log(`the shop printed:\n${shop.output.slice(-4_000)}`);
  return { passed: round - 1, failed: 1 };
}

async function open(chaos: ChaosShop): Promise<World> {
  const staff = await signedInAdmin(chaos.shop);
  const ledger = new Ledger();
  const tally: Tally = { acknowledged: 0, refused: 0, askedAgain: 0 };
  for (const sku of skus) {
    await staff.offer(offerOf(sku, `Chaos green tea ${sku}`));
    for (const warehouseId of warehouses) {
      await staff.receive(sku, warehouseId, openingUnits, `opening-${sku}-${warehouseId}`);
      ledger.book(sku, warehouseId, openingUnits);
    }
  }
  const shared = { url: chaos.shop.url, skus, ledger, tally };
  const world: World = {
    ...chaos,
    staff,
    ledger,
    tally,
    random: seededRandom(seed),
    shoppers: Array.from(
      { length: shoppers },
      (_, index) => new Shopper({ ...shared, name: `shopper-${index}`, seed: seedOf(seed, index) }),
    ),
    operators: Array.from({ length: operators }, (_, index) => {
      const own = { name: `operator-${index}`, seed: seedOf(seed, 1_000 + index) };
      return new Operator({ ...shared, ...own, warehouses, client: staff });
    }),
  };
  const waiting = [...world.shoppers];
  const openNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await next.open();
  };
  await Promise.all(Array.from({ length: 4 }, openNext));
  return world;
}

function everybody({ shoppers, operators }: World): readonly (Shopper | Operator)[] {
  return [...shoppers, ...operators];
}

async function killedOnce(world: World, round: number): Promise<string[]> {
  const { shop, tally, random } = world;
  const before = { ...tally };
  const forMs = random.between(...loadMs);
  const stop = new AbortController();
  const running = everybody(world).map(({ actor, step }) => actor.run(stop.signal, step));
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const exitCode = await ended(shop, random);
  stop.abort();
  await Promise.all(running);
  const inFlight = everybody(world).filter(({ actor }) => actor.pending).length;
  const [acknowledged, refused] = [
    tally.acknowledged - before.acknowledged,
    tally.refused - before.refused,
  ];

  // Now and then it is killed again while it finds its way back.
  if (random.chance(0.2)) await shop.startAndKill(random.between(50, 1_500));
  const startedMs = performance.now();
  await shop.start();
  const restartMs = Math.round(performance.now() - startedMs);

  const faults = await bookFaults(world, skus);
  if (exitCode !== 0) faults.push(`asked to stop under load it ended with ${exitCode}`);
  console.log(
    `| ${round} | ${forMs} | ${acknowledged} | ${refused} | ${inFlight} | ${restartMs} | ${faults.length} |`,
  );
  return faults;
}

/** Mostly killed; now and then asked to stop, which must lose as little. */
async function ended(shop: ShopProcess, random: Random): Promise<number | null> {
  if (random.chance(0.15)) return shop.stop();
  await shop.kill();
  return 0;
}

async function fullCheck(world: World): Promise<string[]> {
  const { staff, shop, shoppers } = world;
  const everyOrder = async () =>
    (await Promise.all(shoppers.map((one) => one.checkExactly()))).flat();
  const faults = await settledMoneyFaults(staff, everyOrder, settlesWithinMs);
  faults.push(...(await reservedFaults(staff, skus, await everyOrder())));
  faults.push(...(await stockFaults(staff)));
  faults.push(...(await openFindings(staff)));
  faults.push(...everybody(world).flatMap(({ actor }) => actor.faults.splice(0)));

  const exitCode = await shop.stop();
  if (exitCode !== 0) faults.push(`a graceful stop ended with ${exitCode}`);
  faults.push(...(await auditFaults(world.environment)));
  await shop.start();
  return faults;
}
