/** Keeps an item for later, or lets it go. */
import { useEffect, useState } from 'preact/hooks';
import { announce } from '../client/announce.tsx';
import { useCell } from '../client/cell.ts';
import { asRefused } from '../client/use-load.ts';
import { loadWishlist, wish, wishlist } from '../client/wishlist.ts';

export function WishButton({ sku, title }: { readonly sku: string; readonly title: string }) {
  const [isBusy, setBusy] = useState(false);
  const known = useCell(wishlist);
  const isWished = known?.lines.some((line) => line.sku === sku) ?? false;
  useEffect(() => {
    // Without the list the button still works: it then only ever adds.
    if (wishlist.get() === null) loadWishlist().catch(() => undefined);
  }, []);

  const change = async () => {
    setBusy(true);
    try {
      await wish(sku, !isWished);
      announce(isWished ? `${title} is off your wishlist` : `${title} is on your wishlist`);
    } catch (error) {
      announce(`Not changed: ${asRefused(error).message}`);
    } finally {
      setBusy(false);
    }
  };
  return (
    <button
      type="button"
      class="button is-quiet"
      aria-pressed={isWished}
      disabled={isBusy}
      onClick={() => void change()}
    >
      <svg class={isWished ? 'heart is-full' : 'heart'} viewBox="0 0 24 24" aria-hidden="true">
        <path d="M12 20C5 15 3 11 3 8a4.500 4.500 0 0 1 9-1 4.500 4.500 0 0 1 9 1c0 3-2 7-9 12Z" />
      </svg>
      {isWished ? 'On your wishlist' : 'Add to wishlist'}
    </button>
  );
}
