/** After an order that came to nothing: puts its lines back into the cart. */
import { useState } from 'preact/hooks';
import { announce } from '../client/announce.tsx';
import type { Refused } from '../client/api.ts';
import { fillAgain } from '../client/cart.ts';
import { navigate } from '../client/navigation.tsx';
import { asRefused } from '../client/use-load.ts';
import type { Order } from '../client/wire.ts';
import { ProblemNote } from './problem-note.tsx';

export function RefillButton({ lines }: { readonly lines: Order['lines'] }) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Refused>();
  const fill = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await fillAgain(lines);
      announce('Your cart is filled again');
      navigate('/cart');
    } catch (error) {
      setProblem(asRefused(error));
      setBusy(false);
    }
  };
  return (
    <>
      {problem && <ProblemNote problem={problem} />}
      <button type="button" class="button" disabled={isBusy} onClick={() => void fill()}>
        {isBusy ? 'Filling …' : 'Fill the cart again'}
      </button>
    </>
  );
}
