/** A shopper of the chaos: fills a cart, orders, pays or not, cancels; and keeps the book of it. */
import { seededRandom } from '../../cli/demo/random.ts';
import { punePincode } from '../journey/hot-item.ts';
import type { CartReply, OrderReply } from '../journey/replies.ts';
import { addressAt, ShopClient, shopperPassword } from '../journey/shop-client.ts';
import { Actor, type Command, type Tally } from './actor.ts';
import { advance, type BookedOrder, canHaveBecome, type Ledger } from './ledger.ts';

export interface ShopperOptions {
  readonly url: string;
  readonly name: string;
  readonly seed: number;
  readonly skus: readonly string[];
  readonly ledger: Ledger;
  readonly tally: Tally;
  /** @defaultValue one of its own */
  readonly client?: ShopClient;
  /** As of an actor. */
  readonly askAgainAtMost?: number;
}

/** Refusals of an order that are the shopper's bad luck and no fault of the shop. */
const orderAnswers = ['201', '409 out-of-stock'];
const mostAddresses = 6;
const settleWithinMs = 15_000;

export class Shopper {
  readonly #options: ShopperOptions;
  readonly actor: Actor;
  readonly #orders = new Map<string, BookedOrder>();
  #addressIds = new Set<string>();
  #userId = '';
  /** The address whose deletion was not answered. */
  #leaving: string | undefined;
  /** As acknowledged. */
  #cart = new Map<string, number>();
  /** The cart if the pending command has happened. */
  #cartIfDone: Map<string, number> | undefined;
  /** An order was taken and its lines may not have left the cart yet. */
  #cartSettles = false;

  constructor(options: ShopperOptions) {
    this.#options = options;
    const { name, tally, seed, url, askAgainAtMost } = options;
    this.actor = new Actor({
      name,
      tally,
      askAgainAtMost,
      client: options.client ?? new ShopClient(url),
      random: seededRandom(seed),
    });
  }

  async open(): Promise<void> {
    this.#userId = await this.actor.client.signUp(`${this.#options.name}@chaos.example`);
    this.#addressIds.add(await this.actor.client.addAddress(punePincode));
  }

  /** Signs in again: a session that was begun before the database was restored may be gone with it. */
  async signInAgain(): Promise<void> {
    await this.actor.client.signIn(`${this.#options.name}@chaos.example`, shopperPassword);
  }

