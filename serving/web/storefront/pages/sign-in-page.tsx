/** Signing in, or making an account and signing in to it. */
import { useState } from 'preact/hooks';
import { announce } from '../client/announce.tsx';
import { call, newKey, type Refused } from '../client/api.ts';
import { signIn } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';
import { navigate, place, useTitle } from '../client/navigation.tsx';
import { asRefused } from '../client/use-load.ts';
import { loadWishlist } from '../client/wishlist.ts';
import { Field } from '../parts/field.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { wayBack } from '../routes.ts';

export function SignInPage() {
  useTitle('Sign in');
  const { query } = useCell(place);
  const [isNew, setNew] = useState(false);
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);

  const enter = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      if (isNew) {
        await call('POST', '/v1/users', { body: { email, password, name }, key: newKey() });
      }
      await signIn(email, password);
      loadWishlist().catch(() => undefined);
      announce('You are signed in');
      navigate(wayBack(query.get('next')), { replace: true });
    } catch (error) {
      setProblem(asRefused(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="page is-form">
      <h1>{isNew ? 'Create an account' : 'Sign in'}</h1>
      <form onSubmit={(event) => void enter(event)}>
        {problem && <ProblemNote problem={problem} />}
        {isNew && (
          <Field label="Name" value={name} set={setName} autocomplete="name" maxLength={200} />
        )}
        <Field label="E-mail" type="email" value={email} set={setEmail} autocomplete="email" />
        <Field
          label="Password"
          type="password"
          value={password}
          set={setPassword}
          autocomplete={isNew ? 'new-password' : 'current-password'}
          {...(isNew ? { minLength: 10, hint: 'At least 10 characters' } : {})}
        />
        <button type="submit" class="button" disabled={isBusy}>
          {isBusy ? 'One moment …' : isNew ? 'Create account' : 'Sign in'}
        </button>
      </form>
      <p class="quiet">
        {isNew ? 'You have an account? ' : 'New here? '}
        <button type="button" class="link-button" onClick={() => setNew(!isNew)}>
          {isNew ? 'Sign in' : 'Create an account'}
        </button>
      </p>
    </div>
  );
}
