/** Carts: one for each user or guest, keyed by that id. */
import { avro, type Decoded, topic } from '#streams';
import { ItemId, Sku } from './items.ts';
import { Money } from './money.ts';
import { OrderId } from './orders.ts';
import { CommandId } from './replies.ts';
import { UserId } from './users.ts';

const { array, enumeration, int, literal, long, record, string, timestampMillis, union } = avro;

/** A line as the shopper put it; what it costs today is the item's to say. */
export const CartLine = record('CartLine', {
  sku: Sku,
  itemId: ItemId,
  title: string,
  /** 1 to 99. */
  quantity: int,
  /** Price when it was last added or changed. */
  unitPrice: Money,
  addedAt: timestampMillis,
});
export interface CartLine extends Decoded<typeof CartLine> {}

export const SetCartLine = record('SetCartLine', {
  type: literal('SetCartLine'),
  commandId: CommandId,
  sku: Sku,
  itemId: ItemId,
  title: string,
  quantity: int,
  unitPrice: Money,
});
export const RemoveCartLine = record('RemoveCartLine', {
  type: literal('RemoveCartLine'),
  commandId: CommandId,
  sku: Sku,
});
/** Takes a guest's lines in: the larger quantity of a SKU wins. */
export const MergeCart = record('MergeCart', {
  type: literal('MergeCart'),
  commandId: CommandId,
  from: UserId,
  lines: array(CartLine),
});
export const ClearCart = record('ClearCart', {
  type: literal('ClearCart'),
  commandId: CommandId,
});
/** An order took these: lowers each quantity by what was ordered. */
export const RemoveOrdered = record('RemoveOrdered', {
  type: literal('RemoveOrdered'),
  commandId: CommandId,
  orderId: OrderId,
  lines: array(record('OrderedQuantity', { sku: Sku, quantity: int })),
});
export const CartCommand = union(SetCartLine, RemoveCartLine, MergeCart, ClearCart, RemoveOrdered);
export type CartCommand = Decoded<typeof CartCommand>;

/** `shopper`: by hand; `merged`: from a guest's cart; `cleared`; `ordered`: an order took it. */
export const CartChangeReason = enumeration('CartChangeReason', [
  'shopper',
  'merged',
  'cleared',
  'ordered',
]);

export const CartLineSet = record('CartLineSet', {
  type: literal('CartLineSet'),
  line: CartLine,
  /** 0 when the line is new. */
  quantityBefore: int,
  reason: CartChangeReason,
});
export interface CartLineSet extends Decoded<typeof CartLineSet> {}

export const CartLineRemoved = record('CartLineRemoved', {
  type: literal('CartLineRemoved'),
  sku: Sku,
  quantityBefore: int,
  reason: CartChangeReason,
});
export const CartEvent = union(CartLineSet, CartLineRemoved);
export type CartEvent = Decoded<typeof CartEvent>;

export const Cart = record('Cart', {
  id: UserId,
  /** In the order they were first added; at most 100. */
  lines: array(CartLine),
  version: long,
  updatedAt: timestampMillis,
});
export interface Cart extends Decoded<typeof Cart> {}

export const cartCommands = topic('carts.commands', { key: UserId, value: CartCommand });
export const cartEvents = topic('carts.events', { key: UserId, value: CartEvent });
export const carts = topic('carts.state', { key: UserId, value: Cart, cleanupPolicy: 'compact' });
