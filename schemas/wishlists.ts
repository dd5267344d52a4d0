/** Wishlists: one for each user, keyed by user id. */
import { avro, type Decoded, topic } from '#streams';
import { ItemId, Sku } from './items.ts';
import { CommandId } from './replies.ts';
import { UserId } from './users.ts';

const { array, literal, long, record, string, timestampMillis, union } = avro;

export const WishlistLine = record('WishlistLine', {
  sku: Sku,
  itemId: ItemId,
  title: string,
  addedAt: timestampMillis,
});
export interface WishlistLine extends Decoded<typeof WishlistLine> {}

export const AddWish = record('AddWish', {
  type: literal('AddWish'),
  commandId: CommandId,
  sku: Sku,
  itemId: ItemId,
  title: string,
});
export const RemoveWish = record('RemoveWish', {
  type: literal('RemoveWish'),
  commandId: CommandId,
  sku: Sku,
});
export const WishlistCommand = union(AddWish, RemoveWish);
export type WishlistCommand = Decoded<typeof WishlistCommand>;

export const WishAdded = record('WishAdded', { type: literal('WishAdded'), line: WishlistLine });
export const WishRemoved = record('WishRemoved', { type: literal('WishRemoved'), sku: Sku });
export const WishlistEvent = union(WishAdded, WishRemoved);
export type WishlistEvent = Decoded<typeof WishlistEvent>;

export const Wishlist = record('Wishlist', {
  id: UserId,
  /** Newest first; at most 500. */
  lines: array(WishlistLine),
  version: long,
  updatedAt: timestampMillis,
});
export interface Wishlist extends Decoded<typeof Wishlist> {}

export const wishlistCommands = topic('wishlists.commands', {
  key: UserId,
  value: WishlistCommand,
});
export const wishlistEvents = topic('wishlists.events', { key: UserId, value: WishlistEvent });
export const wishlists = topic('wishlists.state', {
  key: UserId,
  value: Wishlist,
  cleanupPolicy: 'compact',
});
