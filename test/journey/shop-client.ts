/** Speaks to the shop as a shopper's or an operator's program would: plain HTTP and JSON. */

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface OrderReply {
  readonly id: string;
  readonly status: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly shipments: readonly {
    readonly id: string;
    readonly promisedBy: string;
    readonly status: string;
  }[];
  readonly total: Money;
  readonly payment: {
    readonly id: string;
    readonly status: string;
    readonly expiresAt: string | null;
  };
  readonly timeline: readonly { readonly status: string; readonly at: string }[];
}

export interface StockReply {
  readonly sku: string;
  readonly warehouses: readonly {
    readonly id: string;
    readonly onHand: number;
    readonly reserved: number;
    readonly available: number;
  }[];
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
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

export class ShopClient {
  readonly #url: string;
  #accessToken: string | undefined;

  constructor(url: string, accessToken?: string) {
    this.#url = url;
    this.#accessToken = accessToken;
  }

  async send<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<T>> {
    const answer = await fetch(this.#url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.#accessToken ? { authorization: `Bearer ${this.#accessToken}` } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      body: (text ? JSON.parse(text) : null) as T,
      headers: answer.headers,
    };
  }

  /** As `send`, but a status of 400 and above is thrown as a `HttpProblem`. */
  async ask<T>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<T> {
    const answer = await this.send<T>(method, path, body, headers);
    if (answer.status >= 400)
      throw new HttpProblem(`${method} ${path}`, answer.status, answer.body);
    return answer.body;
  }

  async signIn(email: string, password: string): Promise<void> {
    const session = await this.ask<{ accessToken: string }>('POST', '/v1/sessions', {
      email,
      password,
    });
    this.#accessToken = session.accessToken;
  }

  async signUp(email: string, name = 'Asha Rao'): Promise<string> {
    const password = 'a-long-enough-password';
    const user = await this.ask<{ id: string }>('POST', '/v1/users', { email, password, name });
    await this.signIn(email, password);
    return user.id;
  }

  async addAddress(pincode: string): Promise<string> {
    const address = await this.ask<{ id: string }>('POST', '/v1/me/addresses', {
      name: 'Asha Rao',
      lines: ['14 Lake Road'],
      city: 'Pune',
      pincode,
      phone: '+91 98765 43210',
    });
    return address.id;
  }

  setLine(sku: string, quantity: number): Promise<{ total: Money }> {
    return this.ask('PUT', `/v1/cart/lines/${sku}`, { quantity });
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

  pay(paymentId: string, body: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.ask('POST', `/sandbox/payments/${paymentId}`, body);
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
}
