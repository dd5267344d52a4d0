/** The cart of this browser's guest or member, shared by every page. */
import { call, newKey, openSession } from './api.ts';
import { cell, keptCell } from './cell.ts';
import { isGuest, session } from './session.ts';
import type { Cart } from './wire.ts';

/** `null`: not known yet, or nobody has one. */
export const cart = cell<Cart | null>(null);

/** Where to deliver to. Empty until the shopper says so. */
export const pincode = keptCell<string>('millrace.pincode', '');

export const MAX_QUANTITY = 99;

export async function loadCart(): Promise<void> {
  cart.set(session.get() === null ? null : await call<Cart>('GET', '/v1/cart'));
}

export async function setQuantity(sku: string, quantity: number): Promise<void> {
  const path = `/v1/cart/lines/${encodeURIComponent(sku)}`;
  const body = { quantity: Math.min(quantity, MAX_QUANTITY) };
  const options = { as: 'visitor', key: newKey() } as const;
  cart.set(
    quantity <= 0
      ? await call<Cart>('DELETE', path, options)
      : await call<Cart>('PUT', path, { ...options, body }),
  );
}

export function addToCart(sku: string): Promise<void> {
  const held = cart.get()?.lines.find((line) => line.sku === sku)?.quantity ?? 0;
  return setQuantity(sku, held + 1);
}

/** Signs in and brings along what was put into the cart before. */
export async function signIn(email: string, password: string): Promise<void> {
  const before = session.get();
  await openSession({ email, password });
  const hasGuestCart = before !== null && isGuest(before) && (cart.get()?.lines.length ?? 0) > 0;
  await (hasGuestCart ? mergeCart(before.accessToken) : loadCart());
}

/** A guest whose token is over keeps nobody from signing in: the member's own cart is shown. */
async function mergeCart(guestToken: string): Promise<void> {
  try {
    const body = { guestToken };
    cart.set(await call<Cart>('POST', '/v1/cart/merge', { body, key: newKey() }));
  } catch {
    await loadCart();
  }
}

export async function signOut(): Promise<void> {
  try {
    await call('DELETE', '/v1/sessions');
  } finally {
    session.set(null);
    cart.set(null);
  }
}
