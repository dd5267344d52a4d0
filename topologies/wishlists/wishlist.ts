/**
 * The rules of a wishlist: at most 500 items, the newest first. Pure.
 *
 * Each change takes a new version; a command that changes nothing is accepted and takes none.
 */
import type { CommandReply } from '#schemas/replies';
import type { UserId } from '#schemas/users';
import {
  Wishlist,
  type WishlistCommand,
  type WishlistEvent,
  type WishlistLine,
} from '#schemas/wishlists';
import { avro, type Decoded } from '#streams';
import { accepted, answerBefore, CommandMemory, rejected, remember } from '../command-memory.ts';

export const maxWishes = 500;

export const WishlistEntry = avro.record('WishlistEntry', {
  wishlist: Wishlist,
  memory: CommandMemory,
});
export interface WishlistEntry extends Decoded<typeof WishlistEntry> {}

export interface Decision {
  readonly entry: WishlistEntry;
  readonly events: readonly WishlistEvent[];
  readonly reply: CommandReply;
}

export function emptyWishlist(id: UserId): WishlistEntry {
  return { wishlist: { id, lines: [], version: 0, updatedAt: 0 }, memory: [] };
}

/** `atMs`: when the command was given. */
export function decide(entry: WishlistEntry, command: WishlistCommand, atMs: number): Decision {
  const before = answerBefore(entry.memory, command.commandId);
  if (before) return { entry, events: [], reply: before };

  const { wishlist, memory } = entry;
  const events = eventsOf(wishlist, command, atMs);
  if (events === 'full') {
    const message = `the wishlist has ${maxWishes} items, the most it can hold: remove one first`;
    const refusal = { code: 'wishlist-full', message };
    const reply = rejected(command.commandId, wishlist.version, refusal);
    return { entry: { wishlist, memory: remember(memory, reply) }, events: [], reply };
  }
  const next = events.length > 0 ? changed(wishlist, events, atMs) : wishlist;
  const reply = accepted(command.commandId, next.version);
  return { entry: { wishlist: next, memory: remember(memory, reply) }, events, reply };
}

/** The lines after an event. */
function evolve(lines: readonly WishlistLine[], event: WishlistEvent): readonly WishlistLine[] {
  switch (event.type) {
    case 'WishAdded':
      return [event.line, ...lines];
    case 'WishRemoved':
      return lines.filter(({ sku }) => sku !== event.sku);
  }
}

function eventsOf(
  { lines }: Wishlist,
  command: WishlistCommand,
  atMs: number,
): readonly WishlistEvent[] | 'full' {
  const { sku } = command;
  const isWished = lines.some((line) => line.sku === sku);
  switch (command.type) {
    case 'AddWish': {
      if (isWished) return [];
      if (lines.length >= maxWishes) return 'full';
      const { itemId, title } = command;
      return [{ type: 'WishAdded', line: { sku, itemId, title, addedAt: atMs } }];
    }
    case 'RemoveWish':
      return isWished ? [{ type: 'WishRemoved', sku }] : [];
  }
}

function changed(wishlist: Wishlist, events: readonly WishlistEvent[], atMs: number): Wishlist {
  const lines = events.reduce(evolve, wishlist.lines);
  const updatedAt = Math.max(wishlist.updatedAt, atMs);
  return { ...wishlist, lines, version: wishlist.version + 1, updatedAt };
}