  /** Addresses are in no log. Answers how to forget those that are made from now on. */
  noteAddresses(): () => void {
    const noted = new Set(this.#addressIds);
    return () => {
      this.#addressIds = new Set(noted);
      this.#leaving = undefined;
    };
  }

  step = async (): Promise<void> => {
    const { random } = this.actor;
    const dice = random.next();
    const unpaid = [...this.#orders.values()].find(
      (order) => order.status === 'awaiting-payment' && !order.paymentAsked,
    );
    if (unpaid && dice < 0.5) return this.actor.perform(this.#pay(unpaid));
    if (this.#cart.size > 0 && dice < 0.6) return this.#takeCart();
    if (dice < 0.68) return this.#look();
    if (dice < 0.72) return this.#cancelOne();
    if (dice < 0.75) return this.actor.perform(this.#changeAddresses());
    if (this.#cart.size > 3) return this.#change(random.pick([...this.#cart.keys()]), 0);
    return this.#change(random.pick(this.#options.skus), random.between(1, 3));
  };

  /** After a restart, before anything is sent again: what was acknowledged is there. */
  async checkAcknowledged(): Promise<void> {
    const { client, pending } = this.actor;
    const me = await client.ask<{ id: string }>('GET', '/v1/me');
    if (me.id !== this.#userId) this.actor.fault(`is ${me.id}, was ${this.#userId}`);

    const addresses = await this.#addressesNow();
    for (const id of this.#addressIds)
      if (!addresses.includes(id) && id !== this.#leaving)
        this.actor.fault(`lost the address ${id}`);

    await this.#checkCart([this.#cart, ...(this.#cartIfDone ? [this.#cartIfDone] : [])]);
    const extra = await this.#checkOrders();
    if (extra.length > (pending?.path === '/v1/orders' ? 1 : 0))
      this.actor.fault(`has orders that nobody acknowledged: ${extra.join(', ')}`);
  }

  /** After everything pending was sent again: exactly what the book says, and no more. */
  async checkExactly(): Promise<OrderReply[]> {
    await this.#checkCart([this.#cart]);
    const addresses = await this.#addressesNow();
    const twice = addresses.filter((id) => !this.#addressIds.has(id));
    if (twice.length > 0) this.actor.fault(`has addresses of nobody: ${twice.join(', ')}`);
    for (const id of this.#addressIds)
      if (!addresses.includes(id)) this.actor.fault(`lost the address ${id}`);
    const extra = await this.#checkOrders();
    if (extra.length > 0) this.actor.fault(`has orders beside its book: ${extra.join(', ')}`);
    return this.actor.client.orders();
  }

  async #takeCart(): Promise<void> {
    const { random } = this.actor;
    const [addressId] = this.#addressIds;
    const paymentMethod = random.chance(0.3) ? 'cash-on-delivery' : 'prepaid';
    this.#cartIfDone = new Map();
    await this.actor.perform({
      method: 'POST',
      path: '/v1/orders',
      body: { addressId, paymentMethod },
      key: this.actor.nextKey(),
      answers: orderAnswers,
      settle: async ({ status, body }) => {
        if (status !== 201) return this.#keepCart();
        this.#bookOrder(body as OrderReply);
        this.#cart = new Map();
        this.#cartSettles = true;
        this.#cartIfDone = undefined;
        await this.#checkCart([this.#cart]);
      },
    });
    // What is out of stock goes, so that the next order has a chance.
    const [first] = this.#cart.keys();
    if (first !== undefined) await this.#change(first, 0);
  }

  #keepCart(): void {
    this.#cartIfDone = undefined;
  }

  async #change(sku: string, quantity: number): Promise<void> {
    const after = new Map(this.#cart);
    if (quantity === 0) after.delete(sku);
    else after.set(sku, quantity);
    this.#cartIfDone = after;
    await this.actor.perform({
      method: quantity === 0 ? 'DELETE' : 'PUT',
      path: `/v1/cart/lines/${sku}`,
      ...(quantity === 0 ? {} : { body: { quantity } }),
      key: this.actor.nextKey(),
      answers: ['200'],
      settle: ({ status, body }) => {
        this.#cartIfDone = undefined;
        if (status !== 200) return;
        this.#cart = after;
        if (!equal(linesOf(body as CartReply), after))
          this.actor.fault(`${this.#told(after)} was answered ${JSON.stringify(body)}`);
      },
    });
  }

  #pay(order: BookedOrder): Command {
    const { random } = this.actor;
    order.paymentAsked = true;
    return {
      method: 'POST',
      path: `/sandbox/payments/${order.paymentId}`,
      body: {
        outcome: random.pick(['approve', 'approve', 'approve', 'decline', 'silent']),
        delayMs: random.pick([0, 0, 5, 50, 500]),
        repeat: random.pick([1, 1, 2, 3]),
        reorder: random.chance(0.3),
      },
      key: this.actor.nextKey(),
      answers: ['202', '409 payment-over'],
      settle: () => {},
    };
  }

  #changeAddresses(): Command {
    const last = [...this.#addressIds].at(-1);
    if (last !== undefined && this.#addressIds.size >= mostAddresses) return this.#forget(last);
    return {
      method: 'POST',
      path: '/v1/me/addresses',
      body: addressAt(punePincode),
      key: this.actor.nextKey(),
      answers: ['201'],
      settle: ({ status, body }) => {
        if (status === 201) this.#addressIds.add((body as { id: string }).id);
      },
    };
  }

  #forget(id: string): Command {
    this.#leaving = id;
    return {
      method: 'DELETE',
      path: `/v1/me/addresses/${id}`,
      key: this.actor.nextKey(),
      // Gone already, when it is asked again after a crash.
      answers: ['204', '404 address-unknown'],
      settle: () => {
        this.#addressIds.delete(id);
        this.#leaving = undefined;
      },
    };
  }

  async #cancelOne(): Promise<void> {
    const open = [...this.#orders.values()].filter(
      ({ status }) => status === 'awaiting-payment' || status === 'placed',
    );
    if (open.length === 0) return this.#look();
    const order = this.actor.random.pick(open);
    order.cancelAsked = true;
    const asOf = { ...order };
    await this.actor.perform({
      method: 'POST',
      path: `/v1/orders/${order.id}/cancel`,
      body: { reason: 'changed my mind' },
      key: this.actor.nextKey(),
      answers: ['200', '409 order-not-cancellable', '409 order-archived'],
      settle: ({ status, body }) => {
        if (status === 200) this.#seen(order, body as OrderReply, asOf);
      },
    });
  }

  /** Reads count too: a status that was shown must not be taken back. */
  async #look(): Promise<void> {
    const orders = [...this.#orders.values()].slice(-5);
    if (orders.length === 0) return;
    const order = this.actor.random.pick(orders);
    const asOf = { ...order };
    this.#seen(order, await this.actor.client.orderNow(order.id), asOf);
  }

  #bookOrder(reply: OrderReply): void {
    const { id, payment, status } = reply;
    // Asked again with its key it is answered as it was the first time, however far it is by now.
    if (this.#orders.has(id)) return;
    const order: BookedOrder = {
      id,
      paymentId: payment.id,
      status,
      cancelAsked: false,
      paymentAsked: false,
    };
    this.#orders.set(id, order);
    if (status === 'placed') this.#readyToShip(order, reply);
  }

  /** `asOf`: what was in the book when this was asked; the operator may have entered more since. */
  #seen(order: BookedOrder, reply: OrderReply, asOf: Readonly<BookedOrder>): void {
    const before = order.status;
    if (!canHaveBecome(reply.status, asOf))
      this.actor.fault(`order ${order.id} was ${asOf.status} and is ${reply.status}`);
    advance(order, reply.status);
    if (before === 'awaiting-payment' && reply.status === 'placed') this.#readyToShip(order, reply);
  }

  #readyToShip(order: BookedOrder, { shipments }: OrderReply): void {
    for (const shipment of shipments)
      this.#options.ledger.toShip.push({ order, shipment, status: 'reserved' });
  }

  /** Answers the orders that are not in the book; refused ones may be listed, and do not matter. */
  async #checkOrders(): Promise<string[]> {
    const found = new Map((await this.actor.client.orders()).map((reply) => [reply.id, reply]));
    for (const order of this.#orders.values()) {
      const reply = found.get(order.id);
      if (reply) this.#seen(order, reply, order);
      else this.actor.fault(`lost the order ${order.id}, acknowledged as ${order.status}`);
    }
    return [...found.values()]
      .filter(({ id, status }) => !this.#orders.has(id) && status !== 'rejected')
      .map(({ id, status }) => `${id} ${status}`);
  }

  async #checkCart(possible: readonly Map<string, number>[]): Promise<void> {
    const matches = (lines: Map<string, number>) => possible.some((one) => equal(one, lines));
    const now = async () => linesOf(await this.actor.client.cart());
    const settles = this.#cartSettles ? settleWithinMs : 0;
    const deadlineMs = Date.now() + settles;
    let lines = await now();
    while (!matches(lines) && Date.now() < deadlineMs) lines = await now();
    if (matches(lines)) this.#cartSettles = false;
    else
      this.actor.fault(
        `cart is ${this.#told(lines)}, not ${possible.map(this.#told).join(' or ')}`,
      );
  }

  #told = (lines: Map<string, number>): string => JSON.stringify([...lines].sort());

  async #addressesNow(): Promise<string[]> {
    const { addresses } = await this.actor.client.ask<{ addresses: { id: string }[] }>(
      'GET',
      '/v1/me/addresses',
    );
    return addresses.map(({ id }) => id);
  }
}

function linesOf({ lines }: CartReply): Map<string, number> {
  return new Map(lines.map(({ sku, quantity }) => [sku, quantity]));
}

function equal(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean {
  return one.size === other.size && [...one].every(([sku, units]) => other.get(sku) === units);
}
