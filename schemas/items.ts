/**
 * Items: what suppliers offer, and what the shop lists of it.
 *
 * Topics are keyed by item id. Today an item has exactly one SKU and its id is that SKU; `itemIdOf`
 * is the one place that knows.
 */
import { avro, type Decoded, topic } from '#streams';
import { Money } from './money.ts';
import { CommandId } from './replies.ts';

const { array, boolean, id, int, literal, long, map, nullable, record, string, timestampMillis } =
  avro;

export const Sku = id('Sku');
export type Sku = Decoded<typeof Sku>;

export const ItemId = id('ItemId');
export type ItemId = Decoded<typeof ItemId>;

export const SupplierId = id('SupplierId');
export type SupplierId = Decoded<typeof SupplierId>;

/** The shop itself. It may change and delist every supplier's items. */
export const shopSupplierId = 'admin' as SupplierId;

export const FeedId = id('FeedId');
export type FeedId = Decoded<typeof FeedId>;

export function itemIdOf(sku: Sku): ItemId {
  return sku as string as ItemId;
}

/** What a supplier says of an item. Well-formed, not yet accepted. */
export const ItemOffer = record('ItemOffer', {
  sku: Sku,
  title: string,
  description: string,
  brand: string,
  /** A path, broad to narrow: `Grocery/Tea/Green tea`. */
  category: string,
  attributes: map(string),
  price: Money,
  weightGrams: int,
  cashOnDelivery: boolean,
  imageUrl: nullable(string),
});
export interface ItemOffer extends Decoded<typeof ItemOffer> {}

/** Where in a feed a record stood. */
export const FeedLine = record('FeedLine', {
  feedId: FeedId,
  /** From 1; in CSV the header is line 1. */
  line: int,
});
export interface FeedLine extends Decoded<typeof FeedLine> {}

export const OfferItem = record('OfferItem', {
  type: literal('OfferItem'),
  commandId: CommandId,
  supplierId: SupplierId,
  /** `null` when it came through the items API. */
  source: nullable(FeedLine),
  offer: ItemOffer,
});
export interface OfferItem extends Decoded<typeof OfferItem> {}

/** Changes the fields that are not null. */
export const PatchItem = record('PatchItem', {
  type: literal('PatchItem'),
  commandId: CommandId,
  supplierId: SupplierId,
  /** When not null: refused with `version-conflict` unless the item has this version. */
  expectedVersion: nullable(long),
  title: nullable(string),
  description: nullable(string),
  brand: nullable(string),
  category: nullable(string),
  attributes: nullable(map(string)),
  price: nullable(Money),
  weightGrams: nullable(int),
  cashOnDelivery: nullable(boolean),
  imageUrl: nullable(string),
});
export interface PatchItem extends Decoded<typeof PatchItem> {}

export const DelistItem = record('DelistItem', {
  type: literal('DelistItem'),
  commandId: CommandId,
  supplierId: SupplierId,
});

/** A line of a feed that could not be read as an offer at all. Keyed by `<feed id>:<line>`. */
export const RejectLine = record('RejectLine', {
  type: literal('RejectLine'),
  commandId: CommandId,
  supplierId: SupplierId,
  source: FeedLine,
  reasons: array(string),
  /** The line as it came, cut at 2,000 characters. */
  raw: string,
});

export const ItemCommand = avro.union(OfferItem, PatchItem, DelistItem, RejectLine);
export type ItemCommand = Decoded<typeof ItemCommand>;

/** An item as the shop lists it. */
export const Item = record('Item', {
  id: ItemId,
  sku: Sku,
  supplierId: SupplierId,
  title: string,
  description: string,
  brand: string,
  category: string,
  attributes: map(string),
  price: Money,
  weightGrams: int,
  cashOnDelivery: boolean,
  imageUrl: nullable(string),
  /** From 1, one more with each change; goes on after a delisting. */
  version: long,
  listedAt: timestampMillis,
  updatedAt: timestampMillis,
});
export interface Item extends Decoded<typeof Item> {}

export const ItemListed = record('ItemListed', {
  type: literal('ItemListed'),
  itemId: ItemId,
  source: nullable(FeedLine),
  version: long,
});
export const ItemChanged = record('ItemChanged', {
  type: literal('ItemChanged'),
  itemId: ItemId,
  source: nullable(FeedLine),
  version: long,
  changedFields: array(string),
  priceBefore: Money,
  priceAfter: Money,
});
/** The offer said what the shop already had. */
export const ItemUnchanged = record('ItemUnchanged', {
  type: literal('ItemUnchanged'),
  itemId: ItemId,
  source: nullable(FeedLine),
  version: long,
});
export const ItemDelisted = record('ItemDelisted', {
  type: literal('ItemDelisted'),
  itemId: ItemId,
  version: long,
});
export const ItemRejected = record('ItemRejected', {
  type: literal('ItemRejected'),
  itemId: ItemId,
  supplierId: SupplierId,
  source: nullable(FeedLine),
  /** Each names a field, what is wrong with it, and what would be right. */
  reasons: array(string),
  /** The rejected input as JSON, or the raw line; cut at 2,000 characters. */
  raw: string,
});
export interface ItemRejected extends Decoded<typeof ItemRejected> {}

export const ItemEvent = avro.union(
  ItemListed,
  ItemChanged,
  ItemUnchanged,
  ItemDelisted,
  ItemRejected,
);
export type ItemEvent = Decoded<typeof ItemEvent>;

export const itemCommands = topic('items.commands', { key: ItemId, value: ItemCommand });
export const itemEvents = topic('items.events', { key: ItemId, value: ItemEvent });
/** Latest listing of each item; a tombstone when it was delisted. */
export const items = topic('items.state', { key: ItemId, value: Item, cleanupPolicy: 'compact' });
/** Everything that was refused, with its reasons. */
export const itemRejects = topic('items.dead-letters', { key: ItemId, value: ItemRejected });
