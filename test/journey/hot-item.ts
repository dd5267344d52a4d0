/** Many buyers at once on an item of which there is less than they want. */
import type { OrderReply, RefusalReply, StockReply } from './replies.ts';
import { type Answer, offerOf, ShopClient } from './shop-client.ts';

/** In Pune, which has a warehouse and is reached from every other. */
export const punePincode = '411001';

const asksAtMost = 10;

export interface Buyer {
  readonly client: ShopClient;
  readonly addressId: string;
}

export interface Rush {
  /** How many orders were answered 201. */
  readonly taken: number;
  /** How many were refused as `out-of-stock`. */
  readonly refused: number;
  /** Whatever else was answered. */
  readonly strange: readonly string[];
  /** Before anybody paid, and after. */
  readonly stockTaken: StockReply;
  readonly stockPlaced: StockReply;
  /** How many orders were placed once their payment was approved. */
  readonly placed: number;
  /** How many of the refused still had the item in their cart. */
  readonly cartsKept: number;
}

/** People with an account and an address, each signed in. */
export async function openBuyers(url: string, count: number, prefix: string): Promise<Buyer[]> {
  const buyers: Buyer[] = [];
  const numbers = Array.from({ length: count }, (_, index) => index);
  const open = async (): Promise<void> => {
    for (let index = numbers.shift(); index !== undefined; index = numbers.shift()) {
      const client = new ShopClient(url);
      await client.signUp(`${prefix}${index}@buyers.example`);
      buyers.push({ client, addressId: await client.addAddress(punePincode) });
    }
  };
  await Promise.all(Array.from({ length: 4 }, open));
  return buyers;
}

/** Each buyer orders one unit at the same time; who got it pays; the others give up. */
export async function rush(
  operator: ShopClient,
  buyers: readonly Buyer[],
  { sku, units }: { readonly sku: string; readonly units: number },
): Promise<Rush> {
  await operator.offer(offerOf(sku, `Rush green tea ${sku}`));
  await operator.receive(sku, 'pune', units, `receipt-${sku}`);
  await Promise.all(buyers.map(({ client }) => client.setLine(sku, 1)));

  const answers = await Promise.all(
    buyers.map(async (buyer, index) => ({
      buyer,
      answer: await orderDecided(buyer, `rush-${sku}-${index}`),
    })),
  );
  const taken = answers.filter(({ answer }) => answer.status === 201);
  const refused = answers.filter(({ answer }) => isOutOfStock(answer));
  const strange = answers
    .filter(({ answer }) => answer.status !== 201 && !isOutOfStock(answer))
    .map(({ answer }) => `${answer.status} ${JSON.stringify(answer.body)}`);

  const stockTaken = await operator.stock(sku);
  await Promise.all(
    taken.map(({ buyer, answer }) =>
      buyer.client.pay(answer.body.payment.id, { outcome: 'approve' }),
    ),
  );
  const ends = await Promise.all(taken.map(({ buyer, answer }) => settled(buyer, answer.body.id)));
  return {
    taken: taken.length,
    refused: refused.length,
    strange,
    stockTaken,
    stockPlaced: await operator.stock(sku),
    placed: ends.filter((status) => status === 'placed').length,
    cartsKept: await giveUp(refused, sku),
  };
}

/** A busy shop may say `not-decided-in-time`: the same request with the same key is done once. */
export async function orderDecided(
  { client, addressId }: Buyer,
  key: string,
): Promise<Answer<OrderReply>> {
  for (let tries = 1; ; tries++) {
    const answer = await client.order(addressId, { key });
    if (answer.status !== 503 || tries === asksAtMost) return answer;
  }
}

/** What differs from exactly `units` sold and nothing else; empty when all is well. */
export function faultsOf(seen: Rush, buyers: number, units: number): string[] {
  const expected: [string, number, number][] = [
    ['orders taken', seen.taken, units],
    ['orders refused as out-of-stock', seen.refused, buyers - units],
    ['available after the rush', seen.stockTaken.available, 0],
    ['reserved after the rush', seen.stockTaken.reserved, units],
    ['orders placed after payment', seen.placed, units],
    ['available after payment', seen.stockPlaced.available, 0],
    ['on hand until shipped', seen.stockPlaced.onHand, units],
    ['carts kept by the refused', seen.cartsKept, buyers - units],
  ];
  return [
    ...expected
      .filter(([, actual, wanted]) => actual !== wanted)
      .map(([what, actual, wanted]) => `${what}: ${actual}, not ${wanted}`),
    ...seen.strange.map((answer) => `answered ${answer}`),
  ];
}

function isOutOfStock(answer: Answer<unknown>): boolean {
  return answer.status === 409 && (answer.body as RefusalReply).code === 'out-of-stock';
}

async function settled({ client }: Buyer, orderId: string): Promise<string> {
  const order = await client.until<OrderReply>(
    () => client.orderNow(orderId),
    ({ status }) => status !== 'awaiting-payment',
    30_000,
  );
  return order.status;
}

/** Answers how many still had the item in their cart. */
async function giveUp(refused: readonly { readonly buyer: Buyer }[], sku: string): Promise<number> {
  const kept = await Promise.all(
    refused.map(async ({ buyer: { client } }) => {
      const had = (await client.cart()).lines.some((line) => line.sku === sku);
      await client.removeLine(sku);
      return had;
    }),
  );
  return kept.filter(Boolean).length;
}
