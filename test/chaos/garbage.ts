/**
 * Garbage to every route: each answer is a clear problem below 500, and nothing that belongs to
 * anybody has changed.
 */
import { seededRandom } from '../../cli/demo/random.ts';
import { openBuyers } from '../journey/hot-item.ts';
import { offerOf, type ShopClient } from '../journey/shop-client.ts';
import { readNumbers } from './arguments.ts';
import { faultOf, nonsenseOnTheWire } from './garbage-answers.ts';
import { type Attack, attacksOn, type OpenApi, type People } from './garbage-attacks.ts';
import { inChaos, signedInAdmin } from './shop-in-chaos.ts';

const { percent, seed } = readNumbers('Throws garbage at every route of /openapi.json.', {
  percent: { about: 'how many of the attacks, picked by the seed', otherwise: 100 },
  seed: { about: 'replays the choices', otherwise: 1 },
});

const tokenSecret = 'a-token-secret-that-only-this-test-knows';
const atOnce = 8;
const sku = 'GARBAGE-1';

await inChaos(
  'garbage',
  { environment: { MILLRACE_TOKEN_SECRET: tokenSecret } },
  async ({ shop }) => {
    const admin = await signedInAdmin(shop);
    await admin.offer(offerOf(sku, 'Sober green tea'));
    await admin.receive(sku, 'pune', 10, 'receipt-of-the-garbage');
    const [victim, shopper] = await openBuyers(shop.url, 2, 'person');
    if (!victim || !shopper) throw new Error('no people');
    await victim.client.setLine(sku, 1);
    const { body: order } = await victim.client.order(victim.addressId);
    await victim.client.setLine(sku, 2);
    await shopper.client.setLine(sku, 3);

    const document = await admin.ask<OpenApi>('GET', '/openapi.json');
    const people: People = {
      admin: admin.accessToken ?? '',
      shopper: shopper.client.accessToken ?? '',
      victim: victim.client.accessToken ?? '',
      tokenSecret,
      orderId: order.id,
      addressId: victim.addressId,
    };
    const random = seededRandom(seed);
    const attacks = attacksOn(document, people, random).filter(() => random.chance(percent / 100));

    const before = await fingerprint(admin, [victim.client, shopper.client]);
    const faults = await thrown(shop.url, attacks);
    faults.push(...(await nonsenseOnTheWire(shop.url)));
    await untilFeedsAreDone(admin);
    const after = await fingerprint(admin, [victim.client, shopper.client]);
    for (const [what, was] of Object.entries(before)) {
      if (after[what] !== was) faults.push(`${what} changed\n  from ${was}\n  to   ${after[what]}`);
    }
    for (const fault of faults.slice(0, 100)) console.log(fault);
    const paths = Object.keys(document.paths).length;
    console.log(`${attacks.length} requests to ${paths} addresses`);
    return { passed: attacks.length, failed: faults.length };
  },
);

async function thrown(url: string, attacks: readonly Attack[]): Promise<string[]> {
  const faults: string[] = [];
  const waiting = [...attacks];
  const throwNext = async (): Promise<void> => {
    for (let attack = waiting.shift(); attack; attack = waiting.shift()) {
      const fault = await faultOf(url, attack);
      if (fault)
        faults.push(`${attack.method} ${attack.path.slice(0, 120)} (${attack.what}) ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, throwNext));
  return faults;
}

/** A feed is worked off after its answer: one more, whose end tells that the others have had time. */
async function untilFeedsAreDone(admin: ShopClient): Promise<void> {
  const headers = {
    'content-type': 'application/x-ndjson',
    authorization: `Bearer ${admin.accessToken}`,
  };
  const answer = await admin.sendText('POST', '/v1/inbound/feeds', '{"last": true}\n', headers);
  const { id } = JSON.parse(answer.body) as { id: string };
  await admin.until(
    () => admin.ask<{ status: string }>('GET', `/v1/inbound/feeds/${id}`),
    ({ status }) => status === 'done',
  );
}

/** What must stay as it is, in words that can be compared. */
async function fingerprint(
  admin: ShopClient,
  people: readonly ShopClient[],
): Promise<Record<string, string>> {
  const marks: Record<string, string> = {};
  const mark = async (name: string, client: ShopClient, path: string) => {
    marks[name] = JSON.stringify(await client.ask('GET', path));
  };
  const { hits, total } = await admin.search({ q: '', limit: '20', sort: 'price-ascending' });
  marks['count of items'] = String(total);
  for (const hit of hits) {
    await mark(`item ${hit.sku}`, admin, `/v1/items/${hit.itemId}`);
    await mark(`stock of ${hit.sku}`, admin, `/v1/inventory/${hit.sku}`);
  }
  await mark(`stock of ${sku}`, admin, `/v1/inventory/${sku}`);
  for (const list of ['warehouses', 'couriers', 'calendars', 'lanes', 'pincodes'])
    await mark(list, admin, `/v1/${list}?limit=100`);
  for (const [index, person] of [admin, ...people].entries()) {
    for (const path of ['me', 'me/addresses', 'cart', 'orders', 'wishlist'])
      await mark(`${path} of person ${index}`, person, `/v1/${path}`);
  }
  return marks;
}
