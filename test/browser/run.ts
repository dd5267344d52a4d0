/**
 * The browser tests: `npm run test:browser [-- words of a name] [--profile cluster]`.
 *
 * BASE_URL names a shop that runs; without it a shop is started in a new directory, and ended, with servers of its own
 * if the profile needs any.
 * PICTURES names a directory for screenshots. Ends with `N passed, N failed`, also when there is no
 * browser or no shop: then everything has failed.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Profile, profiles } from '../servers/shop-servers.ts';
import { afterOrdering } from './after-ordering.ts';
import { openBrowser } from './browser.ts';
import { browsing } from './browsing.ts';
import { journeys } from './journeys.ts';
import { appearance } from './looks.ts';
import { openShop } from './open-shop.ts';
import type { Scenario, Stage } from './scenario.ts';
import { suggesting } from './suggesting.ts';
import { troubles } from './troubles.ts';
import { watching } from './watching.ts';

const scenarios: readonly Scenario[] = [
  ...journeys,
  ...afterOrdering,
  ...browsing,
  ...suggesting,
  ...troubles,
  ...appearance,
  ...watching,
];

/** Answers how many failed. One after the other: each has a window of its own. */
async function playAll(wanted: readonly Scenario[], stage: Stage): Promise<number> {
  let failed = 0;
  for (const { name, play } of wanted) {
    const startMs = performance.now();
    try {
      await play(stage);
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      process.stdout.write(`ok      ${name} (${seconds} s)\n`);
    } catch (error) {
      failed += 1;
      process.stdout.write(`FAILED  ${name}\n${(error as Error).stack}\n\n`);
      await pictureOfFailure(stage, failed);
    }
    await Promise.all(stage.browser.contexts().map((context) => context.close()));
  }
  return failed;
}

/** The scenario that failed left its window open. */
async function pictureOfFailure({ browser, picture }: Stage, number: number): Promise<void> {
  const page = browser.contexts().at(-1)?.pages()[0];
  if (page) await picture(`failure-${number}`, page).catch(() => undefined);
}

function pictureIn(directory: string | undefined): Stage['picture'] {
  if (directory === undefined) return async () => {};
  mkdirSync(directory, { recursive: true });
  return async (name, page) => {
    await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
  };
}

async function playInShop(wanted: readonly Scenario[], profile: Profile): Promise<number> {
  const browser = await openBrowser();
  try {
    const shop = await openShop(profile);
    try {
      const run = process.pid.toString(36);
      const picture = pictureIn(process.env.PICTURES);
      return await playAll(wanted, { ...shop, browser, run, picture });
    } finally {
      await shop.close();
    }
  } finally {
    await browser.close();
  }
}

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { profile: { type: 'string', default: 'embedded' } },
  });
  const profile = profiles.find((name) => name === values.profile);
  if (profile === undefined)
    throw new Error(`--profile is '${values.profile}': give ${profiles.join(' or ')}`);
  const words = positionals.join(' ');
  const wanted = scenarios.filter(({ name }) => name.includes(words));
  if (wanted.length === 0) throw new Error(`no scenario's name has '${words}' in it`);
  const failed = await playInShop(wanted, profile).catch((error: unknown) => {
    process.stdout.write(`FAILED  to start: ${(error as Error).message}\n`);
    return wanted.length;
  });
  process.stdout.write(`\n${wanted.length - failed} passed, ${failed} failed\n`);
  return failed === 0;
}

process.exitCode = (await main()) ? 0 : 1;
