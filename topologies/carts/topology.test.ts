import { readFileSync } from 'node:fs';
import { type CartCommand, type CartLine, cartCommands, cartEvents, carts } from '#schemas/carts';
import type { ItemId, Sku } from '#schemas/items';
import type { OrderId } from '#schemas/orders';
import { type CommandId, type CommandReply, commandReplies } from '#schemas/replies';
import type { UserId } from '#schemas/users';
import { input, scenario } from '#streams/testing';
import { cartsTopology } from './topology.ts';

const anna = 'anna' as UserId;
const guest = 'guest_1' as UserId;

const tea: CartLine = {
  sku: 'TEA' as Sku,
  itemId: 'TEA' as ItemId,
  title: 'Tea',
  quantity: 2,
  unitPrice: { amount: 49_900, currency: 'INR' },
  addedAt: 1_000,
};

const give = (userId: UserId, command: CartCommand, atMs = 1_000) =>
  input(cartCommands, userId, command, atMs);

const set = (userId: UserId, commandId: string, quantity: number, atMs = 1_000) => {
  const { addedAt: _, ...line } = { ...tea, quantity };
  const id = commandId as CommandId;
  return give(userId, { type: 'SetCartLine', commandId: id, ...line }, atMs);
};

const accepted = (commandId: string, version: number): CommandReply => ({
  commandId: commandId as CommandId,
  outcome: 'accepted',
  version,
  code: null,
  message: null,
  details: [],
});

test('the topology is as written down', () => {
  const written = readFileSync(new URL('./topology.txt', import.meta.url), 'utf8');
  expect(cartsTopology().describe()).toBe(written);
});

test('puts a line in, changes its quantity and answers with the version', () => {
  scenario(cartsTopology())
    .when(set(anna, 'c1', 2))
    .thenEmitsRecords(carts, [[anna, { id: anna, lines: [tea], version: 1, updatedAt: 1_000 }]])
    .thenEmits(cartEvents, [
      { type: 'CartLineSet', line: tea, quantityBefore: 0, reason: 'shopper' },
    ])
    .thenEmitsRecords(commandReplies, [[anna, accepted('c1', 1)]])
    .when(set(anna, 'c2', 5, 2_000))
    .thenEmits(carts, [
      { id: anna, lines: [{ ...tea, quantity: 5 }], version: 2, updatedAt: 2_000 },
    ])
    .thenEmits(cartEvents, [
      { type: 'CartLineSet', line: { ...tea, quantity: 5 }, quantityBefore: 2, reason: 'shopper' },
    ]);
});

test.each([0, -1, 100])('refuses a quantity of %i', (quantity) => {
  scenario(cartsTopology())
    .when(set(anna, 'c1', quantity))
    .thenEmits(carts, [])
    .thenEmits(commandReplies, [
      {
        commandId: 'c1' as CommandId,
        outcome: 'rejected',
        version: 0,
        code: 'quantity-out-of-range',
        message: `quantity is ${quantity}: give 1 to 99, or remove the line`,
        details: [],
      },
    ]);
});

test('answers a command that arrives twice with the same reply, and does nothing', () => {
  scenario(cartsTopology())
    .given(set(anna, 'c1', 2), set(anna, 'c2', 3))
    .when(set(anna, 'c1', 2))
    .thenEmits(carts, [])
    .thenEmits(cartEvents, [])
    .thenEmits(commandReplies, [accepted('c1', 1)]);
});

test('accepts a removal of what is not there, without a new version', () => {
  const remove = { type: 'RemoveCartLine', commandId: 'r' as CommandId, sku: tea.sku } as const;
  scenario(cartsTopology())
    .when(give(anna, remove))
    .thenEmits(carts, [])
    .thenEmits(cartEvents, [])
    .thenEmits(commandReplies, [accepted('r', 0)]);
});

test("takes a guest's lines in at sign-in; the guest's cart is cleared by a command of its own", () => {
  const lines = [{ ...tea, quantity: 4 }];
  scenario(cartsTopology())
    .given(set(anna, 'c1', 2), set(guest, 'c2', 4))
    .when(give(anna, { type: 'MergeCart', commandId: 'm' as CommandId, from: guest, lines }))
    .thenEmitsRecords(carts, [[anna, { id: anna, lines, version: 2, updatedAt: 1_000 }]])
    .thenEmits(cartEvents, [
      { type: 'CartLineSet', line: { ...tea, quantity: 4 }, quantityBefore: 2, reason: 'merged' },
    ])
    .when(give(guest, { type: 'ClearCart', commandId: 'x' as CommandId }))
    .thenEmitsRecords(carts, [[guest, { id: guest, lines: [], version: 2, updatedAt: 1_000 }]])
    .thenEmits(cartEvents, [
      { type: 'CartLineRemoved', sku: tea.sku, quantityBefore: 4, reason: 'cleared' },
    ]);
});

test('takes out what an order took', () => {
  const ordered = (commandId: string, quantity: number) =>
    give(anna, {
      type: 'RemoveOrdered',
      commandId: commandId as CommandId,
      orderId: 'o1' as OrderId,
      lines: [{ sku: tea.sku, quantity }],
    });
  scenario(cartsTopology())
    .given(set(anna, 'c1', 3))
    .when(ordered('o1', 2), ordered('o1', 2))
    .thenEmits(cartEvents, [
      { type: 'CartLineSet', line: { ...tea, quantity: 1 }, quantityBefore: 3, reason: 'ordered' },
    ])
    .when(ordered('o2', 2))
    .thenEmits(cartEvents, [
      { type: 'CartLineRemoved', sku: tea.sku, quantityBefore: 1, reason: 'ordered' },
    ]);
});
