/** The shopper's journeys: from the pincode to the order, with every turn that she may take. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { openWindow, phone } from './browser.ts';
import type { Scenario } from './scenario.ts';
import {
  addToCart,
  createAccount,
  deliveryOf,
  fillAddress,
  goToPayment,
  openFirstItem,
  pincode,
  search,
  setPincode,
  unitsInCart,
  waitForStatus,
} from './shopper.ts';

const buysAndPays: Scenario = {
  name: 'a guest searches, fills a cart, signs up, orders, pays, and sees the order placed',
  async play({ browser, baseUrl, run, picture }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    await page.goto('/');
    await setPincode(page, pincode);
    await page.reload();
    assert.equal(await page.getByLabel('Deliver to').inputValue(), pincode, 'is remembered');

    await search(page, 'green tea');
    await picture('search', page);
    const promised = await deliveryOf(page);
    const title = await openFirstItem(page);
    assert.equal(await deliveryOf(page), promised, 'search and item promise the same');
    await picture('item', page);
    await addToCart(page);
    await page.getByRole('link', { name: /^Cart/ }).click();
    await page.getByRole('button', { name: /One more/ }).click();
    await page.locator('.quantity output', { hasText: /^2$/ }).waitFor();
    await picture('cart', page);

    await page.getByRole('link', { name: 'Go to checkout' }).click();
    await page.getByRole('link', { name: 'Sign in or create an account' }).click();
    await createAccount(page, `journey-${run}@shop.example`);
    await page.waitForURL('**/checkout');
    assert.equal(await unitsInCart(page), 2, 'the guest cart came along');
    await fillAddress(page, pincode);
    await picture('checkout', page);

    await page.getByRole('button', { name: 'Place the order' }).click();
    await page.waitForURL('**/pay/*');
    await page.getByRole('timer').waitFor();
    await picture('payment', page);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.waitForURL('**/orders/*');
    await waitForStatus(page, 'Placed');
    assert.match(await page.locator('.summary').innerText(), new RegExp(`2 × .*${escaped(title)}`));
    await picture('order', page);
    assert.equal(await unitsInCart(page), 0, 'the order took the cart');

    await page.reload();
    await waitForStatus(page, 'Placed');
    await page.getByRole('link', { name: 'All orders' }).click();
    await page.locator('.order-link').first().waitFor();
    assert.equal(await page.locator('.order-link').count(), 1);
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

const isDeclined: Scenario = {
  name: 'a declined payment ends the order and the page says so by itself',
  async play({ browser, baseUrl, run }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl, viewport: phone });
    await goToPayment(page, `declined-${run}@shop.example`, 'notebook');
    await page.getByRole('button', { name: 'Decline' }).click();
    await page.waitForURL('**/orders/*');
    await waitForStatus(page, 'Cancelled');
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

const paysLater: Scenario = {
  name: 'a payment that was left is found again on the order page, and can be cancelled there',
  async play({ browser, baseUrl, run }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    await goToPayment(page, `later-${run}@shop.example`, 'lamp');
    await page.getByRole('button', { name: 'Do nothing' }).click();
    await page.getByText('The gateway stays silent').waitFor();
    await page.getByRole('link', { name: 'To the order' }).click();
    await waitForStatus(page, 'Awaiting payment');
    await page.getByRole('link', { name: /^Pay ₹/ }).waitFor();
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await page.getByRole('button', { name: 'Yes, cancel it' }).click();
    await waitForStatus(page, 'Cancelled');
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

const paysAtTheDoor: Scenario = {
  name: 'cash on delivery places the order without a payment page',
  async play({ browser, baseUrl, run }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl, viewport: phone });
    await page.goto('/sign-in?next=/search');
    await createAccount(page, `cash-${run}@shop.example`);
    await page.waitForURL('**/search');
    await setPincode(page, pincode);
    await search(page, 'soap');
    await page.locator('.card .delivery-day').first().waitFor();
    await openCashItem(page);
    await addToCart(page);
    await page.goto('/checkout');
    await fillAddress(page, pincode);
    await page.getByRole('radio', { name: /Cash on delivery/ }).check();
    await page.getByRole('button', { name: 'Place the order' }).click();
    await page.waitForURL('**/orders/*');
    await waitForStatus(page, 'Placed');
    assert.match(await page.locator('.summary-total').innerText(), /cash on delivery/);
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

/** Not every item may be paid at the door: looks for one that says so. */
async function openCashItem(page: Page): Promise<void> {
  const links = await page
    .locator('.card-link')
    .evaluateAll((found) => found.map((link) => link.getAttribute('href') ?? ''));
  for (const link of links) {
    await page.goto(link);
    await page.locator('.attributes').waitFor();
    if (await page.getByText('Cash on delivery is possible').isVisible()) return;
  }
  throw new Error(`none of ${links.length} items takes cash on delivery`);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

export const journeys: readonly Scenario[] = [buysAndPays, isDeclined, paysLater, paysAtTheDoor];
