/** The cart of this browser's guest or member, shared by every page. */
import { call, newKey, openSession } from './api.ts';
import { cell, keptCell } from './cell.ts';
import { type HeldCart, newest, withoutOrdered } from './held-cart.ts';
import { isGuest, session } from './session.ts';
import type { Cart } from './wire.ts';

/** `null`: not known yet, or nobody has one. */
export const cart = cell<Cart | null>(null);

/** Where to deliver to. Empty until the shopper says so. */
export const pincode = keptCell<string>('millrace.pincode', '');

export const MAX_QUANTITY = 99;

let held: HeldCart | null = null;

function hold(next: HeldCart | null): void {
  held = next;
  cart.set(next?.cart ?? null);
}

/** Of whoever is signed in now: a call may have made a guest. */
function take(answer: Cart): void {
  const userId = session.get()?.userId;
  if (userId !== undefined) hold(newest(held, { userId, cart: answer }));
}

export async function loadCart(): Promise<void> {
  const userId = session.get()?.userId;
  if (userId === undefined) return hold(null);
  const answer = await call<Cart>('GET', '/v1/cart');
  // Whoever signed in or out while it came has another cart.
  if (session.get()?.userId === userId) take(answer);
}

export async function setQuantity(sku: string, quantity: number): Promise<void> {
  const path = `/v1/cart/lines/${encodeURIComponent(sku)}`;
  const body = { quantity: Math.min(quantity, MAX_QUANTITY) };
  const options = { as: 'visitor', key: newKey() } as const;
  take(
    quantity <= 0
      ? await call<Cart>('DELETE', path, options)
      : await call<Cart>('PUT', path, { ...options, body }),
  );
}

function unitsOf(sku: string): number {
  return cart.get()?.lines.find((line) => line.sku === sku)?.quantity ?? 0;
}

export function addToCart(sku: string): Promise<void> {
  return setQuantity(sku, unitsOf(sku) + 1);
}

type Units = { readonly sku: string; readonly quantity: number };

/** Puts the lines of an order that came to nothing back, unless the cart has as many of them. */
export async function fillAgain(lines: readonly Units[]): Promise<void> {
  for (const { sku, quantity } of lines) {
    if (unitsOf(sku) < quantity) await setQuantity(sku, quantity);
  }
}

/** The shop has taken an order: what is in it is no longer in the cart. */
export function tookOrder(lines: readonly Units[]): void {
  if (held !== null) hold({ ...held, cart: withoutOrdered(held.cart, lines) });
}

/** Signs in and brings along what was put into the cart before. */
export async function signIn(email: string, password: string): Promise<void> {
  const before = session.get();
  const hasGuestCart = isGuest(before) && (cart.get()?.lines.length ?? 0) > 0;
  await openSession({ email, password });
  await (before !== null && hasGuestCart ? mergeCart(before.accessToken) : loadCart());
}

/** A guest whose token is over keeps nobody from signing in: the member's own cart is shown. */
async function mergeCart(guestToken: string): Promise<void> {
  try {
    const body = { guestToken };
    take(await call<Cart>('POST', '/v1/cart/merge', { body, key: newKey() }));
  } catch {
    await loadCart();
  }
}

export async function signOut(): Promise<void> {
  try {
    await call('DELETE', '/v1/sessions');
  } finally {
    session.set(null);
    hold(null);
  }
}
