/** Moves a shipment on, as a warehouse and a courier report it. Its number stands on the order page. */
import { useState } from 'preact/hooks';
import { announce } from '../storefront/client/announce.tsx';
import { call, newKey, type Refused } from '../storefront/client/api.ts';
import { dayOf, sentence } from '../storefront/client/format.ts';
import { asRefused } from '../storefront/client/use-load.ts';
import type { Order, Shipment } from '../storefront/client/wire.ts';
import { Field } from '../storefront/parts/field.tsx';
import { ProblemNote } from '../storefront/parts/problem-note.tsx';

type ShipmentEvent = 'packed' | 'shipped' | 'delivered' | 'lost';

/** What can be reported next; nothing of a shipment that has come to its end. */
const steps: Readonly<Record<string, readonly ShipmentEvent[]>> = {
  reserved: ['packed'],
  packed: ['shipped'],
  shipped: ['delivered', 'lost'],
};
const events: readonly ShipmentEvent[] = ['packed', 'shipped', 'delivered', 'lost'];

export function ShipmentDesk() {
  const [typed, setTyped] = useState('');
  const [first, setFirst] = useState<ShipmentEvent>('packed');
  const [order, setOrder] = useState<Order>();
  const [problem, setProblem] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);

  const report = async (id: string, event: ShipmentEvent) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const path = `/v1/shipments/${encodeURIComponent(id)}/events`;
      setOrder(await call<Order>('POST', path, { body: { event }, key: newKey() }));
      announce(`${id} is ${event}`);
    } catch (error) {
      setProblem(asRefused(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="panel desk" aria-labelledby="shipments">
      <h2 id="shipments">Shipments</h2>
      <form
        class="desk-form"
        onSubmit={(event) => {
          event.preventDefault();
          void report(typed.trim(), first);
        }}
      >
        <Field label="Shipment" value={typed} set={setTyped} maxLength={125} />
        <p class="field">
          <label for="event">Was</label>
          <select
            id="event"
            value={first}
            onChange={(event) => setFirst(event.currentTarget.value as ShipmentEvent)}
          >
            {events.map((event) => (
              <option key={event} value={event}>
                {event}
              </option>
            ))}
          </select>
        </p>
        <button type="submit" class="button" disabled={isBusy}>
          Report
        </button>
      </form>
      {problem && <ProblemNote problem={problem} />}
      {order && (
        <>
          <h3>
            {order.id}: {sentence(order.status).toLowerCase()}
          </h3>
          <ul class="shipments">
            {order.shipments.map((shipment) => (
              <ShipmentRow
                key={shipment.id}
                shipment={shipment}
                isBusy={isBusy}
                report={(event) => void report(shipment.id, event)}
              />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

interface ShipmentRowProps {
  readonly shipment: Shipment;
  readonly isBusy: boolean;
  readonly report: (event: ShipmentEvent) => void;
}

function ShipmentRow({ shipment, isBusy, report }: ShipmentRowProps) {
  return (
    <li>
      <span>
        <strong>{sentence(shipment.status)}</strong>
        <span class="quiet">
          {shipment.id} · {sentence(shipment.warehouseId)}, by {dayOf(shipment.promisedBy)}
        </span>
      </span>
      <span class="steps">
        {(steps[shipment.status] ?? []).map((event) => (
          <button
            key={event}
            type="button"
            class="button is-compact is-quiet"
            aria-label={`${sentence(event)}: ${shipment.id}`}
            disabled={isBusy}
            onClick={() => report(event)}
          >
            {sentence(event)}
          </button>
        ))}
      </span>
    </li>
  );
}
