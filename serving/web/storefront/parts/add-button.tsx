/** Puts one more of an item into the cart, and says so. */
import { useState } from 'preact/hooks';
import { announce } from '../client/announce.tsx';
import { addToCart, cart } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';
import { asRefused } from '../client/use-load.ts';

export interface AddButtonProps {
  readonly sku: string;
  readonly title: string;
  readonly compact?: boolean;
}

export function AddButton({ sku, title, compact = false }: AddButtonProps) {
  const [isBusy, setBusy] = useState(false);
  const held = useCell(cart)?.lines.find((line) => line.sku === sku)?.quantity ?? 0;

  const add = async () => {
    setBusy(true);
    try {
      await addToCart(sku);
      announce(`${title} is in your cart`);
    } catch (error) {
      announce(`Not added: ${asRefused(error).message}`);
    } finally {
      setBusy(false);
    }
  };
  return (
    <button
      type="button"
      class={compact ? 'button is-compact' : 'button'}
      aria-label={compact ? `${wordsOf(held, true)}: ${title}` : undefined}
      disabled={isBusy}
      onClick={() => void add()}
    >
      {wordsOf(held, compact)}
    </button>
  );
}

function wordsOf(held: number, compact: boolean): string {
  if (compact) return held > 0 ? `Add · ${held} in cart` : 'Add';
  return held > 0 ? `Add one more · ${held} in cart` : 'Add to cart';
}
