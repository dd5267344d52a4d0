/** One order: where it stands, what is in it, what can still be done. Follows the order live. */
import { useEffect, useState } from 'preact/hooks';
import { tell } from '../client/announce.tsx';
import { call, newKey, type Refused } from '../client/api.ts';
import { loadCart } from '../client/cart.ts';
import { countdown, dayOf, moment, price, sentence } from '../client/format.ts';
import { Link, useTitle } from '../client/navigation.tsx';
import { asRefused, useLoad } from '../client/use-load.ts';
import type { Order } from '../client/wire.ts';
import { AddressText } from '../parts/address-text.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { useTimeLeft } from './payment-page.tsx';

/** Nothing more happens to these. */
const finalStatuses = ['completed', 'rejected', 'cancelled', 'expired', 'returned'];
const cancellable = ['reserving', 'awaiting-payment', 'placed', 'packed'];
/** Often while something is awaited, seldom while a parcel travels. */
const SOON_MS = 1_500;
const LATER_MS = 10_000;

export function OrderPage({ id }: { readonly id: string }) {
  useTitle('Order');
  const path = `/v1/orders/${encodeURIComponent(id)}`;
  const { value, error, reload } = useLoad(path, (signal) => call<Order>('GET', path, { signal }));
  useRefresh(value, reload);
  const status = value?.status;
  useEffect(() => {
    if (status === undefined) return;
    tell(`The order is ${sentence(status).toLowerCase()}`);
    // The order takes the cart when it is decided, which may be a moment after the answer.
    loadCart().catch(() => undefined);
  }, [status]);
  return (
    <div class="page is-narrow">
      <h1>Order</h1>
      {error && <ProblemNote problem={error} retry={reload} />}
      {!value && !error && <p class="waiting">Fetching the order …</p>}
      {value && <OrderFacts order={value} reload={reload} />}
    </div>
  );
}

function useRefresh(order: Order | undefined, reload: () => void): void {
  useEffect(() => {
    if (order === undefined || finalStatuses.includes(order.status)) return;
    const isAwaited = ['reserving', 'awaiting-payment'].includes(order.status);
    const timer = setTimeout(reload, isAwaited ? SOON_MS : LATER_MS);
    return () => clearTimeout(timer);
  }, [order, reload]);
}

interface OrderProps {
  readonly order: Order;
  readonly reload: () => void;
}

function OrderFacts({ order, reload }: OrderProps) {
  return (
    <>
      <p class="order-status">
        <span class={`status is-${order.status}`}>{sentence(order.status)}</span>
        <span class="quiet">{order.id}</span>
      </p>
      {order.cancelReason && <p class="note is-slim">{sentence(order.cancelReason)}</p>}
      <PaymentDue order={order} />
      <Timeline order={order} />
      <section aria-labelledby="parcels">
        <h2 id="parcels">{order.shipments.length === 1 ? 'Parcel' : 'Parcels'}</h2>
        {order.shipments.map((shipment) => (
          <p class="parcel" key={shipment.id}>
            <strong>{sentence(shipment.status)}</strong>
            <span>from {sentence(shipment.warehouseId)}</span>
            <span>with {sentence(shipment.courierId)}</span>
            <span>by {dayOf(shipment.promisedBy)}</span>
          </p>
        ))}
      </section>
      <Lines order={order} />
      <section aria-labelledby="address">
        <h2 id="address">Goes to</h2>
        <AddressText address={order.address} />
      </section>
      <Cancel order={order} reload={reload} />
      <p>
        <Link href="/orders">All orders</Link>
      </p>
    </>
  );
}

function PaymentDue({ order }: { readonly order: Order }) {
  const due = order.status === 'awaiting-payment' ? order.payment : null;
  const leftMs = useTimeLeft(due?.expiresAt ?? null);
  if (due === null) return null;
  const url = `/pay/${encodeURIComponent(due.id)}?order=${encodeURIComponent(order.id)}`;
  return (
    <div class="note">
      <strong>Waiting for the payment</strong>
      <p>
        Your items are held{leftMs === null ? '' : ` for ${countdown(leftMs)}`}. This page changes
        by itself when the gateway answers.
      </p>
      <Link class="button" href={url}>
        Pay {price(order.total)}
      </Link>
    </div>
  );
}

function Lines({ order }: { readonly order: Order }) {
  return (
    <section aria-labelledby="items">
      <h2 id="items">Items</h2>
      <ul class="summary">
        {order.lines.map((line) => (
          <li key={line.sku}>
            <Link href={`/items/${encodeURIComponent(line.itemId)}`}>
              {line.quantity} × {line.title}
            </Link>
            <span>{price(line.lineTotal)}</span>
          </li>
        ))}
        <li>
          <span>Delivery</span>
          <span>{price(order.deliveryFee)}</span>
        </li>
        <li class="summary-total">
          <span>Total, {paymentWords(order)}</span>
          <strong>{price(order.total)}</strong>
        </li>
      </ul>
      <p class="quiet">Ordered on {moment(order.createdAt)}</p>
    </section>
  );
}

function paymentWords({ paymentMethod, payment }: Order): string {
  if (paymentMethod === 'cash-on-delivery') return 'cash on delivery';
  if (payment?.status === 'captured') return 'paid';
  const isGoingBack = payment?.status === 'refunding' || payment?.status === 'refunded';
  return isGoingBack ? payment.status : 'not paid';
}

function Cancel({ order, reload }: OrderProps) {
  const [problem, setProblem] = useState<Refused>();
  const [isAsked, setAsked] = useState(false);
  if (!cancellable.includes(order.status)) return null;
  const cancel = async () => {
    setAsked(false);
    setProblem(undefined);
    try {
      const path = `/v1/orders/${encodeURIComponent(order.id)}/cancel`;
      await call('POST', path, { body: { reason: 'changed my mind' }, key: newKey() });
      reload();
    } catch (error) {
      setProblem(asRefused(error));
    }
  };
  return (
    <div class="cancel">
      {problem && <ProblemNote problem={problem} />}
      {isAsked ? (
        <p>
          Cancel this order?{' '}
          <button type="button" class="button is-compact" onClick={() => void cancel()}>
            Yes, cancel it
          </button>{' '}
          <button type="button" class="button is-compact is-quiet" onClick={() => setAsked(false)}>
            Keep it
          </button>
        </p>
      ) : (
        <button type="button" class="button is-quiet" onClick={() => setAsked(true)}>
          Cancel the order
        </button>
      )}
    </div>
  );
}
