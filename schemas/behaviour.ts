/** Behaviour: what people do in the shop, and live counts of it. */
import { avro, type Decoded, topic } from '#streams';
import { ItemId, Sku } from './items.ts';
import { Money } from './money.ts';
import { OrderId } from './orders.ts';
import { Pincode } from './serviceability.ts';
import { UserId } from './users.ts';

const { array, int, literal, long, nullable, record, string, timestampMillis, union } = avro;

export const ItemViewed = record('ItemViewed', {
  type: literal('ItemViewed'),
  itemId: ItemId,
});
export const Searched = record('Searched', {
  type: literal('Searched'),
  query: string,
  pincode: nullable(Pincode),
  total: int,
});
export const AddedToCart = record('AddedToCart', {
  type: literal('AddedToCart'),
  sku: Sku,
  quantity: int,
});
export const RemovedFromCart = record('RemovedFromCart', {
  type: literal('RemovedFromCart'),
  sku: Sku,
});
export const AddedToWishlist = record('AddedToWishlist', {
  type: literal('AddedToWishlist'),
  sku: Sku,
});
export const Ordered = record('Ordered', {
  type: literal('Ordered'),
  orderId: OrderId,
  skus: array(Sku),
  total: Money,
});
export const BehaviourEvent = union(
  ItemViewed,
  Searched,
  AddedToCart,
  RemovedFromCart,
  AddedToWishlist,
  Ordered,
);
export type BehaviourEvent = Decoded<typeof BehaviourEvent>;

/** One measure in one minute. Keyed by `<measure>`, for instance `searches`, `views`, `revenue`. */
export const MinuteCount = record('MinuteCount', {
  measure: string,
  /** Start of the minute. */
  minute: timestampMillis,
  count: long,
  /** Minor units of the shop's currency; 0 where money makes no sense. */
  amount: long,
});
export interface MinuteCount extends Decoded<typeof MinuteCount> {}

/** How often an item was viewed, put into a cart and ordered in one hour. */
export const ItemTrend = record('ItemTrend', {
  itemId: ItemId,
  hour: timestampMillis,
  views: long,
  carts: long,
  orders: long,
});
export interface ItemTrend extends Decoded<typeof ItemTrend> {}

/** Keyed by user or guest; anonymous requests by `guest_anonymous`. */
export const behaviourEvents = topic('behaviour.events', { key: UserId, value: BehaviourEvent });
/** Keyed by `<measure>@<minute in ms>`. */
export const minuteCounts = topic('behaviour.minute-counts', {
  key: string,
  value: MinuteCount,
  cleanupPolicy: 'compact,delete',
  retentionMs: 7 * 86_400_000,
});
/** Keyed by `<item id>@<hour in ms>`. */
export const itemTrends = topic('behaviour.item-trends', {
  key: string,
  value: ItemTrend,
  cleanupPolicy: 'compact,delete',
  retentionMs: 7 * 86_400_000,
});
