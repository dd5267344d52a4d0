/** How soon does a search show that stock has come, or gone? From the answer to the command on. */
import { readNumbers } from '../test/chaos/arguments.ts';
import { punePincode } from '../test/journey/hot-item.ts';
import { offerOf, ShopClient } from '../test/journey/shop-client.ts';
import { percentile, percentiles, printRows, rounded, withShop } from './measuring.ts';

const { changes } = readNumbers('Stock change accepted to visible in search.', {
  changes: { about: 'how many', otherwise: 200 },
});

const sku = 'FRESH-1';
const words = 'Quillberry oolong';
const patienceMs = 10_000;

await withShop({ MILLRACE_DEMO_ITEMS: '10000' }, async ({ shop, staff }) => {
  const shopper = new ShopClient(shop.url);
  await staff.offer(offerOf(sku, words));
  await staff.receive(sku, 'pune', 1, 'the-first');
  await untilShown(shopper, true);
  await change(staff, -1);
  await untilShown(shopper, false);

  const fromSent: number[] = [];
  const fromAnswer: number[] = [];
  for (let index = 0; index < changes; index++) {
    const comes = index % 2 === 0;
    const sentMs = performance.now();
    await change(staff, comes ? 1 : -1);
    const answeredMs = performance.now();
    await untilShown(shopper, comes);
    fromSent.push(performance.now() - sentMs);
    fromAnswer.push(performance.now() - answeredMs);
  }
  const looks = await searchTimes(shopper);
  printRows([
    [
      'stock change to visible in search',
      `p50 / p99 ${percentiles(fromAnswer)} after the answer, ${percentiles(fromSent)} in all`,
      `one such search p50 / p99 ${percentiles(looks)}`,
      `${rounded(percentile(fromSent, 0.5) / percentile(looks, 0.5))} searches`,
      '< 1 s',
    ],
  ]);
});

async function change(staff: ShopClient, delta: number): Promise<void> {
  const body = { warehouseId: 'pune', delta, reason: 'counted' };
  await staff.ask('POST', `/v1/inventory/${sku}/adjustments`, body);
}

async function isShown(shopper: ShopClient): Promise<boolean> {
  const { hits } = await shopper.search({ q: words, pincode: punePincode });
  return hits.some((hit) => hit.sku === sku);
}

async function untilShown(shopper: ShopClient, wanted: boolean): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while ((await isShown(shopper)) !== wanted) {
    if (performance.now() > deadlineMs) throw new Error(`not seen within ${patienceMs} ms`);
  }
}

async function searchTimes(shopper: ShopClient): Promise<number[]> {
  const tookMs: number[] = [];
  for (let index = 0; index < 100; index++) {
    const startedMs = performance.now();
    await isShown(shopper);
    tookMs.push(performance.now() - startedMs);
  }
  return tookMs;
}
