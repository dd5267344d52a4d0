/** The cart: lines, quantities, what has changed since, and the way to the order. */
import { useState } from 'preact/hooks';
import { announce } from '../client/announce.tsx';
import type { Refused } from '../client/api.ts';
import { cart, loadCart, MAX_QUANTITY, pincode, setQuantity } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';
import { useDeliveries } from '../client/deliveries.ts';
import { price } from '../client/format.ts';
import { Link, useTitle } from '../client/navigation.tsx';
import { session } from '../client/session.ts';
import { asRefused, useLoad } from '../client/use-load.ts';
import type { CartLine, Delivery } from '../client/wire.ts';
import { DeliveryLine } from '../parts/delivery-line.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';

export function CartPage() {
  useTitle('Cart');
  const known = useCell(cart);
  const who = useCell(session);
  const { error, isLoading, reload } = useLoad(`cart of ${who?.userId}`, loadCart);
  const isEmpty = known === null || known.lines.length === 0;
  return (
    <div class="page is-narrow">
      <h1>Cart</h1>
      {error && <ProblemNote problem={error} retry={reload} />}
      {isEmpty && isLoading && <p class="waiting">Fetching your cart …</p>}
      {isEmpty && !isLoading && !error && (
        <EmptyNote
          kind="Home/Storage"
          title="Your cart is empty"
          text="It is a big shop, though."
        />
      )}
      {!isEmpty && <Lines />}
    </div>
  );
}

function Lines() {
  const known = useCell(cart);
  const deliveries = useDeliveries(known?.lines ?? [], useCell(pincode));
  const [problem, setProblem] = useState<Refused>();
  if (known === null) return null;

  const change = async (line: CartLine, quantity: number) => {
    setProblem(undefined);
    try {
      await setQuantity(line.sku, quantity);
      announce(quantity === 0 ? `${line.title} removed` : `${quantity} of ${line.title}`);
    } catch (error) {
      setProblem(asRefused(error));
    }
  };
  return (
    <>
      {known.notices.map(({ sku, message }) => (
        <p class="note is-slim" key={`${sku} ${message}`}>
          {message}
        </p>
      ))}
      {problem && <ProblemNote problem={problem} />}
      <ul class="lines">
        {known.lines.map((line) => (
          <Line
            key={line.sku}
            line={line}
            delivery={deliveries.get(line.sku)}
            change={(quantity) => void change(line, quantity)}
          />
        ))}
      </ul>
      <div class="sum">
        <p>
          Total <strong>{price(known.total)}</strong>
        </p>
        <p class="quiet">The delivery fee is added at the order, before you pay.</p>
        <Link class="button" href="/checkout">
          Go to checkout
        </Link>
      </div>
    </>
  );
}

interface LineProps extends QuantityProps {
  readonly delivery: Delivery | undefined;
}

function Line({ line, delivery, change }: LineProps) {
  const url = `/items/${encodeURIComponent(line.itemId)}`;
  return (
    <li class="line">
      <div class="line-what">
        <Link class="line-title" href={url}>
          {line.title}
        </Link>
        {delivery && <DeliveryLine delivery={delivery} />}
        <span class="line-unit">{price(line.unitPrice)} each</span>
      </div>
      <strong class="line-total">{price(line.lineTotal)}</strong>
      <div class="line-change">
        <Quantity line={line} change={change} />
        <button
          type="button"
          class="link-button"
          aria-label={`Remove ${line.title}`}
          onClick={() => change(0)}
        >
          Remove
        </button>
      </div>
    </li>
  );
}

interface QuantityProps {
  readonly line: CartLine;
  readonly change: (quantity: number) => void;
}

function Quantity({ line, change }: QuantityProps) {
  const step = (by: number, text: string, label: string) => (
    <button
      type="button"
      aria-label={`${label} of ${line.title}`}
      disabled={line.quantity + by < 1 || line.quantity + by > MAX_QUANTITY}
      onClick={() => change(line.quantity + by)}
    >
      {text}
    </button>
  );
  return (
    <fieldset class="quantity">
      <legend class="unseen">Quantity of {line.title}</legend>
      {step(-1, '−', 'One less')}
      <output>{line.quantity}</output>
      {step(1, '+', 'One more')}
    </fieldset>
  );
}
