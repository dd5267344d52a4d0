/** What is counted: measures of the shop by the minute, activity of an item by the hour. Pure. */
import type { BehaviourEvent } from '#schemas/behaviour';
import { type ItemId, itemIdOf, type Sku } from '#schemas/items';
import type { OrderEvent, OrderStatus } from '#schemas/orders';
import { avro, type Decoded } from '#streams';

const { enumeration, long, record, string } = avro;

/** One thing that happened, as a measure counts it. */
export const Measured = record('Measured', {
  measure: string,
  /** Minor units; 0 where money makes no sense. */
  amount: long,
});
export interface Measured extends Decoded<typeof Measured> {}

export const Tally = record('Tally', { count: long, amount: long });
export interface Tally extends Decoded<typeof Tally> {}

export const noTally: Tally = { count: 0, amount: 0 };

export function addMeasured({ count, amount }: Tally, measured: Measured): Tally {
  return { count: count + 1, amount: amount + measured.amount };
}

export function measuresOf(event: BehaviourEvent): Measured[] {
  switch (event.type) {
    case 'Searched':
      return event.total > 0
        ? [count('searches')]
        : [count('searches'), count('searches-without-result')];
    case 'ItemViewed':
      return [count('views')];
    case 'AddedToCart':
      return [count('cart-adds')];
    case 'RemovedFromCart':
      return [count('cart-removes')];
    case 'AddedToWishlist':
      return [count('wishlist-adds')];
    case 'Ordered':
      return [count('orders'), { measure: 'revenue', amount: event.total.amount }];
  }
}

/** How orders end otherwise: their value is the amount. */
export function measuresOfOrder({ status, total }: OrderEvent): Measured[] {
  const measure = measureOfStatus[status];
  return measure === undefined ? [] : [{ measure, amount: total.amount }];
}

/** Placed orders are counted as behaviour. */
const measureOfStatus: Partial<Record<OrderStatus, string>> = {
  rejected: 'orders-rejected',
  expired: 'orders-expired',
  cancelled: 'orders-cancelled',
  delivered: 'orders-delivered',
  returned: 'orders-returned',
};

export const ItemActivity = record('ItemActivity', {
  kind: enumeration('ItemActivityKind', ['views', 'carts', 'orders']),
});
export interface ItemActivity extends Decoded<typeof ItemActivity> {}

export const ItemTally = record('ItemTally', { views: long, carts: long, orders: long });
export interface ItemTally extends Decoded<typeof ItemTally> {}

export const noItemTally: ItemTally = { views: 0, carts: 0, orders: 0 };

export function addActivity(tally: ItemTally, { kind }: ItemActivity): ItemTally {
  return { ...tally, [kind]: tally[kind] + 1 };
}

export function activityOf(
  event: BehaviourEvent,
): { readonly key: ItemId; readonly value: ItemActivity }[] {
  const of = (sku: Sku, kind: ItemActivity['kind']) => ({ key: itemIdOf(sku), value: { kind } });
  switch (event.type) {
    case 'ItemViewed':
      return [{ key: event.itemId, value: { kind: 'views' } }];
    case 'AddedToCart':
      return [of(event.sku, 'carts')];
    case 'Ordered':
      return event.skus.map((sku) => of(sku, 'orders'));
    case 'Searched':
    case 'RemovedFromCart':
    case 'AddedToWishlist':
      return [];
  }
}

function count(measure: string): Measured {
  return { measure, amount: 0 };
}
