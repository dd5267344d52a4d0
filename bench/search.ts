/**
 * What does a search with the delivery promise on every hit cost? Words of the catalogue, one in
 * ten misspelt, for pincodes all over India; beside a request that does nothing, on the same server.
 */
import { demoOffers } from '../cli/demo/catalogue.ts';
import { readPincodes } from '../cli/demo/pincodes.ts';
import { type Random, seededRandom } from '../cli/demo/random.ts';
import { readNumbers } from '../test/chaos/arguments.ts';
import { ShopClient } from '../test/journey/shop-client.ts';
import {
  cpuMsPer,
  inParallel,
  percentiles,
  printRows,
  rounded,
  timed,
  withShop,
} from './measuring.ts';

const { items, queries, seed } = readNumbers('Search with promise: latency and processor time.', {
  items: { about: 'how many items; 0: 10,000 and then 100,000', otherwise: 0 },
  queries: { about: 'how many at saturation; a quarter of it at low load', otherwise: 2_000 },
  seed: { about: 'of words, typos and pincodes', otherwise: 1 },
});

const workers = 8;
const misspelt = 0.1;

const rows: string[][] = [];
for (const count of items > 0 ? [items] : [10_000, 100_000]) rows.push(await measured(count));
printRows(rows);

async function measured(count: number): Promise<string[]> {
  let row: string[] = [];
  await withShop({ MILLRACE_DEMO_ITEMS: String(count) }, async ({ shop, readyAfterMs }) => {
    console.log(`${count} items: ready after ${rounded(readyAfterMs / 1_000)} s`);
    const client = new ShopClient(shop.url);
    const asked = searches(count, queries);
    let found = 0;
    const search = async (index: number): Promise<void> => {
      const { hits } = await client.search(asked[index % asked.length] ?? {});
      if (hits.length > 0) found += 1;
    };
    await timed(200, search);
    found = 0;
    const tookMs = await timed(queries / 4, search);
    const perSearch = await cpuMsPer(shop, queries, () => inParallel(queries, workers, search));
    const nothing = async (): Promise<void> => void (await client.ask('GET', '/healthz'));
    const perNothing = await cpuMsPer(shop, queries * 4, () =>
      inParallel(queries * 4, workers, nothing),
    );
    console.log(`${found} of ${queries * 1.25} searches found something`);
    row = [
      `search with promise, ${count.toLocaleString('en')} items`,
      `p50 / p99 ${percentiles(tookMs)}; ${rounded(perSearch)} CPU-ms`,
      `GET /healthz ${rounded(perNothing)} CPU-ms`,
      `${rounded(perSearch / perNothing)} times a request that does nothing`,
      '< 10 CPU-ms',
    ];
  });
  return row;
}

/** One to three words of a title, as a shopper types them who looks for that item. */
function searches(count: number, howMany: number): Record<string, string>[] {
  const random = seededRandom(seed);
  const titles = [...demoOffers({ count, seed: 1 })].map(({ title }) => title);
  const places = readPincodes().filter(({ deliverable }) => deliverable);
  return Array.from({ length: howMany }, () => {
    const words = random
      .pick(titles)
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length > 2);
    const start = random.between(0, Math.max(0, words.length - 3));
    const chosen = words.slice(start, start + random.between(1, 3));
    const typed = chosen.map((word) => (random.chance(misspelt) ? misspell(word, random) : word));
    return { q: typed.join(' '), pincode: random.pick(places).pincode };
  });
}

/** A letter left out, doubled, or swapped with the next. */
function misspell(word: string, random: Random): string {
  if (word.length < 4) return word;
  const at = random.between(1, word.length - 2);
  const [head, here, next, tail] = [
    word.slice(0, at),
    word.charAt(at),
    word.charAt(at + 1),
    word.slice(at + 2),
  ];
  return random.pick([
    head + next + tail,
    head + here + here + next + tail,
    head + next + here + tail,
  ]);
}
