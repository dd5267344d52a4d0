/**
 * Takes the pictures of the README: `node --import tsx test/browser/readme-pictures.ts`, which
 * writes docs/images; PICTURES names another directory, BASE_URL a shop that runs.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser, openWindow } from './browser.ts';
import { type OpenShop, openShop } from './open-shop.ts';
import { goToPayment, pincode, search, setPincode, signInToDashboard } from './shopper.ts';

const directory = process.env.PICTURES ?? join(import.meta.dirname, '../../docs/images');
const viewport = { width: 1200, height: 860 };
const largestBytes = 250_000;

/** @throws Error if the picture is too heavy for a page that everybody loads. */
async function take(page: Page, name: string): Promise<void> {
  const path = join(directory, `${name}.png`);
  await page.locator('.toast:not(.is-shown)').waitFor({ state: 'attached' });
  await page.mouse.move(0, 0);
  await page.screenshot({ path, animations: 'disabled' });
  const { size } = statSync(path);
  if (size > largestBytes) throw new Error(`${path} has ${size} bytes, over ${largestBytes}`);
  process.stdout.write(`${path}: ${Math.round(size / 1000)} kB\n`);
}

async function storefront(page: Page): Promise<void> {
  await page.goto('/');
  await setPincode(page, pincode);
  await search(page, 'handmade');
  await page.locator('.card .delivery-day').first().waitFor();
  await take(page, 'storefront');
}

/** With something to see: a few searches, two orders. */
async function dashboard(page: Page, shopper: Page, shop: OpenShop): Promise<void> {
  const run = process.pid.toString(36);
  await goToPayment(shopper, `picture-${run}@shop.example`, 'lamp');
  await shopper.getByRole('button', { name: 'Approve' }).click();
  await shopper.waitForURL('**/orders/*');
  for (const words of ['tea', 'quilt', 'running shoes', 'cricket bat', 'notebook']) {
    await search(shopper, words);
  }
  await page.goto('/dashboard');
  await signInToDashboard(page, shop.admin);
  await page.locator('.pulse.is-live').waitFor();
  await page.getByRole('heading', { name: 'Funnel, last hour' }).waitFor();
  const searches = page.locator('.now-figure', { hasText: 'Searches' }).locator('dd');
  await searches.filter({ hasText: /\d/ }).waitFor();
  await page.locator('.funnel li').first().waitFor();
  await page.locator('td').first().waitFor();
  await take(page, 'dashboard');
}

async function main(): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const browser = await openBrowser();
  try {
    const shop = await openShop('embedded');
    try {
      const open = async () => (await openWindow(browser, { ...shop, viewport })).page;
      await storefront(await open());
      await dashboard(await open(), await open(), shop);
    } finally {
      await shop.close();
    }
  } finally {
    await browser.close();
  }
}

await main();
