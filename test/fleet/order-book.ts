/** What a load was told of its orders, and what must be true of them in the end. */

import { settledMoneyFaults, stockFaults } from '../chaos/balance.ts';
import { reservedFaults } from '../chaos/book-checks.ts';
import type { OrderReply } from '../journey/replies.ts';
import { ShopClient, shopperPassword } from '../journey/shop-client.ts';

export interface Account {
  readonly email: string;
  /** Acknowledged orders by id, and how each is to end once its payment has been. */
  readonly orders: Map<string, 'placed' | 'cancelled' | 'awaiting-payment'>;
}

const settlesWithinMs = 60_000;

export class OrderBook {
  readonly accounts: Account[] = [];

  open(email: string): Account {
    const account: Account = { email, orders: new Map() };
    this.accounts.push(account);
    return account;
  }

  get orderCount(): number {
    return this.accounts.reduce((sum, { orders }) => sum + orders.size, 0);
  }

  /**
   * Nothing acknowledged is lost, nothing is there twice, money and stock are what the orders say.
   * `staff` may tap and see stock.
   */
  async faults(url: string, staff: ShopClient, skus: readonly string[]): Promise<string[]> {
    const people = await Promise.all(
      this.accounts.map(async (account) => {
        const client = new ShopClient(url);
        await client.signIn(account.email, shopperPassword);
        return { account, client };
      }),
    );
    const everyOrder = async () =>
      (await Promise.all(people.map(({ client }) => client.orders()))).flat();
    const ended = ({ status }: OrderReply) =>
      status !== 'awaiting-payment' && status !== 'reserving';
    const withMoney = async () => (await everyOrder()).filter(ended);
    const faults: string[] = [];
    for (const { account, client } of people) faults.push(...(await ordersFaults(account, client)));
    faults.push(...(await settledMoneyFaults(staff, withMoney, settlesWithinMs)));
    faults.push(...(await reservedFaults(staff, skus, await everyOrder(), settlesWithinMs)));
    faults.push(...(await stockFaults(staff)));
    return faults;
  }
}

async function ordersFaults({ email, orders }: Account, client: ShopClient): Promise<string[]> {
  const seen = async () => {
    const found = new Map((await client.orders()).map(({ id, status }) => [id, status]));
    const wrong = [...orders]
      .filter(([id, wanted]) => found.get(id) !== wanted)
      .map(([id, wanted]) => `${email}: order ${id} is ${found.get(id) ?? 'lost'}, not ${wanted}`);
    const extra = [...found.keys()]
      .filter((id) => !orders.has(id))
      .map((id) => `${email}: order ${id} was acknowledged to nobody`);
    return [...wrong, ...extra];
  };
  return client.until(seen, (faults) => faults.length === 0, settlesWithinMs).catch(seen);
}
