/**
 * The sandbox gateway's page, which the shopper would see at a bank: approve, decline, or leave it.
 * The gateway then tells the shop by its signed webhook; the order page shows what came of it.
 */
import { useEffect, useState } from 'preact/hooks';
import { call, type Refused } from '../client/api.ts';
import { useCell } from '../client/cell.ts';
import { countdown, price } from '../client/format.ts';
import { Link, navigate, place, useTitle } from '../client/navigation.tsx';
import { asRefused, useLoad } from '../client/use-load.ts';
import type { Money } from '../client/wire.ts';
import { PaymentOver } from '../parts/payment-over.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';

interface SandboxPayment {
  readonly id: string;
  readonly amount: Money;
  readonly status: string;
  readonly expiresAt: string | null;
}

type Outcome = 'approve' | 'decline' | 'silent';

export function PaymentPage({ id }: { readonly id: string }) {
  useTitle('Payment');
  const { query } = useCell(place);
  const orderId = query.get('order') ?? id.replace(/^pay_/, '');
  const path = `/sandbox/payments/${encodeURIComponent(id)}`;
  const { value, error, reload } = useLoad(path, (signal) =>
    call<SandboxPayment>('GET', path, { signal }),
  );
  const [problem, setProblem] = useState<Refused>();
  const [chosen, setChosen] = useState<Outcome>();
  const leftMs = useTimeLeft(value?.expiresAt ?? null);
  const isOver = value !== undefined && (value.status !== 'awaiting' || leftMs === 0);

  const choose = async (outcome: Outcome) => {
    setChosen(outcome);
    setProblem(undefined);
    try {
      await call('POST', path, { body: { outcome } });
      if (outcome !== 'silent') navigate(`/orders/${encodeURIComponent(orderId)}`);
    } catch (refused) {
      setProblem(asRefused(refused));
      setChosen(undefined);
    }
  };
  return (
    <div class="page is-form">
      <div class="gateway">
        <p class="gateway-name">Sandbox gateway · no money moves</p>
        <h1>{value ? `Pay ${price(value.amount)}` : 'Payment'}</h1>
        {error && <ProblemNote problem={error} retry={reload} />}
        {problem && <ProblemNote problem={problem} />}
        {isOver && <PaymentOver orderId={orderId} />}
        {leftMs !== null && !isOver && <TimeLeft leftMs={leftMs} />}
        {value && !isOver && <Choices chosen={chosen} choose={(outcome) => void choose(outcome)} />}
        {chosen === 'silent' && !isOver && (
          <p class="note is-slim" role="status">
            The gateway stays silent. Your items are held until the time is up.
          </p>
        )}
        <p class="gateway-back">
          <Link href={`/orders/${encodeURIComponent(orderId)}`}>To the order</Link>
        </p>
      </div>
    </div>
  );
}

interface ChoicesProps {
  readonly chosen: Outcome | undefined;
  readonly choose: (outcome: Outcome) => void;
}

function Choices({ chosen, choose }: ChoicesProps) {
  const button = (outcome: Outcome, text: string, quiet: boolean) => (
    <button
      type="button"
      class={quiet ? 'button is-wide is-quiet' : 'button is-wide'}
      disabled={chosen !== undefined}
      onClick={() => choose(outcome)}
    >
      {text}
    </button>
  );
  return (
    <div class="gateway-choices">
      {button('approve', 'Approve', false)}
      {button('decline', 'Decline', true)}
      {button('silent', 'Do nothing', true)}
    </div>
  );
}

function TimeLeft({ leftMs }: { readonly leftMs: number }) {
  return (
    <p class="time-left" role="timer">
      Your items are held for <strong>{countdown(leftMs)}</strong>
    </p>
  );
}

/** Milliseconds until a time, counted down; `null` when there is no such time. */
export function useTimeLeft(until: string | null): number | null {
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    if (until === null) return;
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [until]);
  return until === null ? null : Math.max(0, Date.parse(until) - nowMs);
}
