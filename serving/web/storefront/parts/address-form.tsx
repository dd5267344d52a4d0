/** A new address. */
import { useState } from 'preact/hooks';
import { call, newKey, type Refused } from '../client/api.ts';
import { pincode } from '../client/cart.ts';
import { asRefused } from '../client/use-load.ts';
import type { Address } from '../client/wire.ts';
import { Field } from './field.tsx';
import { ProblemNote } from './problem-note.tsx';

export function AddressForm({ saved }: { readonly saved: (address: Address) => void }) {
  const [name, setName] = useState('');
  const [street, setStreet] = useState('');
  const [area, setArea] = useState('');
  const [city, setCity] = useState('');
  const [code, setCode] = useState(pincode.get());
  const [phone, setPhone] = useState('');
  const [problem, setProblem] = useState<Refused>();

  const save = async (event: Event) => {
    event.preventDefault();
    setProblem(undefined);
    const lines = [street, area].map((line) => line.trim()).filter((line) => line !== '');
    const body = { name, lines, city, pincode: code, phone };
    try {
      saved(await call<Address>('POST', '/v1/me/addresses', { body, key: newKey() }));
    } catch (error) {
      setProblem(asRefused(error));
    }
  };
  return (
    <form class="address-form" onSubmit={(event) => void save(event)}>
      {problem && <ProblemNote problem={problem} />}
      <Field label="Name" value={name} set={setName} autocomplete="name" maxLength={200} />
      <Field
        label="House and street"
        value={street}
        set={setStreet}
        autocomplete="address-line1"
        maxLength={200}
      />
      <Field
        label="Area (if any)"
        value={area}
        set={setArea}
        autocomplete="address-line2"
        maxLength={200}
        required={false}
      />
      <div class="field-pair">
        <Field
          label="City"
          value={city}
          set={setCity}
          autocomplete="address-level2"
          maxLength={100}
        />
        <Field
          label="Pincode"
          value={code}
          set={setCode}
          autocomplete="postal-code"
          inputMode="numeric"
          pattern="[1-9][0-9]{5}"
          maxLength={6}
        />
      </div>
      <Field
        label="Phone"
        value={phone}
        set={setPhone}
        type="tel"
        autocomplete="tel"
        pattern="[+0-9][0-9 \(\)\-]{5,19}"
        maxLength={20}
      />
      <button type="submit" class="button">
        Save address
      </button>
    </form>
  );
}
