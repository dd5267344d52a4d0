/** Values for the contract suites: whole, valid, told apart by their arguments. */
import type { Cart } from '#schemas/carts';
import type { FeedReport } from '#schemas/inbound';
import type { StockLevel } from '#schemas/inventory';
import type { FeedId, Item, ItemId, Sku } from '#schemas/items';
import type { Notification } from '#schemas/notifications';
import { type Order, type OrderId, type PaymentId, paymentIdOf } from '#schemas/orders';
import type { Payment } from '#schemas/payments';
import type { Recommendation, RecommendationKey } from '#schemas/recommendations';
import type { Finding, FindingId } from '#schemas/reconciliation';
import type { Pincode, PincodeRoutes, Route } from '#schemas/serviceability';
import type { UserId } from '#schemas/users';
import type { Wishlist } from '#schemas/wishlists';

const startMs = Date.UTC(2026, 10, 23, 6);
const rupees = (amount: number) => ({ amount, currency: 'INR' });

export function sampleItem(id: string, changes: Partial<Item> = {}): Item {
  return {
    id: id as ItemId,
    sku: id as string as Sku,
    supplierId: 'supplier-1' as Item['supplierId'],
    title: `Darjeeling tea ${id}`,
    description: 'Whole leaves "first flush", 100 g ☕',
    brand: 'Hill & Leaf',
    category: 'Grocery/Tea',
    attributes: { origin: 'Darjeeling' },
    price: rupees(129_900),
    weightGrams: 120,
    cashOnDelivery: true,
    imageUrl: null,
    version: 1,
    listedAt: startMs,
    updatedAt: startMs,
    ...changes,
  };
}

export function sampleLevel(
  sku: string,
  warehouses: Readonly<Record<string, readonly [onHand: number, reserved: number]>>,
  version = 1,
): StockLevel {
  const stock = Object.entries(warehouses).map(([id, [onHand, reserved]]) => [
    id,
    { onHand, reserved, received: onHand, adjusted: 0, shipped: 0 },
  ]);
  const sorted = Object.fromEntries(stock);
  return { sku: sku as Sku, warehouses: sorted, version, updatedAt: startMs + version };
}

export function sampleCart(userId: string, version = 1): Cart {
  const line = {
    sku: 'TEA-1' as Sku,
    itemId: 'TEA-1' as ItemId,
    title: 'Tea',
    quantity: version,
    unitPrice: rupees(129_900),
    addedAt: startMs,
  };
  return { id: userId as UserId, lines: [line], version, updatedAt: startMs + version };
}

export function sampleWishlist(userId: string, version = 1): Wishlist {
  const lines = [
    { sku: 'TEA-1' as Sku, itemId: 'TEA-1' as ItemId, title: 'Tea', addedAt: startMs },
  ];
  return { id: userId as UserId, lines, version, updatedAt: startMs + version };
}

export function sampleOrder(id: string, changes: Partial<Order> = {}): Order {
  const orderId = id as OrderId;
  return {
    id: orderId,
    userId: 'user-1' as UserId,
    status: 'completed',
    lines: [],
    shipments: [],
    address: {
      id: 'address-1' as Order['address']['id'],
      name: 'Asha',
      lines: ['12 Hill Road'],
      city: 'Pune',
      pincode: '411001' as Pincode,
      phone: '9000000000',
    },
    paymentMethod: 'prepaid',
    payment: {
      id: paymentIdOf(orderId),
      status: 'captured',
      expiresAt: startMs + 900_000,
      captured: rupees(129_900),
      refunded: rupees(0),
    },
    itemsTotal: rupees(129_900),
    deliveryFee: rupees(0),
    total: rupees(129_900),
    failedLines: [],
    timeline: [{ status: 'completed', at: startMs }],
    cancelReason: null,
    version: 1,
    createdAt: startMs,
    updatedAt: startMs,
    ...changes,
  };
}

export function samplePayment(id: string, version = 1): Payment {
  return {
    id: id as PaymentId,
    orderId: `order of ${id}` as OrderId,
    userId: 'user-1' as UserId,
    status: 'awaiting',
    amount: rupees(129_900),
    expiresAt: startMs + 900_000,
    charges: [],
    declinedChargeIds: [],
    abandoned: false,
    refunds: [],
    eventIds: [],
    version,
    updatedAt: startMs + version,
  };
}

export function sampleFeedReport(id: string, version = 1): FeedReport {
  return {
    feedId: id as FeedId,
    supplierId: null,
    status: 'processing',
    records: version,
    accepted: version,
    unchanged: 0,
    rejected: 0,
    rejections: [{ line: 2, key: 'TEA-2', reasons: ['price must be above 0'] }],
    error: null,
    startedAt: startMs,
    updatedAt: startMs + version,
    version,
  };
}

export function sampleFinding(id: string, changes: Partial<Finding> = {}): Finding {
  return {
    id: id as FindingId,
    kind: 'stock_out_of_balance',
    subject: 'TEA-1',
    message: 'expected 5 units on hand and found 4',
    evidence: { expected: '5', found: '4' },
    remedy: 'count the shelf',
    foundAt: startMs,
    resolvedAt: null,
    version: 1,
    ...changes,
  };
}

export function sampleNotification(id: string, changes: Partial<Notification> = {}): Notification {
  return {
    id: id as Notification['id'],
    userId: 'user-1' as UserId,
    kind: 'order-placed',
    title: 'Order placed',
    body: 'It arrives on Wednesday',
    orderId: null,
    at: startMs,
    ...changes,
  };
}

export function sampleRecommendation(key: string, revision = 1): Recommendation {
  return {
    key: key as RecommendationKey,
    items: [{ itemId: 'TEA-1' as ItemId, score: 0.5 + revision, reason: 'bought-together' }],
    job: `similar-items/${revision}`,
    computedAt: startMs + revision,
  };
}

export function sampleRoute(changes: Partial<Route> = {}): Route {
  return {
    warehouseId: 'PUNE' as Route['warehouseId'],
    courierId: 'SWIFT' as Route['courierId'],
    transitDays: 2,
    fee: 4_900,
    feePerKg: 1_000,
    currency: 'INR',
    maxWeightGrams: 20_000,
    cashOnDelivery: true,
    deliveryDays: [1, 2, 3, 4, 5],
    ...changes,
  };
}

export function sampleRoutes(pincode: string, routes: readonly Route[]): PincodeRoutes {
  return { pincode: pincode as Pincode, routes };
}
