/** An order leaves for the history once, whole, and late commands do not bring it back. */
import type { OrderCommand, OrderId } from '#schemas/orders';
import type { CommandId } from '#schemas/replies';
import { anna, mumbai, placing, SimulatedShop, tea } from './simulated-shop.ts';

const first = 'order-1' as OrderId;
const placed = placing({ [tea]: 1 });
const cancel: OrderCommand = {
  type: 'CancelOrder',
  commandId: 'cancel' as CommandId,
  by: anna,
  reason: '',
};
const confirm = (version: number, commandId = `confirm-${version}`): OrderCommand => ({
  type: 'ConfirmArchived',
  commandId: commandId as CommandId,
  version,
});

function shopAfter(...commands: OrderCommand[]): SimulatedShop {
  const shop = new SimulatedShop();
  shop.receive(tea, mumbai, 5);
  for (const command of commands) {
    shop.command(first, command);
    shop.settle();
  }
  return shop;
}

test('a final order that the history has as it is leaves a marker only', () => {
  const shop = shopAfter(placed, cancel, confirm(3));
  expect(shop.orders.get(first)).toEqual({
    entry: undefined,
    archived: { version: 3, archivedAt: shop.nowMs },
  });
  expect(shop.replies.at(-1)).toMatchObject({ outcome: 'accepted', version: 3 });
});

test('an order that changed since stays, and says which version it has', () => {
  const shop = shopAfter(placed, cancel, confirm(2));
  expect(shop.replies.at(-1)).toMatchObject({
    code: 'order-changed',
    message: 'the history has version 2, the order is at 3: archive it again',
  });
  expect(shop.orders.get(first)?.entry?.order.status).toBe('cancelled');
});

test('an order that has not ended stays', () => {
  const shop = shopAfter(placed, confirm(2));
  expect(shop.replies.at(-1)).toMatchObject({ code: 'order-not-final' });
});

test('late commands on an archived order are refused, and none starts it anew', () => {
  const shop = shopAfter(placed, cancel, confirm(3), placed, cancel);
  expect(shop.replies.slice(-2)).toMatchObject([
    { commandId: placed.commandId, code: 'order-archived' },
    { commandId: 'cancel', code: 'order-archived' },
  ]);
  expect(shop.orders.get(first)?.entry).toBeUndefined();
});

test('a repeated confirmation is accepted again', () => {
  const shop = shopAfter(placed, cancel, confirm(3), confirm(3, 'confirm-again'));
  expect(shop.replies.at(-1)).toMatchObject({ outcome: 'accepted', version: 3 });
});
