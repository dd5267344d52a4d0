/** The way of a shopper through the shop by HTTP. What it says holds in each profile. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Profile, type ShopServers, startShopServers } from '../servers/shop-servers.ts';
import { faultsOf, openBuyers, punePincode, rush } from './hot-item.ts';
import type { OrderReply, SearchHitReply } from './replies.ts';
import { ShopClient } from './shop-client.ts';
import { admin, ShopProcess } from './shop-process.ts';

/** A first start brings in pincodes, the network, items and stock. */
const patienceMs = 180_000;

export interface JourneyShop {
  /** Of every command of `millrace` on this shop; complete once it has started. */
  readonly environment: Readonly<Record<string, string>>;
  shopper(email: string): Promise<{ readonly client: ShopClient; readonly addressId: string }>;
  staff(): Promise<ShopClient>;
}

/** `more`: tests of this profile alone, with settings of their own. */
export function journeySuite(
  profile: Profile,
  more: (shop: JourneyShop) => void = () => {},
  settings: Readonly<Record<string, string>> = {},
): void {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-journey-'));
  const environment: Record<string, string> = {
    MILLRACE_DATA: dataDirectory,
    MILLRACE_DEMO_ITEMS: '300',
    MILLRACE_SIGN_INS_PER_MINUTE: '1000000',
    ...settings,
  };
  const shop = new ShopProcess({ dataDirectory, environment });
  let servers: ShopServers | undefined;

  beforeAll(async () => {
    servers = await startShopServers(profile);
    Object.assign(environment, servers.environment);
    await shop.start();
  }, patienceMs);

  afterAll(async () => {
    await shop.kill();
    await servers?.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }, patienceMs);

  buysAndReturns(shop);
  survivesAKill(shop);
  sharesTheLast(shop);
  more({
    environment,
    shopper: (email) => shopper(shop, email),
    staff: () => operator(shop),
  });
}

function buysAndReturns(shop: ShopProcess): void {
  test(
    'a shopper searches, orders what was promised, pays, and gets it delivered',
    async () => {
      const { client, addressId } = await shopper(shop, 'asha@journey.example');
      const staff = await operator(shop);

      const tea = await deliverableTea(client);
      expect(tea.delivery).toMatchObject({ deliverable: true, promisedBy: expect.any(String) });
      const cart = await client.setLine(tea.sku, 1);
      expect(cart.lines).toMatchObject([{ sku: tea.sku, quantity: 1 }]);
      expect(cart.total.amount).toBe(tea.price.amount);

      const answer = await client.order(addressId, { key: 'the-first-order' });
      expect(answer).toMatchObject({ status: 201, body: { status: 'awaiting-payment' } });
      const order = answer.body;
      const [shipment] = order.shipments;
      if (!shipment) throw new Error('an order without a shipment');
      // A cut-off may pass between the search and the order: then the search says the same now.
      const teaNow = await deliverableTea(client);
      expect([tea.delivery?.promisedBy, teaNow.delivery?.promisedBy]).toContain(
        shipment.promisedBy,
      );
      expect(shipment.warehouseId).toBe(tea.delivery?.from?.warehouseId);
      // What staff see of stock follows the log, a moment behind the order.
      const stockOnce = (isSo: (stock: { onHand: number; reserved: number }) => boolean) =>
        staff.until(() => staff.stock(tea.sku), isSo);
      const before = await stockOnce(({ reserved }) => reserved === 1);

      await client.pay(order.payment.id, { outcome: 'approve' });
      const placed = await inStatus(client, order.id, 'placed');
      expect(placed.payment.status).toBe('captured');
      await client.until(
        () => client.cart(),
        ({ lines }) => lines.length === 0,
      );

      for (const event of ['packed', 'shipped', 'delivered']) {
        expect(await staff.shipmentEvent(shipment.id, event)).toMatchObject({ status: event });
      }
      await stockOnce(({ onHand, reserved }) => onHand === before.onHand - 1 && reserved === 0);

      const returned = await client.ask<OrderReply>('POST', `/v1/orders/${order.id}/returns`, {
        lines: [{ sku: tea.sku, quantity: 1 }],
        reason: 'not my taste',
      });
      expect(returned.status).toBe('returned');
      // The price goes back; the delivery fee stays.
      expect((await refunded(client, order.id)).payment.status).toBe('captured');
      await stockOnce(({ onHand }) => onHand === before.onHand);

      await expectTheWholeStory(client, order);
    },
    patienceMs,
  );
}

