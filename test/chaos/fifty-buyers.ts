/**
 * Fifty buyers at once on an item with twenty units, again and again in one shop: twenty orders
 * placed, thirty refused before payment, nothing left, every time.
 */
import { faultsOf, openBuyers, rush } from '../journey/hot-item.ts';
import { readShopNumbers } from './arguments.ts';
import { inChaos, signedInAdmin } from './shop-in-chaos.ts';

const what = 'Many buyers at once on an item of few units.';
const { runs, buyers, units, profile } = readShopNumbers(what, {
  runs: { about: 'how often', otherwise: 20 },
  buyers: { about: 'how many at once', otherwise: 50 },
  units: { about: 'how many units there are', otherwise: 20 },
});

await inChaos('fifty-buyers', { profile }, async ({ shop }) => {
  const operator = await signedInAdmin(shop);
  const people = await openBuyers(shop.url, buyers, 'buyer');
  let failed = 0;
  console.log('| run | taken | refused | placed | available | ms |');
  console.log('|---|---|---|---|---|---|');
  for (let run = 1; run <= runs; run++) {
    const startedMs = performance.now();
    const seen = await rush(operator, people, { sku: `RUSH-${run}`, units });
    const tookMs = Math.round(performance.now() - startedMs);
    const { taken, refused, placed, stockPlaced } = seen;
    console.log(
      `| ${run} | ${taken} | ${refused} | ${placed} | ${stockPlaced.available} | ${tookMs} |`,
    );
    const faults = faultsOf(seen, buyers, units);
    for (const fault of faults) console.log(`run ${run}: ${fault}`);
    if (faults.length > 0) failed += 1;
  }
  return { passed: runs - failed, failed };
});
