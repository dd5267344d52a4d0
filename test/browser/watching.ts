/** The dashboard: who may see it, and that it follows the shop live. */
import assert from 'node:assert/strict';
import { faultsOf } from './accessibility.ts';
import { openWindow } from './browser.ts';
import type { Scenario } from './scenario.ts';
import { createAccount } from './shopper.ts';

const watchesLive: Scenario = {
  name: 'an administrator sees the counts of this minute move without a reload',
  async play({ browser, baseUrl, admin, picture }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    await page.goto('/dashboard');
    await page.getByLabel('E-mail').fill(admin.email);
    await page.getByLabel('Password').fill(admin.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
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
    await page.getByText('This account may not see the dashboard').waitFor();
    assert.equal(await page.locator('.panel').count(), 0);
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

export const watching: readonly Scenario[] = [watchesLive, isShutOut];
