/**
 * Takes the broker away from a shop on Kafka and gives it back, again and again. While it is away
 * search, the cart and old orders are shown, people sign in, and orders are refused at once, in so
 * many words; when it is back the shop goes on by itself, and a refused order left nothing behind. At
 * last the shop is asked to end while the broker is away, and started again when it is back.
 */
import { openBuyers } from '../journey/hot-item.ts';
import type { OrderReply } from '../journey/replies.ts';
import { type Answer, offerOf, ShopClient } from '../journey/shop-client.ts';
import { admin, type ShopProcess } from '../journey/shop-process.ts';
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
/** After 20 s it ends itself by force: what it has taken is in the log. */
const endsWithinMs = 22_000;

await inChaos('broker-away', { profile: 'cluster' }, async ({ shop, servers }) => {
  const node = servers.kafka?.nodes[0];
  const staff = await signedInAdmin(shop);
  const [buyer] = await openBuyers(shop.url, 1, 'patient');
  if (!node || !buyer) throw new Error('there is no broker to take away, or nobody to buy');
  await staff.offer(offerOf(sku, 'Green tea for patient people'));
  await staff.receive(sku, 'pune', units, 'receipt');
  let failed = 0;
  console.log(
    '| round | refused | slowest refusal ms | slowest read ms | slowest sign-in ms | back after ms |',
  );
  console.log('|---|---|---|---|---|---|');
  for (let round = 1; round <= rounds; round++) {
    const faults = await awayOnce({ url: shop.url, node, staff, buyer }, round);
    for (const fault of faults.slice(0, 20)) console.log(`round ${round}: ${fault}`);
    if (faults.length > 0) failed += 1;
  }
  const faults = await endedWhileAway({ url: shop.url, node, staff, buyer }, shop, rounds + 1);
  for (const fault of faults) console.log(`the end: ${fault}`);
  if (faults.length > 0) failed += 1;
  return { passed: rounds + 1 - failed, failed };
});

type Buyer = Awaited<ReturnType<typeof openBuyers>>[number];

interface World {
  readonly url: string;
  readonly node: { start(): Promise<void>; kill(): Promise<void> };
  readonly staff: ShopClient;
  readonly buyer: Buyer;
}

async function awayOnce({ url, node, staff, buyer }: World, round: number): Promise<string[]> {
  await buyer.client.setLine(sku, 1);
  await node.kill();
  const away = await whileAway({ url, buyer }, round);
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
  const { refused, slowestMs } = away;
  const { refusal, read, signIn } = slowestMs;
  console.log(`| ${round} | ${refused} | ${refusal} | ${read} | ${signIn} | ${backMs} |`);
  const faults = [...away.faults];
  if (backMs > backWithinMs) faults.push(`it took an order ${backMs} ms after the broker`);
  const { reserved, available } = await staff.stock(sku);
  if (reserved !== round || available !== units - round)
    faults.push(`${reserved} reserved and ${available} available after ${round} orders`);
  return faults;
}

/** An order is on its way when the broker goes. */
async function endedWhileAway(
  { node, buyer, staff }: World,
  shop: ShopProcess,
  round: number,
): Promise<string[]> {
  const faults: string[] = [];
  await buyer.client.setLine(sku, 1);
  const cutOff = placing(buyer, round).catch(() => undefined);
  await node.kill();
  const { answer: exitCode, tookMs } = await timed(() => shop.stop());
  const how = exitCode === 0 ? 'by itself' : 'by force';
  console.log(`asked to end while the broker was away, it ended ${how} after ${tookMs} ms`);
  if (tookMs > endsWithinMs) faults.push(`it took ${tookMs} ms to end`);
  await cutOff;
  await node.start();
  await shop.start();
  await orderTaken(buyer, round);
  const { reserved, available } = await staff.stock(sku);
  if (reserved !== round || available !== units - round)
    faults.push(`${reserved} reserved and ${available} available after ${round} orders`);
  return faults;
}

async function whileAway({ url, buyer }: Pick<World, 'url' | 'buyer'>, round: number) {
  const faults: string[] = [];
  const slowestMs = { refusal: 0, read: 0, signIn: 0 };
  const untilMs = performance.now() + seconds * 1_000;
  const mustAnswer = async (kind: 'read' | 'signIn', asked: () => Promise<Answer<unknown>>) => {
    const { answer, tookMs } = await timed(asked);
    slowestMs[kind] = Math.max(slowestMs[kind], tookMs);
    if (answer.status >= 300) faults.push(`a ${kind} was answered ${answer.status}`);
  };
  let refused = 0;
  while (performance.now() < untilMs) {
    for (const path of ['/v1/search?q=green+tea', '/v1/cart', '/v1/orders', '/v1/me'])
      await mustAnswer('read', () => buyer.client.send('GET', path));
    await mustAnswer('signIn', () => new ShopClient(url).send('POST', '/v1/sessions', admin));
    const order = await timed(() => placing(buyer, round));
    faults.push(...refusalFaults(order.answer, order.tookMs, refused === 0));
    if (refused > 0) slowestMs.refusal = Math.max(slowestMs.refusal, order.tookMs);
    refused += 1;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { read, signIn } = slowestMs;
  if (read > answersWithinMs) faults.push(`a read took ${read} ms`);
  if (signIn > answersWithinMs) faults.push(`a sign-in took ${signIn} ms`);
  return { refused, slowestMs, faults };
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
