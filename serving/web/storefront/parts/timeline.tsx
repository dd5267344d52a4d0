/** What happened to an order, in order, and what usually comes next. */
import { moment, sentence } from '../client/format.ts';
import type { Order } from '../client/wire.ts';

const usual = ['placed', 'packed', 'shipped', 'delivered'];
const cutShort = ['rejected', 'cancelled', 'expired', 'returned', 'completed'];

export function Timeline({ order }: { readonly order: Order }) {
  const reached = new Set(order.timeline.map((step) => step.status));
  const ahead = cutShort.includes(order.status) ? [] : usual.filter((step) => !reached.has(step));
  return (
    <ol class="timeline" aria-label="What happened so far">
      {order.timeline.map(({ status, at }) => (
        <li class="is-done" key={`${status} ${at}`}>
          <strong>{sentence(status)}</strong>
          <time dateTime={at}>{moment(at)}</time>
        </li>
      ))}
      {ahead.map((status) => (
        <li class="is-ahead" key={status}>
          {sentence(status)}
        </li>
      ))}
    </ol>
  );
}
