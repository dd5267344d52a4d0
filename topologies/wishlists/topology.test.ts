import { readFileSync } from 'node:fs';
import type { ItemId, Sku } from '#schemas/items';
import { type CommandId, type CommandReply, commandReplies } from '#schemas/replies';
import type { UserId } from '#schemas/users';
import { wishlistCommands, wishlistEvents, wishlists } from '#schemas/wishlists';
import { input, scenario } from '#streams/testing';
import { wishlistsTopology } from './topology.ts';

const anna = 'anna' as UserId;

const add = (commandId: string, of: string, atMs: number) =>
  input(
    wishlistCommands,
    anna,
    {
      type: 'AddWish',
      commandId: commandId as CommandId,
      sku: of as Sku,
      itemId: of as ItemId,
      title: of,
    },
    atMs,
  );
const remove = (commandId: string, of: string, atMs: number) =>
  input(
    wishlistCommands,
    anna,
    { type: 'RemoveWish', commandId: commandId as CommandId, sku: of as Sku },
    atMs,
  );
const line = (of: string, addedAt: number) => ({
  sku: of as Sku,
  itemId: of as ItemId,
  title: of,
  addedAt,
});
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
  expect(wishlistsTopology().describe()).toBe(written);
});

test('adds on top, once, and removes', () => {
  scenario(wishlistsTopology())
    .given(add('c1', 'tea', 1_000))
    .when(add('c2', 'pot', 2_000))
    .thenEmitsRecords(wishlists, [
      [
        anna,
        { id: anna, lines: [line('pot', 2_000), line('tea', 1_000)], version: 2, updatedAt: 2_000 },
      ],
    ])
    .thenEmits(wishlistEvents, [{ type: 'WishAdded', line: line('pot', 2_000) }])
    .thenEmitsRecords(commandReplies, [[anna, accepted('c2', 2)]])
    .when(add('c3', 'pot', 3_000))
    .thenEmits(wishlists, [])
    .thenEmits(commandReplies, [accepted('c3', 2)])
    .when(remove('c4', 'tea', 4_000))
    .thenEmits(wishlists, [{ id: anna, lines: [line('pot', 2_000)], version: 3, updatedAt: 4_000 }])
    .thenEmits(wishlistEvents, [{ type: 'WishRemoved', sku: 'tea' as Sku }]);
});

test('answers a command that arrives twice with the same reply, and does nothing', () => {
  scenario(wishlistsTopology())
    .given(add('c1', 'tea', 1_000), remove('c2', 'tea', 2_000))
    .when(add('c1', 'tea', 1_000))
    .thenEmits(wishlists, [])
    .thenEmits(wishlistEvents, [])
    .thenEmits(commandReplies, [accepted('c1', 1)]);
});
