/** What only a shop on servers can show: its commands beside it while it serves, and what its processes share. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import type { JourneyShop } from './journey.ts';
import { offerOf, type ShopClient } from './shop-client.ts';

const patienceMs = 180_000;
const command = join(import.meta.dirname, '../../cli/millrace.cjs');

/** The deadline of payments, long enough to be paid before and short enough to be waited for. */
export const paymentDeadlineMs = 20_000;
const endsWithinMs = 2_000;

export function onServers(journey: JourneyShop): void {
  endsWhatIsUnpaid(journey);
  isMadeAnew(journey);
  isRepaired(journey);
  isMigratedByMany(journey);
}

function endsWhatIsUnpaid({ shopper, staff }: JourneyShop): void {
  test(
    'an unpaid order is told at its deadline by what all processes share, and ends once',
    async () => {
      const { client, addressId } = await shopper('late@journey.example');
      const operator = await staff();
      await operator.offer(offerOf('LATE-1', 'Tea for who pays too late'));
      await operator.receive('LATE-1', 'pune', 3, 'late-receipt');
      await client.setLine('LATE-1', 2);
      const { body: order } = await client.order(addressId);
      expect(order.status).toBe('awaiting-payment');
      const ended = await client.until(
        () => client.orderNow(order.id),
        ({ status }) => status !== 'awaiting-payment',
        2 * paymentDeadlineMs,
      );
      const [taken, expired] = ['awaiting-payment', 'expired'].map((wanted) => {
        const entry = ended.timeline.find(({ status }) => status === wanted);
        return Date.parse(entry?.at ?? '');
      }) as [number, number];
      expect(expired - taken).toBeGreaterThanOrEqual(paymentDeadlineMs);
      expect(expired - taken).toBeLessThan(paymentDeadlineMs + endsWithinMs);

      const told = await operator.until(
        () => operator.tap<{ type: string }>('orders.commands'),
        (all) => all.some(({ key, value }) => key === order.id && value?.type === 'PaymentDue'),
      );
      expect(told.length).toBeGreaterThan(0);
      const stock = () => operator.stock('LATE-1');
      await operator.until(stock, ({ available, reserved }) => available === 3 && reserved === 0);
    },
    patienceMs,
  );
}

function isMadeAnew(journey: JourneyShop): void {
  test(
    'views are made anew while every read is answered, and then equal the log',
    async () => {
      const { client } = await journey.shopper('reader@journey.example');
      const stop = new AbortController();
      const reading = readOn(client, stop.signal);
      const made = await millrace(journey, 'rebuild', 'search', 'items', 'serviceability', 'carts');
      stop.abort();
      expect(made.match(/is made anew from \d+ records/g)).toHaveLength(4);
      const { reads, failed } = await reading;
      expect(failed).toEqual([]);
      expect(reads).toBeGreaterThan(0);
      expect(await millrace(journey, 'audit')).toContain('every view equals the log');
    },
    patienceMs,
  );
}

/** At least once, until told to stop. */
async function readOn(client: ShopClient, signal: AbortSignal) {
  const paths = ['/v1/search?q=tea&pincode=411001', '/v1/items/LATE-1', '/v1/cart'];
  const failed: string[] = [];
  let reads = 0;
  do {
    for (const path of paths) {
      const { status } = await client.send('GET', path);
      if (status !== 200) failed.push(`${path} was answered ${status}`);
      reads += 1;
    }
  } while (!signal.aborted);
  return { reads, failed };
}

function isRepaired(journey: JourneyShop): void {
  test(
    'the audit finds what somebody changed in a view behind its back, and repairs it',
    async () => {
      const database = await createConnection(journey.environment.MILLRACE_MYSQL as string);
      try {
        await database.query(
          "UPDATE warehouse_stock SET on_hand = on_hand + 7 WHERE sku = 'LATE-1' AND warehouse_id = 'pune'",
        );
      } finally {
        await database.end();
      }
      const found = await millrace(journey, 'audit', 'inventory').catch((error) => error);
      expect(found).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('different  LATE-1'),
      });
      const repaired = await millrace(journey, 'audit', 'inventory', '--repair');
      expect(repaired).toContain('every view equals the log');
      expect((await (await journey.staff()).stock('LATE-1')).onHand).toBe(3);
    },
    patienceMs,
  );
}

function isMigratedByMany(journey: JourneyShop): void {
  test(
    'several processes may migrate at once, beside the shop',
    async () => {
      const told = await Promise.all([1, 2].map(() => millrace(journey, 'migrate')));
      for (const lines of told) expect(lines).toContain('Elasticsearch is of this version');
    },
    patienceMs,
  );
}

/** What it prints. @throws what it printed too when it ends with another code than 0. */
async function millrace({ environment }: JourneyShop, ...words: string[]): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: '', ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...words], { env });
  return stdout;
}
