/** What a patient buyer asks again and again while servers go and come back, and what must be answered. */
import { punePincode } from '../journey/hot-item.ts';
import type {
  CartReply,
  ItemReply,
  OrderReply,
  SearchReply,
  StockReply,
} from '../journey/replies.ts';
import { type Answer, offerOf, shopperPassword } from '../journey/shop-client.ts';
import type { WatchedClient } from './watched-client.ts';

export type ServerName = 'mysql' | 'mongodb' | 'elasticsearch' | 'cassandra' | 'redis' | 'kafka';

export interface Probe {
  readonly name: string;
  /** Without one of these it is refused; without any other it is answered. */
  readonly needs: readonly ServerName[];
  readonly ask: () => Promise<Answer<unknown>>;
  /** Why an answer of 200 is wrong; `undefined` when it is right. */
  readonly wrong: (answer: Answer<unknown>) => string | undefined;
  /** Whether an answer of 200 lacks nothing. */
  readonly isWhole: (answer: Answer<unknown>) => boolean;
}

const sku = 'AWAY-1';
const units = 1_000;

/** An item of its own that nobody else buys, in a cart that nobody else changes. */
export async function openProbes(
  staff: WatchedClient,
  asking: WatchedClient,
): Promise<readonly Probe[]> {
  const email = 'patient@buyers.example';
  await asking.signUp(email);
  const addressId = await asking.addAddress(punePincode);
  const item = await staff.offer(offerOf(sku, 'Patient oolong'));
  await staff.receive(sku, 'pune', units, 'receipt-patient');
  await asking.setLine(sku, 1);
  const order = await asking.order(addressId, { paymentMethod: 'cash-on-delivery' });
  if (order.status !== 201) throw new Error(`the first order was answered ${order.status}`);
  await asking.setLine(sku, 2);
  const get = (path: string) => () => asking.send<unknown>('GET', path);
  const patient = { email, password: shopperPassword };
  const putAgain = counted((number) =>
    asking.send(
      'PUT',
      `/v1/cart/lines/${sku}`,
      { quantity: 2 },
      { 'idempotency-key': `again-${number}` },
    ),
  );
  return [
    probe('search', ['elasticsearch'], get('/v1/search?q=patient+oolong'), (body) =>
      (body as SearchReply).hits.some((hit) => hit.sku === sku),
    ),
    probe(
      'item',
      ['mongodb'],
      get(`/v1/items/${item.id}`),
      (body) => (body as ItemReply).sku === sku,
    ),
    probe('cart', ['mysql'], get('/v1/cart'), (body) => hasTwo(body as CartReply)),
    probe(
      'stock',
      ['mysql'],
      () => staff.send('GET', `/v1/inventory/${sku}`),
      (body) => (body as StockReply).onHand === units,
    ),
    probe('promise', ['redis'], get(`/v1/serviceability?pincode=${punePincode}`)),
    probe('sign-in', ['mysql'], () => asking.send('POST', '/v1/sessions', patient)),
    probe('cart line', ['mysql', 'mongodb', 'kafka'], putAgain, (body) =>
      hasTwo(body as CartReply),
    ),
    {
      ...probe('orders', [], get('/v1/orders')),
      wrong: ({ body, headers }) => {
        if (headers['millrace-missing-parts'] !== undefined) return undefined;
        const { orders } = body as { orders: readonly OrderReply[] };
        return orders.some(({ id }) => id === order.body.id) ? undefined : 'an order is not listed';
      },
      isWhole: ({ headers }) => headers['millrace-missing-parts'] === undefined,
    },
  ];
}

function probe(
  name: string,
  needs: readonly ServerName[],
  ask: Probe['ask'],
  isRight: (body: unknown) => boolean = () => true,
): Probe {
  const wrong: Probe['wrong'] = ({ body }) =>
    isRight(body) ? undefined : JSON.stringify(body).slice(0, 300);
  return { name, needs, ask, wrong, isWhole: () => true };
}

function counted(ask: (number: number) => Promise<Answer<unknown>>): Probe['ask'] {
  let number = 0;
  return () => {
    number += 1;
    return ask(number);
  };
}

function hasTwo({ lines }: CartReply): boolean {
  return lines.length === 1 && lines[0]?.quantity === 2;
}

/** How a round of questions went. */
export interface Round {
  /** Every question was answered, rightly and wholly. */
  readonly isBack: boolean;
  readonly faults: readonly string[];
}

/**
 * Asks everything once.
 *
 * @param away the server that is not there; `undefined` when all are, and only some of what they held:
 * then each may be refused.
 */
export async function askAll(
  probes: readonly Probe[],
  away: ServerName | undefined,
): Promise<Round> {
  const faults: string[] = [];
  let isBack = true;
  for (const { name, needs, ask, wrong, isWhole } of probes) {
    const answer = await ask();
    const { status } = answer;
    const told = () =>
      `${name} was answered ${status} ${JSON.stringify(answer.body).slice(0, 200)}`;
    if (status === 503) {
      isBack = false;
      if (away !== undefined && !needs.includes(away)) faults.push(`without ${away} ${told()}`);
    } else if (status >= 300) {
      isBack = false;
      faults.push(told());
    } else {
      if (away !== undefined && needs.includes(away)) faults.push(`without ${away} ${told()}`);
      const reason = wrong(answer);
      if (reason !== undefined) faults.push(`${name} was answered wrongly: ${reason}`);
      if (reason !== undefined || !isWhole(answer)) isBack = false;
    }
  }
  return { isBack, faults };
}
