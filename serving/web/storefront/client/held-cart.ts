/** Which answer about a cart is the newest: answers overtake each other on their way. Pure. */
import type { Cart } from './wire.ts';

export interface HeldCart {
  readonly userId: string;
  readonly cart: Cart;
}

/** What is known after an answer. One that is older than what is known tells nothing. */
export function newest(known: HeldCart | null, answer: HeldCart): HeldCart {
  const isOvertaken = known?.userId === answer.userId && answer.cart.version < known.cart.version;
  return isOvertaken ? known : answer;
}

type Units = { readonly sku: string; readonly quantity: number };

/**
 * The cart without what an order has taken. The shop takes it by a command that follows the order,
 * so for a moment `GET /v1/cart` still answers the cart before. The taking is one version.
 */
export function withoutOrdered(cart: Cart, ordered: readonly Units[]): Cart {
  const taken = new Map(ordered.map(({ sku, quantity }) => [sku, quantity]));
  if (!cart.lines.some(({ sku }) => taken.has(sku))) return cart;

  const lines = cart.lines.flatMap((line) => {
    const quantity = line.quantity - (taken.get(line.sku) ?? 0);
    if (quantity <= 0) return [];
    const lineTotal = { ...line.lineTotal, amount: line.unitPrice.amount * quantity };
    return [{ ...line, quantity, lineTotal }];
  });
  const amount = lines.reduce((sum, { lineTotal }) => sum + lineTotal.amount, 0);
  const notices = cart.notices.filter(({ sku }) => lines.some((line) => line.sku === sku));
  return { lines, notices, total: { ...cart.total, amount }, version: cart.version + 1 };
}
