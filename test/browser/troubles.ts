/** A network that is gone, and a shop that is busy. */
import assert from 'node:assert/strict';
import { openWindow } from './browser.ts';
import type { Scenario } from './scenario.ts';
import { openFirstItem, search } from './shopper.ts';

const isOffline: Scenario = {
  name: 'without a network the page says so, keeps what it has, and goes on by itself afterwards',
  async play({ browser, baseUrl }) {
    const { page, context } = await openWindow(browser, { baseUrl });
    await page.goto('/');
    await search(page, 'tea');
    await context.setOffline(true);
    await page.getByText('You are offline').waitFor();
    await page.locator('.facet').first().click();
    await page.getByText('The shop cannot be reached').waitFor();
    await context.setOffline(false);
    await page.locator('.card').first().waitFor();
    assert.equal(await page.getByText('You are offline').count(), 0);
    await context.close();
  },
};

const busy = {
  status: 503,
  headers: { 'retry-after': '1', 'content-type': 'application/problem+json' },
  body: JSON.stringify({
    title: 'Not decided in time',
    status: 503,
    code: 'not-decided-in-time',
    detail: 'try again',
  }),
};

const isBusy: Scenario = {
  name: 'a busy shop is asked again after the pause that it names, under the same key',
  async play({ browser, baseUrl }) {
    const { page, context } = await openWindow(browser, { baseUrl });
    await page.goto('/');
    await search(page, 'tea');
    await openFirstItem(page);
    const keys: string[] = [];
    await page.route('**/v1/cart/lines/*', async (route) => {
      keys.push(route.request().headers()['idempotency-key'] ?? '');
      await (keys.length === 1 ? route.fulfill(busy) : route.continue());
    });
    await page.locator('.item-actions').getByRole('button', { name: 'Add to cart' }).click();
    await page.getByText('The shop is busy. Trying again in 1 s').waitFor();
    await page.locator('.badge.is-cart', { hasText: /^1$/ }).waitFor();
    assert.equal(keys.length, 2);
    assert.ok(keys[0] !== '' && keys[0] === keys[1], 'one key: nothing happens twice');
    await context.close();
  },
};

const staysBusy: Scenario = {
  name: 'a shop that stays busy is told of in words, with a button to try again',
  async play({ browser, baseUrl }) {
    const { page, context } = await openWindow(browser, { baseUrl });
    await page.route('**/v1/search?*', (route) => route.fulfill(busy));
    await page.goto('/search?q=tea');
    await page.getByText('The shop is busy and has not decided yet').waitFor();
    await page.unroute('**/v1/search?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.card').first().waitFor();
    await context.close();
  },
};

/** Typing, faster than anybody types. Text, because it runs in the page. */
const typeTea = `(() => {
  const box = document.getElementById('q');
  for (const typed of ['t', 'te', 'tea', 'tea ', 'tea p']) {
    box.value = typed;
    box.dispatchEvent(new Event('input', { bubbles: true }));
  }
})()`;

const isInAHurry: Scenario = {
  name: 'who types fast asks once, and an answer that nobody waits for any more is not awaited',
  async play({ browser, baseUrl }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    await page.goto('/');
    const asked: string[] = [];
    page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname === '/v1/search/suggest') asked.push(searchParams.get('q') ?? '');
    });
    await page.evaluate(typeTea);
    await page.getByRole('option').first().waitFor();
    assert.deepEqual(asked, ['tea p']);

    // The shop never answers the first search.
    await page.route('**/v1/search?q=lamp&*', () => undefined);
    await page.getByRole('combobox', { name: 'Search the shop' }).fill('lamp');
    await page.keyboard.press('Enter');
    await page.locator('.results-list[aria-busy="true"]').waitFor();
    const dropped = page.waitForEvent('requestfailed');
    await search(page, 'tea');
    assert.match((await dropped).url(), /q=lamp/);
    await page.locator('.card-title', { hasText: /tea/i }).first().waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

export const troubles: readonly Scenario[] = [isOffline, isBusy, staysBusy, isInAHurry];
