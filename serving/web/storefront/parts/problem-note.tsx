/** What went wrong, in plain words, with a way on. */
import type { Refused } from '../client/api.ts';
import { Link } from '../client/navigation.tsx';

/** The codes that a shopper meets, in the shop's voice. Others are told as the API tells them. */
const words: Readonly<Record<string, string>> = {
  'out-of-stock': 'Some of this is no longer in stock. Nothing was ordered and your cart is kept.',
  undeliverable: 'Some of this cannot be delivered to that address. Your cart is kept.',
  'no-cash-on-delivery': 'Some of this cannot be paid in cash at the door. Pay now instead.',
  'price-changed': 'A price has changed since you looked. Check the cart, then order again.',
  'cart-empty': 'The cart is empty.',
  'email-taken': 'There is an account with this e-mail address. Sign in instead.',
  'invalid-credentials': 'The e-mail address or the password is wrong.',
  'not-decided-in-time':
    'The shop is busy and has not decided yet. Try again: nothing happens twice.',
  'checkout-unavailable': 'Orders cannot be taken right now. Your cart is kept; try again soon.',
  'item-unknown': 'It may no longer be sold, or the address is mistyped.',
  'payment-over': 'This payment is over. The order page says how it ended.',
  'order-not-cancellable': 'This order has left the warehouse and can no longer be cancelled.',
  'too-many-requests': 'Too many attempts. Wait a minute, then try again.',
};

/** Codes that end when the shopper signs in. */
const needsSignIn = ['unauthenticated', 'registration-required', 'invalid-token', 'token-expired'];

export interface ProblemNoteProps {
  readonly problem: Refused;
  readonly retry?: (() => void) | undefined;
}

export function ProblemNote({ problem, retry }: ProblemNoteProps) {
  if (needsSignIn.includes(problem.code)) return <SignInFirst />;
  return (
    <div class="note is-problem" role="alert">
      <strong>{problem.body.title}</strong>
      <p>{words[problem.code] ?? problem.body.detail}</p>
      {problem.body.lines && (
        <ul>
          {problem.body.lines.map((line) => (
            <li key={line.sku}>
              {line.sku}: {lineWords(line)}
            </li>
          ))}
        </ul>
      )}
      {retry && (
        <button type="button" class="button is-quiet" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function SignInFirst() {
  const back = encodeURIComponent(`${location.pathname}${location.search}`);
  return (
    <div class="note">
      <strong>Sign in to go on</strong>
      <p>What is in your cart comes with you.</p>
      <Link class="button" href={`/sign-in?next=${back}`}>
        Sign in or create an account
      </Link>
    </div>
  );
}

type FailedLine = NonNullable<Refused['body']['lines']>[number];

function lineWords({ code, requested, available }: FailedLine): string {
  if (code === 'out-of-stock') return `${available ?? 0} left, ${requested ?? 'more'} wanted`;
  return code.replaceAll('-', ' ');
}
