/** Every page on a phone and a desktop, by day and by night: readable, labelled, and not too wide. */
import assert from 'node:assert/strict';
import { faultsOf } from './accessibility.ts';
import { desktop, openWindow, phone } from './browser.ts';
import type { Scenario, Stage } from './scenario.ts';
import {
  addToCart,
  createAccount,
  fillAddress,
  openFirstItem,
  pincode,
  search,
  setPincode,
  waitForStatus,
} from './shopper.ts';

interface Look {
  readonly device: 'phone' | 'desktop';
  readonly colorScheme: 'light' | 'dark';
}

const looks: readonly Look[] = [
  { device: 'phone', colorScheme: 'light' },
  { device: 'phone', colorScheme: 'dark' },
  { device: 'desktop', colorScheme: 'light' },
  { device: 'desktop', colorScheme: 'dark' },
];

function looksGood(look: Look): Scenario {
  const name = `${look.device}, ${look.colorScheme}`;
  return { name: `every page is accessible: ${name}`, play: (stage) => visitAll(stage, look) };
}

async function visitAll(stage: Stage, { device, colorScheme }: Look): Promise<void> {
  const { browser, baseUrl, run, picture } = stage;
  const viewport = device === 'phone' ? phone : desktop;
  const options = { baseUrl, viewport, colorScheme };
  const { page, context, complaints } = await openWindow(browser, options);
  const faults: string[] = [];
  const look = async (name: string) => {
    await page
      .locator('.waiting, .is-loading, [aria-busy="true"]')
      .first()
      .waitFor({ state: 'detached' });
    await picture(`${device}-${colorScheme}-${name}`, page);
    faults.push(...(await faultsOf(page)));
  };

  await page.goto('/');
  await page.locator('.card-price').first().waitFor();
  await look('home');
  await setPincode(page, pincode);
  await search(page, 'headphones');
  await look('search');
  await openFirstItem(page);
  await look('item');
  await addToCart(page);
  await page.goto('/sign-in');
  await look('sign-in');
  await createAccount(page, `looks-${device}-${colorScheme}-${run}@shop.example`);
  for (const path of ['cart', 'account', 'orders', 'wishlist', 'notifications', 'nowhere-near']) {
    await page.goto(path === 'nowhere-near' ? '/items/nowhere-near' : `/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look(path);
  }
  await page.goto('/search?q=quilt&brand=Nobody');
  await page.getByRole('heading', { name: 'Nothing fits' }).waitFor();
  await look('nothing');
  if (device === 'phone') {
    await page.goto('/search?q=tea');
    await page.getByRole('button', { name: 'Filters' }).click();
    await look('filters');
  }
  await page.goto('/checkout');
  await fillAddress(page, pincode);
  await look('checkout');
  await page.getByRole('button', { name: 'Place the order' }).click();
  await page.getByRole('timer').waitFor();
  await look('payment');
  await page.getByRole('button', { name: 'Approve' }).click();
  await waitForStatus(page, 'Placed');
  await look('order');
  await page.goto('/dashboard');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await look('dashboard-sign-in');
  assert.deepEqual(faults, []);
  assert.deepEqual(complaints, []);
  await context.close();
}

/** What has the focus, and how that is shown. Text, because it runs in the page. */
const focused = `({
  id: document.activeElement.id,
  text: document.activeElement.textContent,
  outline: getComputedStyle(document.activeElement).outline,
})`;
type Focused = { readonly id: string; readonly text: string; readonly outline: string };

const usesKeys: Scenario = {
  name: 'by keys alone: over the head into the content, and the focus is always seen',
  async play({ browser, baseUrl }) {
    const { page, context } = await openWindow(browser, { baseUrl });
    await page.goto('/');
    await page.locator('.card-price').first().waitFor();
    await page.keyboard.press('Tab');
    assert.equal((await page.evaluate<Focused>(focused)).text, 'Skip to the content');
    for (let steps = 0; steps < 20; steps++) {
      await page.keyboard.press('Tab');
      assert.match((await page.evaluate<Focused>(focused)).outline, /solid 3px/);
    }
    await page.locator('.card-link').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/items/*');
    await page.locator('#content:focus').waitFor();
    await context.close();
  },
};

const running = `document.getAnimations().filter((each) => each.playState === 'running').length`;

const stillForSome: Scenario = {
  name: 'nothing moves for those who want no motion',
  async play({ browser, baseUrl }) {
    const { page, context } = await openWindow(browser, { baseUrl });
    await page.goto('/');
    await page.locator('.card-price').first().waitFor();
    assert.ok((await page.evaluate<number>(running)) > 0, 'the wheel turns for others');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.reload();
    await page.locator('.card-price').first().waitFor();
    assert.equal(await page.evaluate<number>(running), 0);
    await context.close();
  },
};

export const appearance: readonly Scenario[] = [...looks.map(looksGood), usesKeys, stillForSome];
