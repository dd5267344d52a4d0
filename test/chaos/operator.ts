/** Staff of the chaos: stock comes and is counted, parcels leave, feeds arrive, people sign up. */
import { seededRandom } from '../../cli/demo/random.ts';
import type { OrderReply } from '../journey/replies.ts';
import { HttpProblem, offerOf, ShopClient, shopperPassword } from '../journey/shop-client.ts';
import { Actor, type Tally } from './actor.ts';
import { advance, type Ledger } from './ledger.ts';

export interface OperatorOptions {
  readonly url: string;
  readonly name: string;
  readonly seed: number;
  readonly skus: readonly string[];
  readonly warehouses: readonly string[];
  readonly ledger: Ledger;
  readonly tally: Tally;
  readonly client: ShopClient;
  /** As of an actor. */
  readonly askAgainAtMost?: number;
}

interface Feed {
  readonly id: string;
  readonly records: number;
}

interface FeedReply {
  readonly status: string;
  readonly records: number;
  readonly accepted: number;
  readonly unchanged: number;
  readonly rejected: number;
}

const feedWithinMs = 20_000;
const nextEvent: Readonly<Record<string, string>> = {
  reserved: 'packed',
  packed: 'shipped',
  shipped: 'delivered',
};

export class Operator {
  readonly #options: OperatorOptions;
  readonly actor: Actor;
  #feeds: Feed[] = [];
  #newcomers: string[] = [];
  #numbers = 0;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { name, client, seed, tally, askAgainAtMost } = options;
    this.actor = new Actor({ name, client, random: seededRandom(seed), tally, askAgainAtMost });
  }

  step = async (): Promise<void> => {
    const dice = this.actor.random.next();
    if (dice < 0.4) return this.#receive();
    if (dice < 0.55) return this.#adjust();
    if (dice < 0.96) return this.#sendOff();
    if (dice < 0.98) return this.#feed();
    return this.#signUp();
  };

  /** What came in since the last check is there: every line of a feed, every account. */
  async checkAcknowledged(): Promise<void> {
    const { client } = this.actor;
    for (const { id, records } of this.#feeds) {
      const done = (feed: FeedReply) => feed.status === 'done';
      const look = () => client.ask<FeedReply>('GET', `/v1/inbound/feeds/${id}`);
      const feed = await client.until(look, done, feedWithinMs).catch(String);
      if (typeof feed === 'string') this.actor.fault(`feed ${id} does not end: ${feed}`);
      else if (feed.accepted + feed.unchanged !== records)
        this.actor.fault(`feed ${id} of ${records} lines reports ${JSON.stringify(feed)}`);
    }
    for (const email of this.#newcomers) {
      const signIn = new ShopClient(this.#options.url).signIn(email, shopperPassword);
      await signIn.catch((error: unknown) => {
        if (!(error instanceof HttpProblem)) throw error;
        this.actor.fault(`${email} has an account and cannot sign in: ${error.message}`);
      });
    }
    this.#feeds = [];
    this.#newcomers = [];
  }

  async #receive(): Promise<void> {
    const { random } = this.actor;
    const { skus, warehouses, ledger } = this.#options;
    const [sku, warehouseId] = [random.pick(skus), random.pick(warehouses)];
    const quantity = random.between(1, 8);
    await this.actor.perform({
      method: 'POST',
      path: `/v1/inventory/${sku}/receipts`,
      body: { warehouseId, quantity },
      key: this.actor.nextKey(),
      answers: ['201'],
      settle: ({ status }) => {
        if (status === 201) ledger.book(sku, warehouseId, quantity);
      },
    });
  }

  async #adjust(): Promise<void> {
    const { random } = this.actor;
    const { skus, warehouses, ledger } = this.#options;
    const [sku, warehouseId] = [random.pick(skus), random.pick(warehouses)];
    const delta = random.pick([-5, -2, -1, 1, 2]);
    await this.actor.perform({
      method: 'POST',
      path: `/v1/inventory/${sku}/adjustments`,
      body: { warehouseId, delta, reason: 'counted' },
      key: this.actor.nextKey(),
      answers: ['201', '409 stock-below-reserved'],
      settle: ({ status }) => {
        if (status === 201) ledger.book(sku, warehouseId, delta);
      },
    });
  }

  async #sendOff(): Promise<void> {
    const { toShip } = this.#options.ledger;
    const booked = toShip.shift();
    const event = booked && nextEvent[booked.status];
    if (!booked || !event) return this.#receive();
    const { order, shipment } = booked;
    await this.actor.perform({
      method: 'POST',
      path: `/v1/shipments/${shipment.id}/events`,
      body: { event },
      key: this.actor.nextKey(),
      answers: ['200', '409 impossible-transition', '409 order-archived'],
      settle: ({ status, body }) => {
        if (status !== 200) {
          if (!order.cancelAsked) this.actor.fault(`${shipment.id} cannot be ${event}`);
          return;
        }
        booked.status = event;
        advance(order, (body as OrderReply).status);
        if (event === 'shipped') this.#options.ledger.bookShipped(shipment);
        toShip.push(booked);
      },
    });
  }

  async #feed(): Promise<void> {
    const { client, random } = this.actor;
    const records = random.between(1, 40);
    this.#numbers += 1;
    const lines = Array.from({ length: records }, (_, index) =>
      JSON.stringify(offerOf(`FEED-${index}`, `Feed tea ${index} of ${this.#numbers}`)),
    );
    const headers = {
      'content-type': 'application/x-ndjson',
      authorization: `Bearer ${client.accessToken}`,
    };
    // A feed takes no key: its lines say what is, so that sending it twice changes nothing.
    const answer = await client.sendText(
      'POST',
      '/v1/inbound/feeds',
      `${lines.join('\n')}\n`,
      headers,
    );
    if (answer.status === 202)
      this.#feeds.push({ id: (JSON.parse(answer.body) as { id: string }).id, records });
    else if (answer.status !== 503)
      this.actor.fault(`a feed was answered ${answer.status}: ${answer.body}`);
  }

  async #signUp(): Promise<void> {
    const key = this.actor.nextKey();
    const email = `${key}@newcomers.example`;
    await this.actor.perform({
      method: 'POST',
      path: '/v1/users',
      body: { email, password: shopperPassword, name: 'Asha Rao' },
      key,
      answers: ['201'],
      settle: ({ status }) => {
        if (status === 201) this.#newcomers.push(email);
      },
    });
  }
}
