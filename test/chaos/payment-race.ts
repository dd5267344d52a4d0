/**
 * Payment and deadline of hundreds of orders crossed in both orders and at the same instant, with
 * webhooks repeated and reordered: each order ends placed and paid once, or ended and paid back.
 */
import { type Random, seededRandom } from '../../cli/demo/random.ts';
import { type Buyer, openBuyers, orderDecided } from '../journey/hot-item.ts';
import type { OrderReply } from '../journey/replies.ts';
import { HttpProblem, offerOf, type ShopClient } from '../journey/shop-client.ts';
import { readShopNumbers } from './arguments.ts';
import { moneyFault, type PaymentRecord, paymentsInLog, stockFaults } from './balance.ts';
import { heldBy } from './ledger.ts';
import { inChaos, signedInAdmin } from './shop-in-chaos.ts';

const what = 'Crosses payments with the deadlines of their orders.';
const { orders, seed, profile } = readShopNumbers(what, {
  orders: { about: 'how many', otherwise: 200 },
  seed: { about: 'replays the choices', otherwise: 1 },
});

const deadlineMs = 2_000;
/** When the gateway says `captured`, against the order's deadline. */
const offsetsMs = [-1_000, -100, -20, -5, -1, 0, 1, 5, 20, 100, 1_000];
const buyersAtOnce = 20;
const settlesWithinMs = 60_000;
const sku = 'RACE-1';

interface Raced {
  readonly buyer: Buyer;
  readonly id: string;
  readonly offsetMs: number;
}

const environment = {
  MILLRACE_PAYMENT_DEADLINE_MS: String(deadlineMs),
  MILLRACE_RECONCILIATION_GRACE_MS: '5000',
};

await inChaos('payment-race', { profile, environment }, async ({ shop }) => {
  const operator = await signedInAdmin(shop);
  await operator.offer(offerOf(sku, 'Race green tea'));
  await operator.receive(sku, 'pune', orders, 'receipt-of-the-race');
  const buyers = await openBuyers(shop.url, buyersAtOnce, 'racer');

  const random = seededRandom(seed);
  const numbers = Array.from({ length: orders }, (_, index) => index);
  const raced: Raced[] = [];
  const race = async (buyer: Buyer): Promise<void> => {
    for (let index = numbers.shift(); index !== undefined; index = numbers.shift()) {
      const offsetMs = offsetsMs[index % offsetsMs.length] ?? 0;
      raced.push(await crossed(buyer, { key: `race-${index}`, offsetMs, random }));
    }
  };
  await Promise.all(buyers.map(race));
  return judged(operator, raced);
});

/** An order whose payment is captured about when it expires. */
async function crossed(
  buyer: Buyer,
  { key, offsetMs, random }: { key: string; offsetMs: number; random: Random },
): Promise<Raced> {
  const { client } = buyer;
  await client.setLine(sku, 1);
  const { status, body: order } = await orderDecided(buyer, key);
  if (status !== 201) throw new Error(`an order was answered ${status}: ${JSON.stringify(order)}`);
  const expiresMs = Date.parse(order.payment.expiresAt ?? '');
  const pay = () =>
    client
      .pay(order.payment.id, {
        outcome: 'approve',
        delayMs: Math.max(0, expiresMs + offsetMs - Date.now()),
        repeat: random.between(1, 3),
        reorder: random.chance(0.5),
      })
      .catch((error: unknown) => {
        if (!(error instanceof HttpProblem && error.code === 'payment-over')) throw error;
      });
  if (random.chance(0.2)) await client.pay(order.payment.id, { outcome: 'decline' });
  await pay();
  // Somebody presses the button twice: the second charge must go back.
  if (random.chance(0.2)) await pay();
  return { buyer, id: order.id, offsetMs };
}

async function judged(operator: ShopClient, raced: readonly Raced[]) {
  const look = () => Promise.all(raced.map(({ buyer, id }) => buyer.client.orderNow(id)));
  const [ended, payments, faults] = await settled(operator, look);
  report(raced, ended, payments);

  const failed = new Set(faults.map(([id]) => id)).size;
  for (const [, fault] of faults) console.log(fault);
  const more = [...(await stockFaults(operator)), ...(await shelfFaults(operator, ended))];
  const placed = ended.filter(({ status }) => status === 'placed').length;
  if (placed === 0) more.push('no payment came before its deadline: nothing was crossed');
  if (placed === ended.length)
    more.push('no deadline came before its payment: nothing was crossed');
  for (const fault of more) console.log(fault);
  return { passed: raced.length - failed, failed: failed + more.length };
}

/** Looks until every order and its money have settled, or until the time is over. */
async function settled(operator: ShopClient, look: () => Promise<OrderReply[]>) {
  const untilMs = Date.now() + settlesWithinMs;
  for (;;) {
    const payments = await paymentsInLog(operator);
    const ended = await look();
    const faults = ended.flatMap((order) => {
      const fault = moneyFault(order, payments.get(order.payment.id));
      return fault === null ? [] : [[order.id, fault] as const];
    });
    if (faults.length === 0 || Date.now() > untilMs) return [ended, payments, faults] as const;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function shelfFaults(operator: ShopClient, ended: readonly OrderReply[]): Promise<string[]> {
  const stock = await operator.stock(sku);
  const held = heldBy(ended).get(`${sku} pune`) ?? 0;
  const faults: string[] = [];
  if (stock.reserved !== held) faults.push(`${stock.reserved} reserved, open orders hold ${held}`);
  if (stock.onHand !== orders) faults.push(`${stock.onHand} on hand of ${orders}`);
  return faults;
}

function report(
  raced: readonly Raced[],
  ended: readonly OrderReply[],
  payments: ReadonlyMap<string, PaymentRecord>,
): void {
  console.log('| captured at deadline + ms | orders | placed | ended unpaid | charges | refunds |');
  console.log('|---|---|---|---|---|---|');
  for (const offsetMs of offsetsMs) {
    const some = ended.filter((_, index) => raced[index]?.offsetMs === offsetMs);
    const placed = some.filter(({ status }) => status === 'placed').length;
    const theirs = some.flatMap(({ payment }) => payments.get(payment.id) ?? []);
    const charges = theirs.reduce((sum, one) => sum + one.charges.length, 0);
    const refunds = theirs.reduce((sum, one) => sum + one.refunds.length, 0);
    const rest = some.length - placed;
    console.log(`| ${offsetMs} | ${some.length} | ${placed} | ${rest} | ${charges} | ${refunds} |`);
  }
}
