/** What the shop thinks of by itself: similar, recommended and trending items, with their promises. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { openWindow } from './browser.ts';
import type { Scenario } from './scenario.ts';
import { deliveryOf, pincode, setPincode } from './shopper.ts';

/** The jobs that find them run every ten minutes: here they have found these items of the shop. */
async function suggest(page: Page, path: string, reason: string): Promise<string[]> {
  const answer = await page.request.get(`/v1/search?q=lamp&limit=3&pincode=${pincode}`);
  const { hits } = (await answer.json()) as { hits: { itemId: string; title: string }[] };
  const items = hits.map(({ itemId: id, ...item }) => ({
    ...item,
    id,
    reason,
    delivery: undefined,
  }));
  await page.route(`**${path}?*`, (route) => route.fulfill({ json: { items } }));
  return hits.map(({ title }) => title);
}

const seesSimilar: Scenario = {
  name: 'similar items are linked, and each says when it would arrive',
  async play({ browser, baseUrl }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    await page.goto('/');
    await setPincode(page, pincode);
    const [first = ''] = await suggest(page, '/similar', 'bought-together');
    await page.locator('.card-link').first().click();
    await page.waitForURL('**/items/*');
    const shelf = page.getByRole('region', { name: 'Bought by the same people' });
    await shelf.locator('.delivery-day').nth(2).waitFor();
    const link = shelf.locator('.card-link').first();
    const promised = (await link.locator('.delivery').innerText()).replaceAll(/\s+/g, ' ');
    await link.click();
    await page
      .getByRole('heading', { level: 1 })
      .filter({ hasText: tail(first) })
      .waitFor();
    await page.locator('.promise .delivery-day').waitFor();
    assert.equal(await deliveryOf(page), promised, 'the shelf and the item promise the same');
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

/** Without the brand, which the page shows above the heading. */
function tail(title: string): string {
  return title.split(' ').slice(-2).join(' ');
}

const seesTrends: Scenario = {
  name: 'the start page recommends and shows trends, and has no empty shelf',
  async play({ browser, baseUrl }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    await page.route('**/v1/trending?*', (route) => route.fulfill({ json: { items: [] } }));
    await page.goto('/');
    await page.getByRole('heading', { name: 'Just in' }).waitFor();
    assert.equal(await page.getByRole('heading', { name: 'Trending now' }).count(), 0);
    await page.locator('.card').first().getByRole('button').click();
    await page.locator('.badge.is-cart', { hasText: /^1$/ }).waitFor();

    await suggest(page, '/v1/recommendations', 'similar-users');
    await suggest(page, '/v1/trending', 'trending');
    await page.reload();
    for (const name of ['Recommended for you', 'Trending now']) {
      const shelf = page.getByRole('region', { name });
      await shelf.locator('.card-link').nth(2).waitFor();
    }
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

export const suggesting: readonly Scenario[] = [seesSimilar, seesTrends];
