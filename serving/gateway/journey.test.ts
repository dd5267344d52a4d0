/** A shopper's whole way through the services, on fakes. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { signWebhook } from '#views/webhook-signature';
import {
  anAddress,
  bengaluru,
  stockItem,
  type TestShop,
  tea,
  testShop,
} from '../testing/test-shop.ts';

let shop: TestShop;
beforeEach(async () => {
  shop = await testShop();
});
afterEach(() => shop.app.close());

test('a shopper signs up, searches, fills a cart, orders and pays', async () => {
  stockItem(shop, tea, 5);
  const anna = { email: 'Anna@Example.org', password: 'correct horse' };

  const signedUp = await shop.call({
    method: 'POST',
    url: '/v1/users',
    payload: { ...anna, name: 'Anna' },
  });
  expect(signedUp.statusCode).toBe(201);
  expect(signedUp.json()).toMatchObject({ email: 'anna@example.org', roles: ['shopper'] });

  const session = await shop.call({ method: 'POST', url: '/v1/sessions', payload: anna });
  expect(session.statusCode).toBe(201);
  const headers = { authorization: `Bearer ${session.json().accessToken}` };

  const address = await shop.call({
    method: 'POST',
    url: '/v1/me/addresses',
    headers,
    payload: anAddress,
  });
  expect(address.statusCode).toBe(201);

  const found = await shop.call({ url: `/v1/search?q=tea&pincode=${bengaluru}` });
  expect(found.json()).toMatchObject({
    total: 1,
    hits: [
      {
        sku: tea,
        delivery: { deliverable: true, promisedDate: '2026-11-24', fee: { amount: 4_900 } },
      },
    ],
  });

  const line = {
    method: 'PUT',
    url: `/v1/cart/lines/${tea}`,
    headers,
    payload: { quantity: 2 },
  } as const;
  const cart = await shop.call(line);
  expect(cart.json()).toMatchObject({ total: { amount: 49_800 }, notices: [] });

  const payload = { addressId: address.json().id, paymentMethod: 'prepaid' };
  const order = await shop.call({ method: 'POST', url: '/v1/orders', headers, payload });
  expect(order.statusCode).toBe(201);
  expect(order.json()).toMatchObject({ status: 'awaiting-payment', total: { amount: 49_800 } });

  const pay = { outcome: 'approve', repeat: 2 };
  const url = `/sandbox/payments/${order.json().payment.id}`;
  const paid = await shop.call({ method: 'POST', url, payload: pay });
  expect(paid.statusCode).toBe(202);
  expect(shop.wishes).toEqual([{ outcome: 'approve', repeat: 2, delayMs: 0, reorder: false }]);

  const seen = await shop.call({ url: `/v1/orders/${order.json().id}`, headers });
  expect(seen.json()).toEqual(order.json());
});

test('a signed webhook becomes a durable command, once however often it is sent', async () => {
  const event = {
    id: 'evt_1',
    kind: 'captured',
    paymentId: 'pay_of_nobody',
    chargeId: 'ch_1',
    amount: { amount: 100, currency: 'INR' },
    at: '2026-11-23T04:30:00Z',
  };
  const body = JSON.stringify(event);
  const headers = {
    'content-type': 'application/json',
    'millrace-signature': signWebhook({ body, secret: 'webhook secret', nowMs: shop.clock.ms }),
  };
  const send = {
    method: 'POST',
    url: '/v1/payments/webhooks/sandbox',
    headers,
    payload: body,
  } as const;

  for (let time = 0; time < 2; time += 1) expect((await shop.call(send)).statusCode).toBe(200);

  expect(shop.bus.sent).toHaveLength(2);
  expect(shop.bus.sent[0]).toMatchObject({ topic: 'payments.commands', key: 'pay_of_nobody' });
  expect(shop.bus.sent[0]).toEqual(shop.bus.sent[1]);
});
