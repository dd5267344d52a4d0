/** The wishlist of this browser's guest or member. */
import { call, newKey } from './api.ts';
import { cell } from './cell.ts';
import { session } from './session.ts';
import type { Wishlist } from './wire.ts';

export const wishlist = cell<Wishlist | null>(null);

export async function loadWishlist(): Promise<void> {
  if (session.get() === null) return wishlist.set({ lines: [] });
  wishlist.set(await call<Wishlist>('GET', '/v1/wishlist'));
}

export async function wish(sku: string, wanted: boolean): Promise<void> {
  const path = `/v1/wishlist/${encodeURIComponent(sku)}`;
  const options = { as: 'visitor', key: newKey() } as const;
  wishlist.set(await call<Wishlist>(wanted ? 'PUT' : 'DELETE', path, options));
}
