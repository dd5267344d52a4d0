/** A shopper at the pages: does what hands and eyes would do. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

export const password = 'correct horse battery';

/** In Bengaluru, where a warehouse is. */
export const pincode = '560001';

export async function setPincode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Deliver to').fill(code);
  await page.getByLabel('Deliver to').press('Enter');
  await page.locator('.pincode-set:not(.is-new)').waitFor();
}

/** Types the words and waits for the results of them. */
export async function search(page: Page, words: string): Promise<void> {
  const answered = page.waitForResponse(
    (answer) => new URL(answer.url()).pathname === '/v1/search' && answer.ok(),
  );
  await page.getByRole('combobox', { name: 'Search the shop' }).fill(words);
  await page.keyboard.press('Enter');
  await answered;
  await page.locator('.results-list[aria-busy="false"]').waitFor();
}

/** Opens the first item of the results; answers its title. */
export async function openFirstItem(page: Page): Promise<string> {
  await page.locator('.card-link').first().click();
  await page.waitForURL('**/items/*');
  await page.locator('.attributes').waitFor();
  return page.getByRole('heading', { level: 1 }).innerText();
}

export async function addToCart(page: Page): Promise<void> {
  const units = await unitsInCart(page);
  await page.locator('.item-actions').getByRole('button', { name: /add/i }).first().click();
  await page.locator('.badge.is-cart', { hasText: new RegExp(`^${units + 1}$`) }).waitFor();
}

export async function unitsInCart(page: Page): Promise<number> {
  return Number(await page.locator('.badge.is-cart').innerText());
}

export async function createAccount(page: Page, email: string): Promise<void> {
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Name').fill('Asha Rao');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  await page.getByRole('link', { name: 'Account' }).waitFor();
}

export async function fillAddress(page: Page, code: string): Promise<void> {
  await page.getByLabel('Name').fill('Asha Rao');
  await page.getByLabel('House and street').fill('1 MG Road');
  await page.getByLabel('City').fill('Bengaluru');
  await page.locator('.address-form').getByLabel('Pincode').fill(code);
  await page.getByLabel('Phone').fill('+91 80 1234 5678');
  await page.getByRole('button', { name: 'Save address' }).click();
  await page.locator('.choice address').first().waitFor();
}

/** From an empty window to the gateway's page, with one item of this search. */
export async function goToPayment(page: Page, email: string, words: string): Promise<void> {
  await page.goto('/');
  await setPincode(page, pincode);
  await search(page, words);
  await openFirstItem(page);
  await addToCart(page);
  await page.goto('/checkout');
  await page.getByRole('link', { name: 'Sign in or create an account' }).click();
  await createAccount(page, email);
  await fillAddress(page, pincode);
  await page.getByRole('button', { name: 'Place the order' }).click();
  await page.waitForURL('**/pay/*');
}

/** Waits for the order page to show this status by itself. */
export async function waitForStatus(page: Page, status: string): Promise<void> {
  await page.locator('.order-status .status', { hasText: new RegExp(`^${status}$`) }).waitFor();
}

export async function deliveryOf(page: Page): Promise<string> {
  const line = (await page.locator('.delivery').first().innerText()).replaceAll(/\s+/g, ' ');
  assert.match(
    line,
    /^Delivered by (\w{3}|Today|Tomorrow), \d{1,2} [A-Z][a-z]{2} (₹[\d,]+|free delivery) · from [A-Z]\w+$/,
  );
  return line;
}

export async function signInToDashboard(
  page: Page,
  { email, password: secret }: { readonly email: string; readonly password: string },
): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}
