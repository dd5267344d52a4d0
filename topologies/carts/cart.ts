/**
 * The rules of a cart: at most 100 lines of 1 to 99 units. Pure.
 *
 * Each change takes a new version; a command that changes nothing is accepted and takes none.
 */
import {
  Cart,
  type CartCommand,
  type CartEvent,
  type CartLine,
  type CartLineSet,
} from '#schemas/carts';
import type { Sku } from '#schemas/items';
import type { CommandReply } from '#schemas/replies';
import type { UserId } from '#schemas/users';
import { avro, type Decoded } from '#streams';
import { accepted, answerBefore, CommandMemory, rejected, remember } from '../command-memory.ts';

const maxQuantity = 99;
export const maxLines = 100;

export const CartEntry = avro.record('CartEntry', { cart: Cart, memory: CommandMemory });
export interface CartEntry extends Decoded<typeof CartEntry> {}

export interface Decision {
  readonly entry: CartEntry;
  readonly events: readonly CartEvent[];
  readonly reply: CommandReply;
}

export function emptyCart(id: UserId): CartEntry {
  return { cart: { id, lines: [], version: 0, updatedAt: 0 }, memory: [] };
}

/** `atMs`: when the command was given. */
export function decide(entry: CartEntry, command: CartCommand, atMs: number): Decision {
  const before = answerBefore(entry.memory, command.commandId);
  if (before) return { entry, events: [], reply: before };

  const { events, refusal, details } = outcomeOf(entry.cart, command, atMs);
  const cart = events.length > 0 ? changed(entry.cart, events, atMs) : entry.cart;
  const reply = refusal
    ? rejected(command.commandId, cart.version, refusal)
    : accepted(command.commandId, cart.version, details);
  return { entry: { cart, memory: remember(entry.memory, reply) }, events, reply };
}

/** The lines after an event. */
export function evolve(lines: readonly CartLine[], event: CartEvent): readonly CartLine[] {
  switch (event.type) {
    case 'CartLineSet': {
      const { line } = event;
      const known = lines.some(({ sku }) => sku === line.sku);
      return known ? lines.map((old) => (old.sku === line.sku ? line : old)) : [...lines, line];
    }
    case 'CartLineRemoved':
      return lines.filter(({ sku }) => sku !== event.sku);
  }
}

function changed(cart: Cart, events: readonly CartEvent[], atMs: number): Cart {
  const lines = events.reduce(evolve, cart.lines);
  return { ...cart, lines, version: cart.version + 1, updatedAt: Math.max(cart.updatedAt, atMs) };
}

interface Outcome {
  readonly events: readonly CartEvent[];
  readonly refusal?: { readonly code: string; readonly message: string };
  readonly details?: CommandReply['details'];
}

function outcomeOf(cart: Cart, command: CartCommand, atMs: number): Outcome {
  switch (command.type) {
    case 'SetCartLine':
      return setLine(cart, command, atMs);
    case 'RemoveCartLine':
      return { events: removals(cart.lines, [command.sku], 'shopper') };
    case 'MergeCart':
      return command.from === cart.id ? { events: [] } : merge(cart, command.lines);
    case 'ClearCart':
      return { events: removals(cart.lines, cart.lines.map(skuOf), 'cleared') };
    case 'RemoveOrdered':
      return { events: removeOrdered(cart.lines, command.lines) };
  }
}

function setLine(
  cart: Cart,
  command: CartCommand & { type: 'SetCartLine' },
  atMs: number,
): Outcome {
  const { sku, itemId, title, quantity, unitPrice } = command;
  if (quantity < 1 || quantity > maxQuantity) {
    const message = `quantity is ${quantity}: give 1 to ${maxQuantity}, or remove the line`;
    return { events: [], refusal: { code: 'quantity-out-of-range', message } };
  }
  const before = lineOf(cart.lines, sku);
  if (!before && cart.lines.length >= maxLines) {
    const message = `the cart has ${maxLines} lines, the most it can hold: remove one first`;
    return { events: [], refusal: { code: 'cart-full', message } };
  }
  const line = { sku, itemId, title, quantity, unitPrice, addedAt: before?.addedAt ?? atMs };
  return { events: changes(before, line, 'shopper') };
}

/** Lines that find no room are left out, and named in the reply. */
function merge(cart: Cart, guestLines: readonly CartLine[]): Outcome {
  const events: CartEvent[] = [];
  const details: Record<string, string>[] = [];
  let lines = cart.lines;
  for (const guestLine of guestLines) {
    const before = lineOf(lines, guestLine.sku);
    const quantity = Math.min(guestLine.quantity, maxQuantity);
    if (quantity <= (before?.quantity ?? 0)) continue;
    if (!before && lines.length >= maxLines) {
      details.push({ sku: guestLine.sku, code: 'cart-full' });
      continue;
    }
    const line = { ...guestLine, quantity, addedAt: before?.addedAt ?? guestLine.addedAt };
    const made = changes(before, line, 'merged');
    events.push(...made);
    lines = made.reduce(evolve, lines);
  }
  return { events, details };
}

function removeOrdered(
  cartLines: readonly CartLine[],
  ordered: readonly { readonly sku: Sku; readonly quantity: number }[],
): CartEvent[] {
  const events: CartEvent[] = [];
  let lines = cartLines;
  for (const { sku, quantity } of ordered) {
    const before = lineOf(lines, sku);
    if (!before || quantity < 1) continue;
    const left = before.quantity - quantity;
    const made =
      left > 0
        ? changes(before, { ...before, quantity: left }, 'ordered')
        : removals(lines, [sku], 'ordered');
    events.push(...made);
    lines = made.reduce(evolve, lines);
  }
  return events;
}

function changes(
  before: CartLine | undefined,
  line: CartLine,
  reason: CartLineSet['reason'],
): CartEvent[] {
  if (before && isSame(before, line)) return [];
  return [{ type: 'CartLineSet', line, quantityBefore: before?.quantity ?? 0, reason }];
}

function removals(
  lines: readonly CartLine[],
  skus: readonly Sku[],
  reason: CartLineSet['reason'],
): CartEvent[] {
  return skus.flatMap((sku): CartEvent[] => {
    const line = lineOf(lines, sku);
    return line ? [{ type: 'CartLineRemoved', sku, quantityBefore: line.quantity, reason }] : [];
  });
}

function lineOf(lines: readonly CartLine[], sku: Sku): CartLine | undefined {
  return lines.find((line) => line.sku === sku);
}

function skuOf({ sku }: CartLine): Sku {
  return sku;
}

function isSame(a: CartLine, b: CartLine): boolean {
  return (
    a.quantity === b.quantity &&
    a.title === b.title &&
    a.itemId === b.itemId &&
    a.unitPrice.amount === b.unitPrice.amount &&
    a.unitPrice.currency === b.unitPrice.currency
  );
}
