/**
 * Takes the broker away from a shop on Kafka and gives it back, again and again. While it is away
 * search and the cart answer and orders are refused at once, in so many words; when it is back the
 * shop goes on by itself, and a refused order left nothing behind.
 */
import { openBuyers } from '../journey/hot-item.ts';
import type { OrderReply, SearchReply } from '../journey/replies.ts';
import { type Answer, offerOf, type ShopClient } from '../journey/shop-client.ts';
import { readNumbers } from './arguments.ts';
import { inChaos, signedInAdmin } from './shop-in-chaos.ts';

const { rounds, seconds } = readNumbers('Takes the broker away from a shop and gives it back.', {
  rounds: { about: 'how often', otherwise: 3 },
  seconds: { about: 'how long it is away', otherwise: 15 },
});

const sku = 'AWAY-1';
const units = 1_000;
const answersWithinMs = 2_000;
/** The first to ask may have to wait for an answer that does not come. */
const firstWithinMs = 12_000;
const backWithinMs = 60_000;

await inChaos('broker-away', { profile: 'cluster' }, async ({ shop, servers }) => {
  const node = servers.kafka?.nodes[0];
  const staff = await signedInAdmin(shop);
  const [buyer] = await openBuyers(shop.url, 1, 'patient');
  if (!node || !buyer) throw new Error('there is no broker to take away, or nobody to buy');
  await staff.offer(offerOf(sku, 'Green tea for patient people'));
  await staff.receive(sku, 'pune', units, 'receipt');
  let failed = 0;
  console.log('| round | refused | slowest refusal ms | slowest search ms | back after ms |');
  console.log('|---|---|---|---|---|');
  for (let round = 1; round <= rounds; round++) {
    const faults = await awayOnce({ node, staff, buyer }, round);
    for (const fault of faults.slice(0, 20)) console.log(`round ${round}: ${fault}`);
    if (faults.length > 0) failed += 1;
  }
  return { passed: rounds - failed, failed };
});

type Buyer = Awaited<ReturnType<typeof openBuyers>>[number];

interface World {
  readonly node: { start(): Promise<void>; kill(): Promise<void> };
  readonly staff: ShopClient;
  readonly buyer: Buyer;
}

async function awayOnce({ node, staff, buyer }: World, round: number): Promise<string[]> {
  await buyer.client.setLine(sku, 1);
  await node.kill();
  const away = await whileAway(buyer, staff, round);
  await node.start();
  const startedMs = performance.now();
  const order = await orderTaken(buyer, round);
  const backMs = Math.round(performance.now() - startedMs);
  await buyer.client.pay(order.payment.id, { outcome: 'approve' });
  await buyer.client.until(
    () => buyer.client.orderNow(order.id),
    ({ status }) => status === 'placed',
    30_000,
  );
  const { refused, slowestRefusalMs, slowestSearchMs } = away;
  console.log(`| ${round} | ${refused} | ${slowestRefusalMs} | ${slowestSearchMs} | ${backMs} |`);
  const faults = [...away.faults];
  if (backMs > backWithinMs) faults.push(`it took an order ${backMs} ms after the broker`);
  const { reserved, available } = await staff.stock(sku);
  if (reserved !== round || available !== units - round)
    faults.push(`${reserved} reserved and ${available} available after ${round} orders`);
  return faults;
}

async function whileAway(buyer: Buyer, staff: ShopClient, round: number) {
  const faults: string[] = [];
  const untilMs = performance.now() + seconds * 1_000;
  let refused = 0;
  let slowestRefusalMs = 0;
  let slowestSearchMs = 0;
  while (performance.now() < untilMs) {
    const search = await timed(() => staff.send<SearchReply>('GET', '/v1/search?q=green+tea'));
    slowestSearchMs = Math.max(slowestSearchMs, search.tookMs);
    if (search.answer.status !== 200) faults.push(`search answered ${search.answer.status}`);
    const cart = await timed(() => buyer.client.send('GET', '/v1/cart'));
    if (cart.answer.status !== 200) faults.push(`the cart answered ${cart.answer.status}`);
    const order = await timed(() => placing(buyer, round));
    faults.push(...refusalFaults(order.answer, order.tookMs, refused === 0));
    if (refused > 0) slowestRefusalMs = Math.max(slowestRefusalMs, order.tookMs);
    refused += 1;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  if (slowestSearchMs > answersWithinMs) faults.push(`search took ${slowestSearchMs} ms`);
  return { refused, slowestRefusalMs, slowestSearchMs, faults };
}

function refusalFaults(answer: Answer<OrderReply>, tookMs: number, isFirst: boolean): string[] {
  const { code } = answer.body as unknown as { code?: string };
  const faults: string[] = [];
  const allowed = ['checkout-unavailable', ...(isFirst ? ['not-decided-in-time'] : [])];
  if (answer.status !== 503 || !allowed.includes(code ?? ''))
    faults.push(`an order was answered ${answer.status} ${JSON.stringify(answer.body)}`);
  if (answer.headers['retry-after'] === undefined) faults.push('no Retry-After');
  if (tookMs > (isFirst ? firstWithinMs : answersWithinMs))
    faults.push(`an order was refused after ${tookMs} ms`);
  return faults;
}

/** The same order each time that it is tried. */
function placing({ client, addressId }: Buyer, round: number): Promise<Answer<OrderReply>> {
  return client.order(addressId, { key: `patience-${round}` });
}

async function orderTaken(buyer: Buyer, round: number): Promise<OrderReply> {
  for (;;) {
    const { status, body } = await placing(buyer, round);
    if (status === 201) return body;
    if (status !== 503) throw new Error(`an order was answered ${status} ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function timed<T>(ask: () => Promise<T>): Promise<{ answer: T; tookMs: number }> {
  const startedMs = performance.now();
  const answer = await ask();
  return { answer, tookMs: Math.round(performance.now() - startedMs) };
}
