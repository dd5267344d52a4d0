/**
 * The browser tests: `npm run test:browser [-- words of a name]`.
 *
 * BASE_URL names a shop that runs, with MILLRACE_ADMIN_EMAIL and MILLRACE_ADMIN_PASSWORD for the
 * dashboard; without it a shop is started in a new directory, and ended. PICTURES names a directory
 * for screenshots. Ends with `N passed, N failed`, and fails when there is no browser.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admin, ShopProcess } from '../journey/shop-process.ts';
import { openBrowser } from './browser.ts';
import { browsing } from './browsing.ts';
import { journeys } from './journeys.ts';
import { appearance } from './looks.ts';
import type { Scenario, Stage } from './scenario.ts';
import { watching } from './watching.ts';

const scenarios: readonly Scenario[] = [...journeys, ...browsing, ...appearance, ...watching];

interface OpenShop {
  readonly baseUrl: string;
  readonly admin: Stage['admin'];
  close(): Promise<void>;
}

async function openShop(): Promise<OpenShop> {
  const { BASE_URL, MILLRACE_ADMIN_EMAIL, MILLRACE_ADMIN_PASSWORD } = process.env;
  if (BASE_URL !== undefined) {
    const email = MILLRACE_ADMIN_EMAIL ?? admin.email;
    const password = MILLRACE_ADMIN_PASSWORD ?? admin.password;
    const baseUrl = BASE_URL.replace(/\/+$/, '');
    return { baseUrl, admin: { email, password }, close: async () => {} };
  }
  const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-browser-'));
  const shop = new ShopProcess({ dataDirectory });
  const close = async () => {
    await shop.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  try {
    await shop.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { baseUrl: shop.url, admin, close };
}

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

async function main(): Promise<boolean> {
  const words = process.argv.slice(2).join(' ');
  const wanted = scenarios.filter(({ name }) => name.includes(words));
  if (wanted.length === 0) throw new Error(`no scenario's name has '${words}' in it`);
  const browser = await openBrowser();
  try {
    const shop = await openShop();
    try {
      const run = process.pid.toString(36);
      const picture = pictureIn(process.env.PICTURES);
      const failed = await playAll(wanted, { ...shop, browser, run, picture });
      process.stdout.write(`\n${wanted.length - failed} passed, ${failed} failed\n`);
      return failed === 0;
    } finally {
      await shop.close();
    }
  } finally {
    await browser.close();
  }
}

process.exitCode = (await main()) ? 0 : 1;
