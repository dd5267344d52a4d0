/** Where to deliver to. Remembered, since every promise depends on it. */
import { useEffect, useState } from 'preact/hooks';
import { announce } from '../client/announce.tsx';
import { call, Refused } from '../client/api.ts';
import { pincode } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';

const PINCODE = /^[1-9]\d{5}$/;

/** What is typed, and what is wrong with it. */
function useTyping() {
  const kept = useCell(pincode);
  const [typed, setTyped] = useState(kept);
  const [wrong, setWrong] = useState('');
  useEffect(() => setTyped(kept), [kept]);

  const code = typed.replaceAll(/\s/g, '');
  const take = async (event: Event) => {
    event.preventDefault();
    const fault = await faultOf(code);
    setWrong(fault);
    if (fault !== '') return;
    pincode.set(code);
    announce(code === '' ? 'Pincode removed' : `Delivery days are now for ${code}`);
  };
  return { typed, setTyped, wrong, isNew: code !== kept, take };
}

/** A pincode that cannot be asked about now is taken as it is: the pages will tell. */
async function faultOf(code: string): Promise<string> {
  if (code === '') return '';
  if (!PINCODE.test(code)) return 'A pincode has six digits';
  try {
    await call('GET', `/v1/serviceability?pincode=${code}`);
    return '';
  } catch (error) {
    const isUnknown = error instanceof Refused && error.code === 'pincode-unknown';
    return isUnknown ? `We do not know the pincode ${code}` : '';
  }
}

export function PincodeBox() {
  const { typed, setTyped, wrong, isNew, take } = useTyping();
  return (
    <form class="pincode" onSubmit={(event) => void take(event)} noValidate>
      <label for="pincode">Deliver to</label>
      <input
        id="pincode"
        name="pincode"
        inputMode="numeric"
        autocomplete="postal-code"
        placeholder="Pincode"
        maxLength={7}
        value={typed}
        aria-invalid={wrong !== ''}
        aria-describedby={wrong ? 'pincode-wrong' : undefined}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit" class={isNew ? 'pincode-set is-new' : 'pincode-set'}>
        Set
      </button>
      {wrong && (
        <span id="pincode-wrong" class="field-wrong" role="alert">
          {wrong}
        </span>
      )}
    </form>
  );
}

/** The first thing to do for whoever is new here. */
export function HeroPincode() {
  const { typed, setTyped, wrong, take } = useTyping();
  return (
    <form class="hero-pincode" onSubmit={(event) => void take(event)} noValidate>
      <label for="hero-pincode">Your pincode</label>
      <input
        id="hero-pincode"
        inputMode="numeric"
        autocomplete="postal-code"
        placeholder="560001"
        maxLength={7}
        value={typed}
        aria-invalid={wrong !== ''}
        aria-describedby={wrong ? 'hero-pincode-wrong' : undefined}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit" class="button">
        Show the days
      </button>
      {wrong && (
        <span id="hero-pincode-wrong" class="hero-pincode-wrong" role="alert">
          {wrong}
        </span>
      )}
    </form>
  );
}
