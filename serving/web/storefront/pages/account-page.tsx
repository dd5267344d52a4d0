/** One's account: name, addresses, signing out. */
import { useState } from 'preact/hooks';
import { announce } from '../client/announce.tsx';
import { call, newKey, type Refused } from '../client/api.ts';
import { signOut } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';
import { navigate, useTitle } from '../client/navigation.tsx';
import { isGuest, session } from '../client/session.ts';
import { asRefused, useLoad } from '../client/use-load.ts';
import type { Address } from '../client/wire.ts';
import { wishlist } from '../client/wishlist.ts';
import { AddressForm } from '../parts/address-form.tsx';
import { AddressText } from '../parts/address-text.tsx';
import { ProblemNote, SignInFirst } from '../parts/problem-note.tsx';

export function AccountPage() {
  useTitle('Account');
  const who = useCell(session);
  if (isGuest(who)) {
    return (
      <div class="page is-narrow">
        <SignInFirst />
      </div>
    );
  }
  const leave = async () => {
    await signOut().catch(() => undefined);
    wishlist.set(null);
    announce('You are signed out');
    navigate('/');
  };
  return (
    <div class="page is-narrow">
      <h1>Account</h1>
      <Profile />
      <Addresses />
      <p class="leave">
        <button type="button" class="button is-quiet" onClick={() => void leave()}>
          Sign out
        </button>
      </p>
    </div>
  );
}

function Profile() {
  const { value, error } = useLoad('/v1/me', (signal) =>
    call<{ name: string; email: string }>('GET', '/v1/me', { signal }),
  );
  if (error) return <ProblemNote problem={error} />;
  return (
    <p>
      {value ? (
        <>
          <strong>{value.name}</strong>, {value.email}
        </>
      ) : (
        ' '
      )}
    </p>
  );
}

function Addresses() {
  const path = '/v1/me/addresses';
  const { value, error, reload } = useLoad(path, (signal) =>
    call<{ addresses: Address[] }>('GET', path, { signal }),
  );
  const [isAdding, setAdding] = useState(false);
  const [problem, setProblem] = useState<Refused>();
  const remove = async (id: string) => {
    try {
      await call('DELETE', `${path}/${encodeURIComponent(id)}`, { key: newKey() });
      reload();
    } catch (refused) {
      setProblem(asRefused(refused));
    }
  };
  return (
    <section aria-labelledby="addresses">
      <h2 id="addresses">Addresses</h2>
      {(error ?? problem) && <ProblemNote problem={(error ?? problem) as Refused} retry={reload} />}
      {value?.addresses.length === 0 && (
        <p class="quiet">None yet. One is needed to order, and kept for the next time.</p>
      )}
      <ul class="addresses">
        {value?.addresses.map((address) => (
          <li key={address.id}>
            <AddressText address={address} />
            <button
              type="button"
              class="link-button"
              aria-label={`Remove the address of ${address.name} in ${address.city}`}
              onClick={() => void remove(address.id)}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      {isAdding ? (
        <AddressForm
          saved={() => {
            setAdding(false);
            reload();
          }}
        />
      ) : (
        <button type="button" class="button is-quiet" onClick={() => setAdding(true)}>
          Add an address
        </button>
      )}
    </section>
  );
}
