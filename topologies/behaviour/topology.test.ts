import { readFileSync } from 'node:fs';
import {
  type BehaviourEvent,
  behaviourEvents,
  type ItemTrend,
  itemTrends,
  type MinuteCount,
  minuteCounts,
} from '#schemas/behaviour';
import { cartEvents } from '#schemas/carts';
import type { ItemId, Sku } from '#schemas/items';
import { type OrderEvent, type OrderId, orderEvents } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { wishlistEvents } from '#schemas/wishlists';
import { input, scenario, TopologyTestDriver } from '#streams/testing';
import { behaviourTopology } from './topology.ts';

const anna = 'anna' as UserId;
const tea = 'TEA' as Sku;
const teaItem = 'TEA' as ItemId;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const did = (event: BehaviourEvent, atMs: number) => input(behaviourEvents, anna, event, atMs);
const viewed = (atMs: number) => did({ type: 'ItemViewed', itemId: teaItem }, atMs);

const placed: OrderEvent = {
  orderId: 'o1' as OrderId,
  userId: anna,
  status: 'placed',
  before: 'awaiting_payment',
  total: { amount: 129_900, currency: 'INR' },
  skus: [tea],
  at: 1_000,
  version: 3,
};

const minute = (measure: string, start: number, count: number, amount = 0): MinuteCount => ({
  measure,
  minute: start,
  count,
  amount,
});
const trend = (hour: number, of: Partial<ItemTrend>): ItemTrend => ({
  itemId: teaItem,
  hour,
  views: 0,
  carts: 0,
  orders: 0,
  ...of,
});

test('the topology is as written down', () => {
  const written = readFileSync(new URL('./topology.txt', import.meta.url), 'utf8');
  expect(behaviourTopology().describe()).toBe(written);
});

test('counts each measure by minute of event time', () => {
  scenario(behaviourTopology())
    .when(viewed(1_000), viewed(59_999), viewed(60_000))
    .thenEmitsRecords(minuteCounts, [
      ['views@0', minute('views', 0, 1)],
      ['views@0', minute('views', 0, 2)],
      ['views@60000', minute('views', 60_000, 1)],
    ]);
});

test('counts what comes late by up to ten minutes in its own minute, and then no more', () => {
  scenario(behaviourTopology())
    .given(viewed(1_000), viewed(11 * minuteMs - 1))
    .when(viewed(2_000))
    .thenEmitsRecords(minuteCounts, [['views@0', minute('views', 0, 2)]])
    .given(viewed(11 * minuteMs))
    .when(viewed(3_000))
    .thenEmits(minuteCounts, []);
});

test('gathers what people do with carts, wishlists and orders, by user', () => {
  const line = {
    sku: tea,
    itemId: teaItem,
    title: 'Tea',
    quantity: 2,
    unitPrice: { amount: 100, currency: 'INR' },
    addedAt: 1_000,
  };
  const { quantity: _, unitPrice: __, ...wish } = line;
  scenario(behaviourTopology())
    .when(
      input(
        cartEvents,
        anna,
        { type: 'CartLineSet', line, quantityBefore: 0, reason: 'shopper' },
        1_000,
      ),
      input(wishlistEvents, anna, { type: 'WishAdded', line: wish }, 1_000),
      input(orderEvents, placed.orderId, placed, 1_000),
    )
    .thenEmitsRecords(behaviourEvents, [
      [anna, { type: 'AddedToCart', sku: tea, quantity: 2 }],
      [anna, { type: 'AddedToWishlist', sku: tea }],
      [anna, { type: 'Ordered', orderId: placed.orderId, skus: [tea], total: placed.total }],
    ])
    .thenEmitsRecords(minuteCounts, [
      ['cart-adds@0', minute('cart-adds', 0, 1)],
      ['wishlist-adds@0', minute('wishlist-adds', 0, 1)],
      ['orders@0', minute('orders', 0, 1)],
      ['revenue@0', minute('revenue', 0, 1, 129_900)],
    ])
    .thenEmitsRecords(itemTrends, [
      ['TEA@0', trend(0, { carts: 1 })],
      ['TEA@0', trend(0, { carts: 1, orders: 1 })],
    ]);
});

test('counts how orders end, with what they were worth', () => {
  const cancelled: OrderEvent = { ...placed, status: 'cancelled', before: 'placed' };
  scenario(behaviourTopology())
    .when(input(orderEvents, placed.orderId, cancelled, 1_000))
    .thenEmits(behaviourEvents, [])
    .thenEmits(minuteCounts, [minute('orders-cancelled', 0, 1, 129_900)]);
});

test('follows the activity around an item by hour', () => {
  scenario(behaviourTopology())
    .when(viewed(1_000), viewed(hourMs - 1), viewed(hourMs))
    .thenEmitsRecords(itemTrends, [
      ['TEA@0', trend(0, { views: 1 })],
      ['TEA@0', trend(0, { views: 2 })],
      [`TEA@${hourMs}`, trend(hourMs, { views: 1 })],
    ]);
});

test('counts the same whatever the number of partitions', () => {
  const counts = (partitions: number) => {
    const driver = new TopologyTestDriver(behaviourTopology(), { partitions });
    for (let n = 0; n < 40; n += 1) {
      const event: BehaviourEvent = { type: 'ItemViewed', itemId: `item-${n % 3}` as ItemId };
      driver.input(behaviourEvents).pipe(`user-${n}` as UserId, event, { timestampMs: n * 5_000 });
    }
    const last = new Map<string, number>();
    for (const { key, value } of driver.output(minuteCounts).records()) {
      last.set(key, value?.count ?? 0);
    }
    return [...last].sort();
  };
  expect(counts(4)).toEqual(counts(1));
  expect(counts(4)).toHaveLength(4);
});
