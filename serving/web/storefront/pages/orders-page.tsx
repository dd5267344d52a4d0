/** All orders of a member, newest first. */
import { moment, price, sentence } from '../client/format.ts';
import { Link, useTitle } from '../client/navigation.tsx';
import { usePages } from '../client/use-pages.ts';
import type { Order } from '../client/wire.ts';
import { EmptyNote } from '../parts/empty-note.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';

export function OrdersPage() {
  useTitle('Orders');
  const { entries, error, reload, more } = usePages<'orders', Order>('/v1/orders', 'orders');
  return (
    <div class="page is-narrow">
      <h1>Orders</h1>
      {error && <ProblemNote problem={error} retry={reload} />}
      {!entries && !error && <p class="waiting">Fetching your orders …</p>}
      {entries?.length === 0 && (
        <EmptyNote kind="" title="No orders yet" text="The first one will stand here." />
      )}
      <ul class="orders">
        {entries?.map((order) => (
          <li key={order.id}>
            <Link class="order-link" href={`/orders/${encodeURIComponent(order.id)}`}>
              <span class={`status is-${order.status}`}>{sentence(order.status)}</span>
              <span class="order-what">{whatIsIn(order)}</span>
              <span class="quiet">{moment(order.createdAt)}</span>
              <strong>{price(order.total)}</strong>
            </Link>
          </li>
        ))}
      </ul>
      {more && (
        <button type="button" class="button is-quiet" onClick={more}>
          Show more
        </button>
      )}
    </div>
  );
}

function whatIsIn({ lines }: Order): string {
  const [first] = lines;
  if (first === undefined) return 'Nothing';
  return lines.length === 1 ? first.title : `${first.title} and ${lines.length - 1} more`;
}
