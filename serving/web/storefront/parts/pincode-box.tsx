/** Where to deliver to. Remembered, since every promise depends on it. */
import { useEffect, useState } from 'preact/hooks';
import { announce } from '../client/announce.tsx';
import { pincode } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';

const PINCODE = /^[1-9]\d{5}$/;

/** What is typed, and whether it is one. */
function useTyping() {
  const kept = useCell(pincode);
  const [typed, setTyped] = useState(kept);
  const [isWrong, setWrong] = useState(false);
  useEffect(() => setTyped(kept), [kept]);

  const code = typed.replaceAll(/\s/g, '');
  const take = (event: Event) => {
    event.preventDefault();
    const isRight = code === '' || PINCODE.test(code);
    setWrong(!isRight);
    if (!isRight) return;
    pincode.set(code);
    announce(code === '' ? 'Pincode removed' : `Delivery days are now for ${code}`);
  };
  return { typed, setTyped, isWrong, isNew: code !== kept, take };
}

export function PincodeBox() {
  const { typed, setTyped, isWrong, isNew, take } = useTyping();
  return (
    <form class="pincode" onSubmit={take} noValidate>
      <label for="pincode">Deliver to</label>
      <input
        id="pincode"
        name="pincode"
        inputMode="numeric"
        autocomplete="postal-code"
        placeholder="Pincode"
        maxLength={7}
        value={typed}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? 'pincode-wrong' : undefined}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit" class={isNew ? 'pincode-set is-new' : 'pincode-set'}>
        Set
      </button>
      {isWrong && (
        <span id="pincode-wrong" class="field-wrong" role="alert">
          A pincode has six digits
        </span>
      )}
    </form>
  );
}

/** The first thing to do for whoever is new here. */
export function HeroPincode() {
  const { typed, setTyped, isWrong, take } = useTyping();
  return (
    <form class="hero-pincode" onSubmit={take} noValidate>
      <label for="hero-pincode">Your pincode</label>
      <input
        id="hero-pincode"
        inputMode="numeric"
        autocomplete="postal-code"
        placeholder="560001"
        maxLength={7}
        value={typed}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? 'hero-pincode-wrong' : undefined}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit" class="button">
        Show the days
      </button>
      {isWrong && (
        <span id="hero-pincode-wrong" class="hero-pincode-wrong" role="alert">
          Six digits, the first of them not 0
        </span>
      )}
    </form>
  );
}
