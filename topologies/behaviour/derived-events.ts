/** What people did, read from the events of carts, wishlists and orders. Pure. */
import type { BehaviourEvent } from '#schemas/behaviour';
import type { CartEvent } from '#schemas/carts';
import type { OrderEvent } from '#schemas/orders';
import type { WishlistEvent } from '#schemas/wishlists';

/** Only what a shopper does by hand: no merging at sign-in, nothing that an order took. */
export function fromCart(event: CartEvent): BehaviourEvent[] {
  if (event.reason !== 'shopper') return [];
  switch (event.type) {
    case 'CartLineSet': {
      const quantity = event.line.quantity - event.quantityBefore;
      return quantity > 0 ? [{ type: 'AddedToCart', sku: event.line.sku, quantity }] : [];
    }
    case 'CartLineRemoved':
      return [{ type: 'RemovedFromCart', sku: event.sku }];
  }
}

export function fromWishlist(event: WishlistEvent): BehaviourEvent[] {
  return event.type === 'WishAdded' ? [{ type: 'AddedToWishlist', sku: event.line.sku }] : [];
}

export function fromOrder({ status, orderId, skus, total }: OrderEvent): BehaviourEvent[] {
  return status === 'placed' ? [{ type: 'Ordered', orderId, skus, total }] : [];
}
