/** Carts and wishlists by user. Fed by `carts.state` and `wishlists.state`. */
import type { Cart } from '#schemas/carts';
import type { UserId } from '#schemas/users';
import type { Wishlist } from '#schemas/wishlists';
import type { ViewReader, ViewWriter } from './view.ts';

export interface CartsView extends ViewReader {
  get(userId: UserId): Promise<Cart | undefined>;
}

export interface CartsWriter extends ViewWriter<UserId, Cart> {}

export interface WishlistsView extends ViewReader {
  get(userId: UserId): Promise<Wishlist | undefined>;
}

export interface WishlistsWriter extends ViewWriter<UserId, Wishlist> {}
