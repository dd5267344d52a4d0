/** What comes after an order: parcels that move, returns, second thoughts, and time that runs out. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { faultsOf } from './accessibility.ts';
import { openWindow, phone } from './browser.ts';
import type { Scenario, Stage } from './scenario.ts';
import { goToPayment, signInToDashboard, unitsInCart, waitForStatus } from './shopper.ts';

const sendsBack: Scenario = {
  name: 'an operator brings the parcel to the door, and the shopper sends a unit back',
  async play(stage) {
    const { browser, baseUrl, run, picture } = stage;
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    await goToPayment(page, `returns-${run}@shop.example`, 'cushion');
    await page.getByRole('button', { name: 'Approve' }).click();
    await waitForStatus(page, 'Placed');
    const shipmentId = await page.locator('.parcel .quiet').first().innerText();
    await page.getByRole('link', { name: /^News, [1-9]/ }).waitFor();

    await deliver(stage, shipmentId);
    await page.reload();
    await waitForStatus(page, 'Delivered');
    await picture('order-delivered', page);
    await page.getByRole('button', { name: 'Send something back' }).click();
    const send = page.getByRole('button', { name: 'Send it back' });
    assert.ok(await send.isDisabled(), 'nothing is chosen yet');
    await page.locator('.units-choice select').selectOption('1');
    await page.getByLabel('Reason').selectOption('damaged on its way');
    await picture('order-return', page);
    assert.deepEqual(await faultsOf(page), []);
    await send.click();
    await waitForStatus(page, 'Returned');
    await page.getByText('1 sent back').waitFor();
    await page.getByText(/₹[\d,.]+ refunded/).waitFor();

    await page.getByRole('link', { name: /^News/ }).click();
    await page.getByText('We have your return').waitFor();
    await page.getByRole('link', { name: 'News', exact: true }).waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

/** On the page for operators, step by step. */
async function deliver(
  { browser, baseUrl, admin, picture }: Stage,
  shipmentId: string,
): Promise<void> {
  const { page, context, complaints } = await openWindow(browser, { baseUrl });
  await page.goto('/dashboard/operations');
  await signInToDashboard(page, admin);
  await page.getByLabel('Shipment', { exact: true }).fill(shipmentId);
  await page.getByRole('button', { name: 'Report' }).click();
  await page.getByRole('button', { name: `Shipped: ${shipmentId}` }).click();
  await page.getByRole('button', { name: `Delivered: ${shipmentId}` }).click();
  await page.locator('.shipments strong', { hasText: /^Delivered$/ }).waitFor();
  await picture('operations', page);
  assert.deepEqual(await faultsOf(page), []);
  assert.deepEqual(complaints, []);
  await context.close();
}

const changesHerMind: Scenario = {
  name: 'an order is cancelled with a reason, and the cart is filled with it again',
  async play({ browser, baseUrl, run }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl, viewport: phone });
    await goToPayment(page, `mind-${run}@shop.example`, 'plant');
    assert.equal(await unitsInCart(page), 0);
    await page.getByRole('link', { name: 'To the order' }).click();
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await page.getByLabel('Reason').selectOption('ordered by mistake');
    await page.getByRole('button', { name: 'Yes, cancel it' }).click();
    await waitForStatus(page, 'Cancelled');
    await page.getByText('Reason: ordered by mistake').waitFor();
    await page.getByRole('button', { name: 'Fill the cart again' }).click();
    await page.waitForURL('**/cart');
    await page.locator('.line').first().waitFor();
    assert.equal(await unitsInCart(page), 1);
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

const runsOutOfTime: Scenario = {
  name: 'when the time to pay is up the page says so and offers to fill the cart again',
  async play({ browser, baseUrl, run, picture }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    await goToPayment(page, `expiry-${run}@shop.example`, 'kettle');
    // The shop waits 15 minutes; here two seconds are left of them, and the order is open once more.
    let asked = 0;
    await page.route('**/sandbox/payments/*', async (route) => {
      const answer = await (await route.fetch()).json();
      await route.fulfill({ json: { ...answer, expiresAt: soon() } });
    });
    await page.route('**/v1/orders/ord_*', async (route) => {
      asked += 1;
      const order = await (await route.fetch()).json();
      await route.fulfill({ json: asked === 1 ? order : { ...order, status: 'expired' } });
    });
    await page.reload();
    await page.getByRole('timer').waitFor();
    await page.getByText('The order has expired').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0);
    assert.ok(asked >= 2, 'asked again while the order was open');
    await picture('payment-expired', page);
    assert.deepEqual(await faultsOf(page), []);
    await page.getByRole('button', { name: 'Fill the cart again' }).click();
    await page.waitForURL('**/cart');
    await page.locator('.line').first().waitFor();
    assert.equal(await unitsInCart(page), 1);
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

function soon(): string {
  return new Date(Date.now() + 2_000).toISOString();
}

const sheOrdersSlowly: Scenario = {
  name: 'the cart is empty once it is ordered, however late the shop takes it',
  async play({ browser, baseUrl, run }) {
    const { page, context, complaints } = await openWindow(browser, { baseUrl });
    const before = await holdCartBack(page);
    await goToPayment(page, `slow-cart-${run}@shop.example`, 'tent');
    assert.ok(before.units() > 0, 'the guest cart came along');
    await page.getByRole('button', { name: 'Approve' }).click();
    await waitForStatus(page, 'Placed');
    // The page asks for the cart again when it sees the status, which may be a moment from now.
    if (before.repeats() === 0) await page.waitForRequest('**/v1/cart');
    assert.equal(await unitsInCart(page), 0);
    assert.deepEqual(complaints, []);
    await context.close();
  },
};

/** After an order the cart is answered as it was before, as a view does that is behind. */
async function holdCartBack(page: Page) {
  let before = { lines: [] as { quantity: number }[] };
  let isOrdered = false;
  let repeated = 0;
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() === 'POST' && pathname === '/v1/orders') isOrdered = true;
  });
  await page.route('**/v1/cart', async (route) => {
    if (isOrdered) {
      repeated += 1;
      return route.fulfill({ json: before });
    }
    const answer = await route.fetch();
    before = await answer.json();
    return route.fulfill({ response: answer });
  });
  const units = () => before.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return { units, repeats: () => repeated };
}

export const afterOrdering: readonly Scenario[] = [
  sendsBack,
  changesHerMind,
  runsOutOfTime,
  sheOrdersSlowly,
];
