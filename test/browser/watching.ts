/** The dashboard: who may see it, and that it follows the shop live. */
import assert from 'node:assert/strict';
import { faultsOf } from './accessibility.ts';
import { openWindow } from './browser.ts';
import type { Scenario } from './scenario.ts';
import { createAccount, signInToDashboard } from './shopper.ts';

const watchesLive: Scenario = {
  name: 'an administrator sees the counts of this minute move without a reload',
  async play({ browser, baseUrl, admin, picture }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    await page.goto('/dashboard');
    await signInToDashboard(page, admin);
    await page.locator('.pulse.is-live').waitFor();
    await page.getByRole('heading', { name: 'Funnel, last hour' }).waitFor();

    // Searches until the figure moves: a minute may end in between, which sets it back to nothing.
    const figure = page.locator('.now-figure', { hasText: 'Searches' }).locator('dd');
    const before = await figure.innerText();
    const moved = figure
      .filter({ hasNotText: new RegExp(`^${before}$`) })
      .filter({ hasText: /\d/ });
    const search = () => page.request.get('/v1/search?q=tea');
    const deadlineMs = Date.now() + 20_000;
    while ((await moved.count()) === 0 && Date.now() < deadlineMs) await search();
    await moved.waitFor({ timeout: 1_000 });
    await picture('dashboard', page);
    assert.deepEqual(await faultsOf(page), []);
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

const isShutOut: Scenario = {
  name: 'a shopper is told that the dashboard is not for her',
  async play({ browser, baseUrl, run }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    await page.goto('/sign-in');
    await createAccount(page, `curious-${run}@shop.example`);
    await page.goto('/dashboard');
    await page.getByText('This account may not see this page').waitFor();
    assert.equal(await page.locator('.panel').count(), 0);
    await page.goto('/dashboard/operations');
    await page.getByText('This account may not see this page').waitFor();
    assert.equal(await page.locator('.panel').count(), 0);
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

const receivesStock: Scenario = {
  name: 'an operator looks up the stock of a SKU and receives more of it',
  async play({ browser, baseUrl, admin, picture }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    const answer = await page.request.get('/v1/search?q=tea&limit=1');
    const { hits } = (await answer.json()) as { hits: { sku: string }[] };
    const sku = hits[0]?.sku ?? '';
    await page.goto('/dashboard/operations');
    await signInToDashboard(page, admin);
    await page.getByLabel('SKU').fill('NO-SUCH-SKU');
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('SKU').fill(sku);
    await page.getByRole('button', { name: 'Look up' }).click();
    const onHand = page.getByRole('row', { name: /^All/ }).getByRole('cell').first();
    const before = asNumber(await onHand.innerText());
    await page.getByLabel('Units').fill('7');
    await page.getByLabel('Reference').fill('counted at the door');
    await page.getByRole('button', { name: 'Receive', exact: true }).click();
    await onHand
      .filter({ hasText: new RegExp(`^${(before + 7).toLocaleString('en-IN')}$`) })
      .waitFor();
    await picture('operations-stock', page);
    assert.deepEqual(await faultsOf(page), []);
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

function asNumber(text: string): number {
  return Number(text.replaceAll(',', ''));
}

export const watching: readonly Scenario[] = [watchesLive, isShutOut, receivesStock];
