/** A shopper of the load: searches, fills a cart, orders, pays, and looks until the order has its end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../cli/demo/random.ts';
import { punePincode } from '../journey/hot-item.ts';
import type { CartReply, OrderReply, SearchReply } from '../journey/replies.ts';
import { addressAt, ShopClient, shopperPassword } from '../journey/shop-client.ts';
import type { Account, OrderBook } from './order-book.ts';
import type { Requests } from './requests.ts';

export interface ShopperOptions {
  readonly url: string;
  readonly name: string;
  readonly random: Random;
  readonly skus: readonly string[];
  readonly requests: Requests;
  readonly book: OrderBook;
  /** Told what the book does not allow. */
  readonly fault: (what: string) => void;
}

/** Then somebody else comes with a new account. */
const ordersEach = 8;
/** Between two requests, as a person would. */
const thinksMs = 60;
const looksEveryMs = 150;
/** A payment is told to the shop by a webhook. */
const endsWithinMs = 30_000;

/** Steps until told to stop. What fails ends a step; the next one begins anew. */
export async function shop(options: ShopperOptions, stop: AbortSignal): Promise<void> {
  for (let visit = 1; !stop.aborted; visit++) {
    const visitor = await Visitor.signUp(options, visit).catch(() => undefined);
    for (let order = 1; order <= ordersEach && visitor && !stop.aborted; order++)
      await visitor.buy(order).catch(() => undefined);
    // Whoever is refused at the door comes back a moment later.
    if (visitor === undefined) await delay(looksEveryMs);
  }
}

class Visitor {
  readonly #options: ShopperOptions;
  readonly #client: ShopClient;
  readonly #account: Account;
  readonly #addressId: string;

  private constructor(
    options: ShopperOptions,
    client: ShopClient,
    account: Account,
    addressId: string,
  ) {
    this.#options = options;
    this.#client = client;
    this.#account = account;
    this.#addressId = addressId;
  }

  static async signUp(options: ShopperOptions, visit: number): Promise<Visitor> {
    const { url, name, requests, book } = options;
    const email = `${name}-${visit}@fleet.example`;
    const password = shopperPassword;
    const stranger = new ShopClient(url);
    await requests.ask(stranger, {
      method: 'POST',
      path: '/v1/users',
      body: { email, password, name: 'Asha Rao' },
      key: `${name}-${visit}`,
      wants: 201,
    });
    const account = book.open(email);
    const session = await requests.ask<{ accessToken: string }>(stranger, {
      method: 'POST',
      path: '/v1/sessions',
      body: { email, password },
      wants: 201,
    });
    const client = new ShopClient(url, session.accessToken);
    const address = await requests.ask<{ id: string }>(client, {
      method: 'POST',
      path: '/v1/me/addresses',
      body: addressAt(punePincode),
      key: `${name}-${visit}-address`,
      wants: 201,
    });
    return new Visitor(options, client, account, address.id);
  }

  /** @throws RequestFailed */
  async buy(number: number): Promise<void> {
    const { random, skus } = this.#options;
    const sku = random.pick(skus);
    const key = `${this.#account.email}-${number}`;
    const found = await this.#ask<SearchReply>('GET', `/v1/search?q=tea&pincode=${punePincode}`);
    if (found.hits.length === 0) this.#options.fault('search found no tea');
    const quantity = random.between(1, 3);
    await this.#ask('PUT', `/v1/cart/lines/${sku}`, { key: `${key}-line`, body: { quantity } });
    const cart = await this.#ask<CartReply>('GET', '/v1/cart');
    if (!cart.lines.some((line) => line.sku === sku && line.quantity === quantity))
      this.#options.fault(`${key}: ${quantity} of ${sku} are not in the cart that is shown`);
    const order = await this.#order(key);
    const wanted = await this.#settle(order);
    this.#account.orders.set(order.id, wanted);
    await this.#watch(order.id, wanted);
  }

  async #order(key: string): Promise<OrderReply> {
    const paymentMethod = this.#options.random.chance(0.2) ? 'cash-on-delivery' : 'prepaid';
    const body = { addressId: this.#addressId, paymentMethod };
    const order = await this.#ask<OrderReply>('POST', '/v1/orders', { key, body, wants: 201 });
    // What is acknowledged is in the book before anything else can fail.
    const status = paymentMethod === 'prepaid' ? 'awaiting-payment' : 'placed';
    this.#account.orders.set(order.id, status);
    return order;
  }

  async #settle({ paymentMethod, payment }: OrderReply) {
    if (paymentMethod !== 'prepaid') return 'placed' as const;
    const outcome = this.#options.random.chance(0.8) ? 'approve' : 'decline';
    await this.#ask('POST', `/sandbox/payments/${payment.id}`, { body: { outcome }, wants: 202 });
    return outcome === 'approve' ? ('placed' as const) : ('cancelled' as const);
  }

  async #watch(id: string, wanted: string): Promise<void> {
    const untilMs = performance.now() + endsWithinMs;
    for (;;) {
      const { status } = await this.#ask<OrderReply>('GET', `/v1/orders/${id}`);
      if (status === wanted) return;
      if (performance.now() > untilMs)
        return this.#options.fault(`order ${id} is still ${status} after ${endsWithinMs} ms`);
      await delay(looksEveryMs);
    }
  }

  async #ask<T>(
    method: string,
    path: string,
    more: { readonly key?: string; readonly body?: unknown; readonly wants?: number } = {},
  ): Promise<T> {
    await delay(thinksMs);
    return this.#options.requests.ask<T>(this.#client, { method, path, wants: 200, ...more });
  }
}
