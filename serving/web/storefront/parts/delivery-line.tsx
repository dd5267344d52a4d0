/** The promise: the day, the fee, the place that it comes from; or why there is none. */
import { dayOf, fee, nearDay } from '../client/format.ts';
import type { Delivery } from '../client/wire.ts';

const reasons: Readonly<Record<string, string>> = {
  'unknown-pincode': 'We do not know this pincode',
  'out-of-stock': 'Out of stock',
  unreachable: 'Not delivered to this pincode',
};

export function DeliveryLine({ delivery }: { readonly delivery: Delivery }) {
  if (!delivery.deliverable) {
    const reason = reasons[delivery.reason ?? ''] ?? 'Not delivered to this pincode';
    return <p class="delivery is-refused">{reason}</p>;
  }
  return (
    <p class="delivery">
      <span class="delivery-word">Delivered by</span>{' '}
      <strong class="delivery-day">{promisedDay(delivery)}</strong>{' '}
      <span class="delivery-terms">
        {[
          delivery.fee && (delivery.fee.amount === 0 ? 'free delivery' : fee(delivery.fee)),
          delivery.from && `from ${delivery.from.city}`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </p>
  );
}

function promisedDay({ promisedDate, promisedBy }: Delivery): string {
  if (promisedDate !== null) return nearDay(promisedDate, new Date());
  return promisedBy === null ? 'a day that we will tell you' : dayOf(promisedBy);
}
