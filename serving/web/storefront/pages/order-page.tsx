/** One order: where it stands, what is in it, what can still be done. Follows the order live. */
import { useEffect } from 'preact/hooks';
import { tell } from '../client/announce.tsx';
import { call } from '../client/api.ts';
import { loadCart } from '../client/cart.ts';
import { countdown, dayOf, fee, moment, price, sentence } from '../client/format.ts';
import { Link, useTitle } from '../client/navigation.tsx';
import { loadNews } from '../client/news.ts';
import { useLoad } from '../client/use-load.ts';
import type { Order } from '../client/wire.ts';
import { AddressText } from '../parts/address-text.tsx';
import { CancelOrder } from '../parts/cancel-order.tsx';
import { HowItEnded } from '../parts/payment-over.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { ReturnLines } from '../parts/return-lines.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { useTimeLeft } from './payment-page.tsx';

/** Nothing more happens to these. */
const finalStatuses = ['completed', 'rejected', 'cancelled', 'expired', 'returned'];
const refunded = ['cancelled', 'returned'];
const cameToNothing = ['rejected', 'cancelled', 'expired'];
/** Often while something is awaited, seldom while a parcel travels. */
const SOON_MS = 1_500;
const LATER_MS = 10_000;

export function OrderPage({ id }: { readonly id: string }) {
  const path = `/v1/orders/${encodeURIComponent(id)}`;
  const { value, error, reload } = useLoad(path, (signal) => call<Order>('GET', path, { signal }));
  useTitle(value ? `Order: ${headline(value)}` : 'Order');
  useRefresh(value, reload);
  const status = value?.status;
  useEffect(() => {
    if (status === undefined) return;
    tell(`The order is ${sentence(status).toLowerCase()}`);
    // Orders of other windows take the cart too, and each change may have told the member something.
    loadCart().catch(() => undefined);
    loadNews().catch(() => undefined);
  }, [status]);
  return (
    <div class="page is-medium">
      <p class="crumbs">
        <Link href="/orders">All orders</Link>
      </p>
      {!value && <h1>Order</h1>}
      {error && <ProblemNote problem={error} retry={reload} />}
      {!value && !error && <p class="waiting">Fetching the order …</p>}
      {value && <OrderFacts order={value} changed={reload} />}
    </div>
  );
}

function useRefresh(order: Order | undefined, reload: () => void): void {
  useEffect(() => {
    const pauseMs = order && pauseOf(order);
    if (pauseMs === undefined) return;
    const timer = setTimeout(reload, pauseMs);
    return () => clearTimeout(timer);
  }, [order, reload]);
}

/** `undefined`: nothing more happens to this order. */
function pauseOf({ status, payment }: Order): number | undefined {
  if (['reserving', 'awaiting-payment'].includes(status)) return SOON_MS;
  if (!finalStatuses.includes(status)) return LATER_MS;
  // The goods are done with, the money is not: payments follow the order.
  const isUntouched = payment?.status === 'captured' && !payment.refunded?.amount;
  if (refunded.includes(status) && isUntouched) return SOON_MS;
  return payment?.status === 'refunding' ? LATER_MS : undefined;
}

/** What the shopper wants to know first: the day, or why there is none. */
function headline({ status, shipments }: Order): string {
  if (status === 'awaiting-payment' || status === 'reserving') return 'Not paid yet';
  const days = shipments
    .filter((shipment) => ['reserved', 'packed', 'shipped'].includes(shipment.status))
    .map((shipment) => shipment.promisedBy)
    .sort();
  const last = days.at(-1);
  const isUnderway = !finalStatuses.includes(status) && last !== undefined;
  return isUnderway ? `Arrives by ${dayOf(last)}` : sentence(status);
}

interface OrderProps {
  readonly order: Order;
  readonly changed: () => void;
}

function OrderFacts({ order, changed }: OrderProps) {
  return (
    <>
      <h1>{headline(order)}</h1>
      <p class="order-status">
        <span class={`status is-${order.status}`}>{sentence(order.status)}</span>
        <span class="quiet">
          {order.id} · {moment(order.createdAt)}
        </span>
      </p>
      {cameToNothing.includes(order.status) && <HowItEnded order={order} />}
      <PaymentDue order={order} />
      <div class="order-body">
        <div>
          <Timeline order={order} />
          <Parcels order={order} />
        </div>
        <div>
          <Lines order={order} />
          <section aria-labelledby="address">
            <h2 id="address">Goes to</h2>
            <AddressText address={order.address} />
          </section>
          <div class="order-actions">
            <CancelOrder order={order} changed={changed} />
            <ReturnLines order={order} changed={changed} />
          </div>
        </div>
      </div>
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

function Parcels({ order }: { readonly order: Order }) {
  const { shipments } = order;
  if (shipments.length === 0) return null;
  const several = shipments.length > 1;
  return (
    <section aria-labelledby="parcels">
      <h2 id="parcels">{several ? `${shipments.length} parcels` : 'Parcel'}</h2>
      <ul class="parcels">
        {shipments.map((shipment) => (
          <li class="parcel" key={shipment.id}>
            <strong>{sentence(shipment.status)}</strong>
            <span>
              promised by {dayOf(shipment.promisedBy)} · from {sentence(shipment.warehouseId)} with{' '}
              {sentence(shipment.courierId)}
            </span>
            {several && <span>{contents(order, shipment)}</span>}
            <span class="quiet">{shipment.id}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function contents(order: Order, { lines }: Order['shipments'][number]): string {
  const titleOf = (sku: string) => order.lines.find((line) => line.sku === sku)?.title ?? sku;
  return lines.map(({ sku, quantity }) => `${quantity} × ${titleOf(sku)}`).join(', ');
}

function Lines({ order }: { readonly order: Order }) {
  return (
    <section aria-labelledby="items">
      <h2 id="items">Items</h2>
      <ul class="summary">
        {order.lines.map((line) => (
          <li key={line.sku}>
            <div>
              <Link href={`/items/${encodeURIComponent(line.itemId)}`}>
                {line.quantity} × {line.title}
              </Link>
              {line.returned > 0 && <p class="quiet">{line.returned} sent back</p>}
            </div>
            <span>{price(line.lineTotal)}</span>
          </li>
        ))}
        <li>
          <span>Delivery</span>
          <span>{fee(order.deliveryFee)}</span>
        </li>
        <li class="summary-total">
          <span>Total, {paymentWords(order)}</span>
          <strong>{price(order.total)}</strong>
        </li>
      </ul>
    </section>
  );
}

function paymentWords({ paymentMethod, payment }: Order): string {
  if (paymentMethod === 'cash-on-delivery') return 'cash on delivery';
  if (payment?.refunded?.amount) return `paid, ${price(payment.refunded)} refunded`;
  if (payment?.status === 'captured') return 'paid';
  const isGoingBack = payment?.status.includes('refund') ?? false;
  return isGoingBack ? sentence(payment?.status ?? '').toLowerCase() : 'not paid';
}
