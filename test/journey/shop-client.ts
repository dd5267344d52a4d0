/** Speaks to the shop as a shopper's or an operator's program would: plain HTTP and JSON. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type {
  CartReply,
  ItemReply,
  Money,
  OrderReply,
  SearchReply,
  SessionReply,
  StockReply,
} from './replies.ts';

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: IncomingHttpHeaders;
}

export class HttpProblem extends Error {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: unknown;

  constructor(request: string, status: number, body: unknown) {
    super(`${request} answered ${status}: ${JSON.stringify(body)}`);
    this.status = status;
    this.code = (body as { code?: string } | null)?.code;
    this.body = body;
  }
}

/** No answer came: whether the request took effect is not known. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** Requests in the order they are made, each on a connection that is free. */
const connections = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
/** Longer than any write waits for its decision and its view. */
const answerWithinMs = 30_000;

type Headers = Readonly<Record<string, string>>;

export class ShopClient {
  readonly #url: URL;
  #accessToken: string | undefined;
  #refreshToken: string | undefined;

  constructor(url: string, accessToken?: string) {
    this.#url = new URL(url);
    this.#accessToken = accessToken;
  }

  get accessToken(): string | undefined {
    return this.#accessToken;
  }

  /** @throws NoAnswer when the connection broke before the answer was complete. */
  async send<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Headers = {},
  ): Promise<Answer<T>> {
    const sent = body === undefined ? {} : { 'content-type': 'application/json' };
    const caller = this.#accessToken ? { authorization: `Bearer ${this.#accessToken}` } : {};
    const answer = await this.sendText(
      method,
      path,
      body === undefined ? undefined : JSON.stringify(body),
      { ...sent, ...caller, ...headers },
    );
    return { ...answer, body: (answer.body ? JSON.parse(answer.body) : null) as T };
  }

  /** As `send`, but body and answer are text, and no header is added. */
  sendText(
    method: string,
    path: string,
    body: string | undefined,
    headers: Headers,
  ): Promise<Answer<string>> {
    const { hostname, port } = this.#url;
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) =>
        reject(new NoAnswer(`${method} ${path}: ${cause.message}`, { cause }));
      const asked = request(
        {
          hostname,
          port,
          method,
          path,
          headers: { ...headers, ...length },
          agent: connections,
          timeout: answerWithinMs,
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', fail);
          answer.on('end', () => {
            if (!answer.complete) return fail(new Error('the answer broke off'));
            const text = Buffer.concat(chunks).toString();
            resolve({ status: answer.statusCode ?? 0, body: text, headers: answer.headers });
          });
        },
      );
      asked.on('timeout', () => asked.destroy(new Error(`no answer in ${answerWithinMs} ms`)));
      asked.on('error', fail);
      asked.end(body);
    });
  }

  /** As `send`, but a status of 400 and above is thrown as a `HttpProblem`. */
  async ask<T>(method: string, path: string, body?: unknown, headers?: Headers): Promise<T> {
    const answer = await this.send<T>(method, path, body, headers);
    if (answer.status >= 400)
      throw new HttpProblem(`${method} ${path}`, answer.status, answer.body);
    return answer.body;
  }

  async signIn(email: string, password: string): Promise<void> {
    this.#take(await this.ask<SessionReply>('POST', '/v1/sessions', { email, password }));
  }

  /** A new access token without the password, as a client does when the old one ends. */
  async renew(): Promise<void> {
    const body = { refreshToken: this.#refreshToken };
    this.#take(await this.ask<SessionReply>('POST', '/v1/sessions/refresh', body));
  }

  async signUp(email: string, name = 'Asha Rao'): Promise<string> {
    const password = shopperPassword;
    const user = await this.ask<{ id: string }>('POST', '/v1/users', { email, password, name });
    await this.signIn(email, password);
    return user.id;
  }

  async addAddress(pincode: string): Promise<string> {
    const address = await this.ask<{ id: string }>('POST', '/v1/me/addresses', addressAt(pincode));
    return address.id;
  }

  cart(): Promise<CartReply> {
    return this.ask('GET', '/v1/cart');
  }

  setLine(sku: string, quantity: number): Promise<CartReply> {
    return this.ask('PUT', `/v1/cart/lines/${sku}`, { quantity });
  }

  removeLine(sku: string): Promise<CartReply> {
    return this.ask('DELETE', `/v1/cart/lines/${sku}`);
  }

  order(
    addressId: string,
    options: { readonly key?: string; readonly paymentMethod?: string } = {},
  ): Promise<Answer<OrderReply>> {
    const { key, paymentMethod = 'prepaid' } = options;
    return this.send(
      'POST',
      '/v1/orders',
      { addressId, paymentMethod },
      key ? { 'idempotency-key': key } : {},
    );
  }

  orderNow(id: string): Promise<OrderReply> {
    return this.ask('GET', `/v1/orders/${id}`);
  }

  /** Every order of the caller, newest first, over all pages. */
  async orders(): Promise<OrderReply[]> {
    const all: OrderReply[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { orders: OrderReply[]; nextCursor: string | null } = await this.ask(
        'GET',
        `/v1/orders?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      );
      all.push(...page.orders);
      cursor = page.nextCursor;
    }
    return all;
  }

  pay(paymentId: string, body: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.ask('POST', `/sandbox/payments/${paymentId}`, body);
  }

  search(query: Readonly<Record<string, string>>): Promise<SearchReply> {
    return this.ask('GET', `/v1/search?${new URLSearchParams(query)}`);
  }

  offer(offer: Readonly<Record<string, unknown>>): Promise<ItemReply> {
    return this.ask('POST', '/v1/items', offer);
  }

  stock(sku: string): Promise<StockReply> {
    return this.ask('GET', `/v1/inventory/${sku}`);
  }

  receive(sku: string, warehouseId: string, quantity: number, key: string): Promise<StockReply> {
    return this.ask(
      'POST',
      `/v1/inventory/${sku}/receipts`,
      { warehouseId, quantity },
      { 'idempotency-key': key },
    );
  }

  shipmentEvent(shipmentId: string, event: string): Promise<OrderReply> {
    return this.ask('POST', `/v1/shipments/${shipmentId}/events`, { event });
  }

  /** Every record of a topic up to now, oldest first. For analysts. */
  async tap<V>(topic: string): Promise<{ key: string; value: V | null }[]> {
    const path = `/v1/taps/${topic}?from=earliest&to=now&format=ndjson`;
    const answer = await this.sendText('GET', path, undefined, {
      authorization: `Bearer ${this.#accessToken}`,
    });
    if (answer.status !== 200) throw new HttpProblem(`GET ${path}`, answer.status, answer.body);
    return answer.body
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { key: string; value: V | null });
  }

  /** Looks until `done` says so. For effects that happen by themselves: a webhook, a deadline. */
  async until<T>(
    look: () => Promise<T>,
    done: (seen: T) => boolean,
    withinMs = 15_000,
  ): Promise<T> {
    const deadlineMs = Date.now() + withinMs;
    for (;;) {
      const seen = await look();
      if (done(seen)) return seen;
      if (Date.now() > deadlineMs) throw new Error(`still ${JSON.stringify(seen)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #take(session: SessionReply): void {
    this.#accessToken = session.accessToken;
    this.#refreshToken = session.refreshToken;
  }
}

export const shopperPassword = 'a-long-enough-password';

export function addressAt(pincode: string) {
  return {
    name: 'Asha Rao',
    lines: ['14 Lake Road'],
    city: 'Pune',
    pincode,
    phone: '+91 98765 43210',
  };
}

/** A plausible offer of the item with this SKU, light enough for every courier. */
export function offerOf(sku: string, title: string, rupees = 499) {
  const price: Money = { amount: rupees * 100, currency: 'INR' };
  return {
    sku,
    title,
    description: 'Light and grassy, with a clean finish.',
    brand: 'Two Rivers',
    category: 'Grocery/Tea/Green tea',
    attributes: { pack: '100 g' },
    price,
    weightGrams: 120,
    cashOnDelivery: true,
  };
}
