/**
 * Carts: what shoppers and guests mean to buy.
 *
 *   carts.commands ──▶ decide-carts ──┬──▶ carts.state
 *                         │  ▲        ├──▶ carts.events
 *                         ▼  │        └──▶ commands.replies
 *                      cart-entries
 */
import { cartCommands, cartEvents, carts } from '#schemas/carts';
import { commandReplies } from '#schemas/replies';
import { UserId } from '#schemas/users';
import { keyValueStore, StreamsBuilder, type Topology } from '#streams';
import { CartEntry, decide, emptyCart } from './cart.ts';

const entries = keyValueStore('cart-entries', { key: UserId, value: CartEntry });

export function cartsTopology(): Topology {
  const builder = new StreamsBuilder();

  const decisions = builder.stream(cartCommands).processValues('decide-carts', {
    stores: { entries },
    process: ({ key: userId, value: command, timestampMs }, { entries }) => {
      const decision = decide(entries.get(userId) ?? emptyCart(userId), command, timestampMs);
      entries.put(userId, decision.entry);
      return [decision];
    },
  });

  decisions
    .filter(({ events }) => events.length > 0)
    .mapValues(({ entry }) => entry.cart)
    .to(carts);
  decisions.flatMapValues(({ events }) => events).to(cartEvents);
  decisions.mapValues(({ reply }) => reply).to(commandReplies);

  return builder.build();
}
