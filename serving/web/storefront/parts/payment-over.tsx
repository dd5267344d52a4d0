/** The time to pay is up: asks how the order ended, since a payment may have come in at the last moment. */
import { useEffect } from 'preact/hooks';
import { call } from '../client/api.ts';
import { useLoad } from '../client/use-load.ts';
import type { Order } from '../client/wire.ts';
import { ProblemNote } from './problem-note.tsx';
import { RefillButton } from './refill.tsx';

/** The shop closes an order a moment after its deadline. */
const ASK_AGAIN_MS = 1_000;

export function PaymentOver({ orderId }: { readonly orderId: string }) {
  const path = `/v1/orders/${encodeURIComponent(orderId)}`;
  const { value, error, reload } = useLoad(path, (signal) => call<Order>('GET', path, { signal }));
  const isOpen = value?.status === 'awaiting-payment' || value?.status === 'reserving';
  useEffect(() => {
    if (!isOpen) return;
    const timer = setTimeout(reload, ASK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [value]);
  if (error) return <ProblemNote problem={error} retry={reload} />;
  if (value === undefined || isOpen) {
    return <p class="waiting">The time is up. Asking how the order ended …</p>;
  }
  return <HowItEnded order={value} />;
}

/** For an order that came to nothing: what that means, and the way to try again. */
export function HowItEnded({ order }: { readonly order: Order }) {
  const words = endings[order.status];
  if (words === undefined) {
    return <p class="note is-slim">This order is no longer waiting for a payment.</p>;
  }
  const [title, text] = words;
  return (
    <div class="note" role="status">
      <strong>{title}</strong>
      <p>
        {order.cancelReason ? `Reason: ${order.cancelReason}. ` : ''}
        {text}
      </p>
      <RefillButton lines={order.lines} />
    </div>
  );
}

const endings: Readonly<Record<string, readonly [title: string, text: string]>> = {
  expired: [
    'The order has expired',
    'It was not paid in time. Nothing was charged, and the items are for sale again.',
  ],
  cancelled: [
    'The order is cancelled',
    'What was paid goes back, and the items are for sale again.',
  ],
  rejected: ['The order could not be taken', 'Nothing was reserved and nothing was charged.'],
};
