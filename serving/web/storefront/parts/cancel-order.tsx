/** Cancels an order that has not left the warehouse: asks once more, and why. */
import { useState } from 'preact/hooks';
import { announce } from '../client/announce.tsx';
import { call, newKey, type Refused } from '../client/api.ts';
import { asRefused } from '../client/use-load.ts';
import type { Order } from '../client/wire.ts';
import { ProblemNote } from './problem-note.tsx';
import { ReasonChoice } from './reason-choice.tsx';

const cancellable = ['awaiting-payment', 'placed', 'packed'];
const reasons = [
  'changed my mind',
  'ordered by mistake',
  'arrives too late',
  'found it cheaper',
  'another reason',
] as const;

export interface OrderChangeProps {
  readonly order: Order;
  /** Called when the order has changed. */
  readonly changed: () => void;
}

export function CancelOrder({ order, changed }: OrderChangeProps) {
  const [isAsked, setAsked] = useState(false);
  const [reason, setReason] = useState<string>(reasons[0]);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Refused>();
  if (!cancellable.includes(order.status)) return null;

  const cancel = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const path = `/v1/orders/${encodeURIComponent(order.id)}/cancel`;
      await call('POST', path, { body: { reason }, key: newKey() });
      announce('The order is cancelled');
      changed();
    } catch (error) {
      setProblem(asRefused(error));
      setBusy(false);
    }
  };
  if (!isAsked) {
    return (
      <button type="button" class="button is-quiet" onClick={() => setAsked(true)}>
        Cancel the order
      </button>
    );
  }
  return (
    <form class="order-change" onSubmit={(event) => void cancel(event)}>
      <h2>Cancel this order?</h2>
      {problem && <ProblemNote problem={problem} />}
      <ReasonChoice reasons={reasons} reason={reason} choose={setReason} />
      <p class="button-row">
        <button type="submit" class="button" disabled={isBusy}>
          Yes, cancel it
        </button>
        <button type="button" class="button is-quiet" onClick={() => setAsked(false)}>
          Keep it
        </button>
      </p>
    </form>
  );
}
