/**
 * Wishlists: what shoppers keep for later.
 *
 *   wishlists.commands ──▶ decide-wishlists ──┬──▶ wishlists.state
 *                             │  ▲            ├──▶ wishlists.events
 *                             ▼  │            └──▶ commands.replies
 *                        wishlist-entries
 */
import { commandReplies } from '#schemas/replies';
import { UserId } from '#schemas/users';
import { wishlistCommands, wishlistEvents, wishlists } from '#schemas/wishlists';
import { keyValueStore, StreamsBuilder, type Topology } from '#streams';
import { decide, emptyWishlist, WishlistEntry } from './wishlist.ts';

const entries = keyValueStore('wishlist-entries', { key: UserId, value: WishlistEntry });

export function wishlistsTopology(): Topology {
  const builder = new StreamsBuilder();

  const decisions = builder.stream(wishlistCommands).processValues('decide-wishlists', {
    stores: { entries },
    process: ({ key: userId, value: command, timestampMs }, { entries }) => {
      const decision = decide(entries.get(userId) ?? emptyWishlist(userId), command, timestampMs);
      entries.put(userId, decision.entry);
      return [decision];
    },
  });

  decisions
    .filter(({ events }) => events.length > 0)
    .mapValues(({ entry }) => entry.wishlist)
    .to(wishlists);
  decisions.flatMapValues(({ events }) => events).to(wishlistEvents);
  decisions.mapValues(({ reply }) => reply).to(commandReplies);

  return builder.build();
}
