/** The promise: the day, the fee, the place that it comes from; or why there is none. */
import { day, dayOf, fee } from '../client/format.ts';
import type { Delivery } from '../client/wire.ts';

const reasons: Readonly<Record<string, string>> = {
  'unknown-pincode': 'We do not know this pincode',
  'out-of-stock': 'Out of stock',
  unreachable: 'Not delivered to this pincode',
};

export function DeliveryLine({ delivery }: { readonly delivery: Delivery | null | undefined }) {
  if (!delivery) return <p class="delivery is-unknown">Enter a pincode for the delivery day</p>;
  if (!delivery.deliverable) {
    const reason = reasons[delivery.reason ?? ''] ?? 'Not delivered to this pincode';
    return <p class="delivery is-refused">{reason}</p>;
  }
  return (
    <p class="delivery">
      <span class="delivery-day">Delivered by {promisedDay(delivery)}</span>
      <span class="delivery-terms">
        {delivery.fee && ` · ${fee(delivery.fee)}`}
        {delivery.from && ` · from ${delivery.from.city}`}
      </span>
    </p>
  );
}

function promisedDay({ promisedDate, promisedBy }: Delivery): string {
  if (promisedDate !== null) return day(promisedDate);
  return promisedBy === null ? 'a day that we will tell you' : dayOf(promisedBy);
}
