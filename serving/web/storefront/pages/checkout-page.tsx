/** Checkout: where to, how to pay, and the order itself. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { call, newKey, type Refused } from '../client/api.ts';
import { cart, loadCart, tookOrder } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';
import { useDeliveries } from '../client/deliveries.ts';
import { price } from '../client/format.ts';
import { Link, navigate, useTitle } from '../client/navigation.tsx';
import { isGuest, session } from '../client/session.ts';
import { asRefused, useLoad } from '../client/use-load.ts';
import type { Address, Order } from '../client/wire.ts';
import { AddressForm } from '../parts/address-form.tsx';
import { AddressText } from '../parts/address-text.tsx';
import { DeliveryLine } from '../parts/delivery-line.tsx';
import { EmptyNote } from '../parts/empty-note.tsx';
import { ProblemNote, SignInFirst } from '../parts/problem-note.tsx';

type Method = Order['paymentMethod'];

export function CheckoutPage() {
  useTitle('Checkout');
  const who = useCell(session);
  const known = useCell(cart);
  const { isLoading } = useLoad(`cart of ${who?.userId}`, loadCart);
  const isEmpty = known === null || known.lines.length === 0;
  return (
    <div class="page is-medium">
      <h1>Checkout</h1>
      {isGuest(who) && <SignInFirst />}
      {!isGuest(who) && isEmpty && isLoading && <p class="waiting">Fetching your cart …</p>}
      {!isGuest(who) && isEmpty && !isLoading && (
        <EmptyNote kind="Home/Storage" title="Your cart is empty" text="Nothing to order yet." />
      )}
      {!isGuest(who) && !isEmpty && <OrderForm />}
    </div>
  );
}

function OrderForm() {
  const path = '/v1/me/addresses';
  const addresses = useLoad(path, (signal) =>
    call<{ addresses: Address[] }>('GET', path, { signal }),
  );
  const [addressId, setAddressId] = useState('');
  const [method, setMethod] = useState<Method>('prepaid');
  const order = useOrdering();
  const list = addresses.value?.addresses ?? [];
  const chosen = addressId === '' ? (list[0]?.id ?? '') : addressId;
  const code = list.find(({ id }) => id === chosen)?.pincode ?? '';
  return (
    <div class="checkout">
      <div>
        <section aria-labelledby="where">
          <h2 id="where">Where to</h2>
          {addresses.error && <ProblemNote problem={addresses.error} retry={addresses.reload} />}
          <AddressChoice
            list={list}
            isKnown={addresses.value !== undefined}
            chosen={chosen}
            choose={setAddressId}
            added={(address) => {
              setAddressId(address.id);
              addresses.reload();
            }}
          />
        </section>
        <PaymentChoice method={method} choose={setMethod} />
      </div>
      <section class="checkout-sum" aria-labelledby="what">
        <h2 id="what">Your order</h2>
        <Summary code={code} />
        {order.problem && <ProblemNote problem={order.problem} />}
        <button
          type="button"
          class="button is-wide"
          disabled={chosen === '' || order.isBusy}
          onClick={() => void order.place(chosen, method)}
        >
          {order.isBusy ? 'Reserving your items …' : 'Place the order'}
        </button>
        {chosen === '' && <p class="quiet">Add an address first.</p>}
        <p class="quiet">The delivery fee is added now; you see the sum before you pay.</p>
        <p class="checkout-back">
          <Link href="/cart">Back to the cart</Link>
        </p>
      </section>
    </div>
  );
}

/**
 * One key for one attempt: a click that got no answer is repeated under it, so the order is placed
 * once. A refusal ends the attempt.
 */
function useOrdering() {
  const key = useRef(newKey());
  const [problem, setProblem] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);
  const place = async (addressId: string, paymentMethod: Method) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const body = { addressId, paymentMethod };
      const order = await call<Order>('POST', '/v1/orders', { body, key: key.current });
      tookOrder(order.lines);
      const awaits = order.status === 'awaiting-payment' && order.payment !== null;
      const id = encodeURIComponent(order.id);
      navigate(
        awaits
          ? `/pay/${encodeURIComponent(order.payment?.id ?? '')}?order=${id}`
          : `/orders/${id}`,
        { replace: true },
      );
    } catch (error) {
      const refused = asRefused(error);
      if (refused.body.status >= 400 && refused.body.status < 500) key.current = newKey();
      setProblem(refused);
      setBusy(false);
    }
  };
  return { place, problem, isBusy };
}

interface AddressChoiceProps {
  readonly list: readonly Address[];
  readonly isKnown: boolean;
  readonly chosen: string;
  readonly choose: (id: string) => void;
  readonly added: (address: Address) => void;
}

function AddressChoice({ list, isKnown, chosen, choose, added }: AddressChoiceProps) {
  const [isAdding, setAdding] = useState(false);
  useEffect(() => {
    if (isKnown && list.length === 0) setAdding(true);
  }, [isKnown, list.length]);
  return (
    <>
      <fieldset class="choices">
        <legend class="unseen">Address</legend>
        {list.map((address) => (
          <label class="choice" key={address.id}>
            <input
              type="radio"
              name="address"
              checked={address.id === chosen}
              onChange={() => choose(address.id)}
            />
            <AddressText address={address} />
          </label>
        ))}
      </fieldset>
      {isAdding ? (
        <AddressForm
          saved={(address) => {
            setAdding(false);
            added(address);
          }}
        />
      ) : (
        <button type="button" class="link-button" onClick={() => setAdding(true)}>
          Add another address
        </button>
      )}
    </>
  );
}

const methods = [
  ['prepaid', 'Pay now', 'On the page of the sandbox gateway; nothing is charged.'],
  ['cash-on-delivery', 'Cash on delivery', 'Pay at the door, where item and courier allow it.'],
] as const;

interface PaymentChoiceProps {
  readonly method: Method;
  readonly choose: (method: Method) => void;
}

function PaymentChoice({ method, choose }: PaymentChoiceProps) {
  return (
    <section aria-labelledby="how">
      <h2 id="how">How to pay</h2>
      <fieldset class="choices">
        <legend class="unseen">Payment</legend>
        {methods.map(([value, name, text]) => (
          <label class="choice" key={value}>
            <input
              type="radio"
              name="payment"
              value={value}
              checked={method === value}
              onChange={() => choose(value)}
            />
            <span>
              <strong>{name}</strong>
              <span class="quiet">{text}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </section>
  );
}

function Summary({ code }: { readonly code: string }) {
  const known = useCell(cart);
  const deliveries = useDeliveries(known?.lines ?? [], code);
  const deliveryOf = (sku: string) => {
    const delivery = deliveries.get(sku);
    return delivery && <DeliveryLine delivery={delivery} />;
  };
  if (known === null) return null;
  return (
    <ul class="summary">
      {known.lines.map((line) => (
        <li key={line.sku}>
          <div>
            {line.quantity} × {line.title}
            {deliveryOf(line.sku)}
          </div>
          <span>{price(line.lineTotal)}</span>
        </li>
      ))}
      <li class="summary-total">
        <span>Items</span>
        <strong>{price(known.total)}</strong>
      </li>
    </ul>
  );
}
