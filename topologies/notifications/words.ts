/** What a shopper is told of an order, in words. Pure. */
import type { Money } from '#schemas/money';
import type { Notification, NotificationId } from '#schemas/notifications';
import type { OrderEvent, OrderId, OrderStatus } from '#schemas/orders';

interface Words {
  readonly title: string;
  readonly body: string;
}

/** `undefined` when the status is of no interest: the shopper is looking, or nothing happened. */
export function notificationOf(event: OrderEvent): Notification | undefined {
  const words = wordsFor(event);
  if (words === undefined) return undefined;
  const { orderId, userId, status, at } = event;
  return {
    id: notificationIdOf(orderId, status),
    userId,
    kind: `order-${status.replaceAll('_', '-')}`,
    ...words,
    orderId,
    at,
  };
}

/** One for each status of an order, however often the event is told. */
function notificationIdOf(orderId: OrderId, status: OrderStatus): NotificationId {
  return `${orderId}:${status}` as NotificationId;
}

function wordsFor({ status, total, skus }: OrderEvent): Words | undefined {
  const sum = formatMoney(total);
  const things = skus.length === 1 ? 'your item' : `your ${skus.length} items`;
  switch (status) {
    case 'placed':
      return {
        title: 'Thank you for your order',
        body: `We are getting ${things} ready, ${sum} in all. We tell you when they are on their way.`,
      };
    case 'partly_shipped':
      return {
        title: 'Part of your order is on its way',
        body: 'Your order comes in several parcels. The first has left our warehouse.',
      };
    case 'shipped':
      return {
        title: 'Your order is on its way',
        body: `The courier has ${things}. The delivery day is on the page of your order.`,
      };
    case 'partly_delivered':
      return {
        title: 'A parcel has arrived',
        body: 'Part of your order was delivered. The rest is still on its way.',
      };
    case 'delivered':
      return {
        title: 'Your order has arrived',
        body: `The courier delivered ${things}. We hope that you like what you bought.`,
      };
    case 'cancelled':
      return {
        title: 'Your order was cancelled',
        body: `Nothing more will be sent. What you have paid of ${sum} goes back the way it came.`,
      };
    case 'expired':
      return {
        title: 'Your order has ended unpaid',
        body: `The payment of ${sum} did not come in time, so we put ${things} back on the shelf.`,
      };
    case 'partly_returned':
      return {
        title: 'We have part of your return',
        body: 'The refund for what you sent back goes the way the payment came.',
      };
    case 'returned':
      return {
        title: 'We have your return',
        body: 'Everything came back. The refund goes the way the payment came.',
      };
    case 'reserving':
    case 'awaiting_payment':
    case 'packed':
    case 'completed':
    case 'rejected':
      return undefined;
  }
}

const formats = new Map<string, Intl.NumberFormat>();

/** `₹1,29,900.00`: as people in India write it. */
export function formatMoney({ amount, currency }: Money): string {
  const known = formats.get(currency);
  const format = known ?? new Intl.NumberFormat('en-IN', { style: 'currency', currency });
  if (!known) formats.set(currency, format);
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}