/** Of an order that was returned. */
async function expectTheWholeStory(client: ShopClient, order: OrderReply): Promise<void> {
  const [latest] = await client.orders();
  expect(latest).toMatchObject({ id: order.id, status: 'returned', total: order.total });
  expect(latest?.timeline.map(({ status }) => status)).toEqual(
    expect.arrayContaining([
      'awaiting-payment',
      'placed',
      'packed',
      'shipped',
      'delivered',
      'returned',
    ]),
  );
  const told = await client.until(
    () => notificationsOf(client, order.id),
    (seen) => seen.length >= 3,
  );
  expect(new Set(told.map(({ kind }) => kind)).size).toBe(told.length);
}

function survivesAKill(shop: ShopProcess): void {
  test(
    'everything is still there after the process was killed and started again',
    async () => {
      const email = 'ben@journey.example';
      const { client, addressId } = await shopper(shop, email);
      const staff = await operator(shop);
      const tea = await deliverableTea(client);
      await client.setLine(tea.sku, 1);
      const { body: order } = await client.order(addressId, { key: 'before-the-kill' });
      await client.pay(order.payment.id, { outcome: 'approve' });
      await inStatus(client, order.id, 'placed');
      await client.setLine(tea.sku, 3);
      const stock = await staff.stock(tea.sku);

      await shop.kill();
      await shop.start();

      expect(await client.ask('GET', '/v1/me')).toMatchObject({ email });
      expect(await client.ask('GET', '/v1/me/addresses')).toMatchObject({
        addresses: [{ id: addressId, pincode: punePincode }],
      });
      expect((await client.cart()).lines).toMatchObject([{ sku: tea.sku, quantity: 3 }]);
      expect(await client.orders()).toMatchObject([{ id: order.id, status: 'placed' }]);
      await client.until(
        () => notificationsOf(client, order.id),
        (told) => told.length > 0,
      );
      expect(await staff.stock(tea.sku)).toEqual(stock);
      expect((await client.search({ q: 'tea', pincode: punePincode })).total).toBeGreaterThan(0);
      const again = await client.order(addressId, { key: 'before-the-kill' });
      expect(again.body.id).toBe(order.id);
      await client.removeLine(tea.sku);
    },
    patienceMs,
  );
}

function sharesTheLast(shop: ShopProcess): void {
  test(
    'of fifty buyers at once on twenty units, twenty get one and thirty are refused before payment',
    async () => {
      const people = await openBuyers(shop.url, 50, 'rush');
      const seen = await rush(await operator(shop), people, { sku: 'RUSH-1', units: 20 });
      expect(faultsOf(seen, 50, 20)).toEqual([]);
    },
    patienceMs,
  );
}

const operator = async (shop: ShopProcess) => {
  const client = new ShopClient(shop.url);
  await client.signIn(admin.email, admin.password);
  return client;
};

const shopper = async (shop: ShopProcess, email: string) => {
  const client = new ShopClient(shop.url);
  await client.signUp(email);
  return { client, addressId: await client.addAddress(punePincode) };
};

const deliverableTea = async (client: ShopClient): Promise<SearchHitReply> => {
  const { hits } = await client.search({ q: 'tea', pincode: punePincode });
  const [hit] = hits;
  if (!hit?.delivery) throw new Error('no tea can be delivered to Pune');
  return hit;
};

const inStatus = (client: ShopClient, id: string, wanted: string) =>
  client.until<OrderReply>(
    () => client.orderNow(id),
    ({ status }) => status === wanted,
  );

const refunded = (client: ShopClient, id: string) =>
  client.until<OrderReply>(
    () => client.orderNow(id),
    ({ payment }) => payment.status !== 'refunding',
  );

const notificationsOf = async (client: ShopClient, orderId: string) => {
  const { notifications } = await client.ask<{
    notifications: readonly { readonly kind: string; readonly orderId: string | null }[];
  }>('GET', '/v1/notifications');
  return notifications.filter((one) => one.orderId === orderId);
};
