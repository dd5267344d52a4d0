/** What happened to an order, in order, and what usually comes next. */
import { moment, sentence } from '../client/format.ts';
import type { Order } from '../client/wire.ts';

const usual = ['placed', 'packed', 'shipped', 'delivered'];
const cutShort = [
  'rejected',
  'cancelled',
  'expired',
  'returned',
  'partly-returned',
  'completed',
  'partly-delivered',
];

/** Statuses as a shopper would say them; the others are words already. */
const words: Readonly<Record<string, string>> = {
  reserving: 'We have your order',
  'awaiting-payment': 'Your items are held for you',
  placed: 'Order placed',
  packed: 'Packed',
  shipped: 'On its way',
  'partly-shipped': 'Part of it on its way',
  'partly-delivered': 'Part of it delivered',
  expired: 'Ended unpaid',
  completed: 'Time for returns is over',
};

export function Timeline({ order }: { readonly order: Order }) {
  const reached = new Set(order.timeline.map((step) => step.status));
  const ahead = cutShort.includes(order.status) ? [] : usual.filter((step) => !reached.has(step));
  const last = order.timeline.length - 1;
  return (
    <ol class="timeline" aria-label="What happened so far">
      {order.timeline.map(({ status, at }, index) => (
        <li
          class={index === last ? 'is-done is-now' : 'is-done'}
          key={`${status} ${at}`}
          aria-current={index === last ? 'step' : undefined}
        >
          <strong>{words[status] ?? sentence(status)}</strong>
          <time dateTime={at}>{moment(at)}</time>
        </li>
      ))}
      {ahead.map((status) => (
        <li class="is-ahead" key={status}>
          {words[status] ?? sentence(status)}
        </li>
      ))}
    </ol>
  );
}
