import fc from 'fast-check';
import type { ItemId, Sku } from '#schemas/items';
import type { CommandId } from '#schemas/replies';
import type { UserId } from '#schemas/users';
import type { WishlistCommand } from '#schemas/wishlists';
import { decide, emptyWishlist, maxWishes } from './wishlist.ts';

const anna = 'anna' as UserId;

const commands: fc.Arbitrary<WishlistCommand> = fc
  .record({
    isAdded: fc.boolean(),
    commandId: fc.integer({ min: 1, max: 400 }).map((n) => `c${n}` as CommandId),
    sku: fc.integer({ min: 1, max: 6 }).map((n) => `sku-${n}` as Sku),
  })
  .map(({ isAdded, commandId, sku }) =>
    isAdded
      ? { type: 'AddWish', commandId, sku, itemId: sku as string as ItemId, title: 'Tea' }
      : { type: 'RemoveWish', commandId, sku },
  );

test('holds what was added and not removed, newest first, each item once', () => {
  const distinct = fc.uniqueArray(commands, { maxLength: 40, selector: (c) => c.commandId });
  fc.assert(
    fc.property(distinct, (given) => {
      let entry = emptyWishlist(anna);
      let expected: Sku[] = [];
      for (const command of given) {
        const before = entry.wishlist.version;
        const { events, entry: next } = decide(entry, command, 1_000);
        entry = next;
        const isThere = expected.includes(command.sku);
        if (command.type === 'RemoveWish') expected = expected.filter((of) => of !== command.sku);
        else if (!isThere) expected = [command.sku, ...expected];

        expect(entry.wishlist.lines.map(({ sku }) => sku)).toEqual(expected);
        expect(entry.wishlist.version).toBe(before + events.length);
      }
    }),
  );
});

test('a command that arrives again is answered as before and changes nothing', () => {
  fc.assert(
    fc.property(fc.array(commands, { minLength: 1, maxLength: 15 }), fc.nat(), (given, pick) => {
      let entry = emptyWishlist(anna);
      const replies = new Map<CommandId, unknown>();
      for (const command of given) {
        const decision = decide(entry, command, 1_000);
        entry = decision.entry;
        if (!replies.has(command.commandId)) replies.set(command.commandId, decision.reply);
      }
      const command = given[pick % given.length] as WishlistCommand;
      const reply = replies.get(command.commandId);
      expect(decide(entry, command, 2_000)).toEqual({ entry, events: [], reply });
    }),
  );
});

test('refuses more than it can hold, and says so', () => {
  let entry = emptyWishlist(anna);
  const add = (n: number) =>
    decide(
      entry,
      {
        type: 'AddWish',
        commandId: `c${n}` as CommandId,
        sku: `sku-${n}` as Sku,
        itemId: `sku-${n}` as ItemId,
        title: 'Tea',
      },
      1_000,
    );
  for (let n = 0; n < maxWishes; n += 1) entry = add(n).entry;
  const refused = add(maxWishes);
  expect(refused.events).toEqual([]);
  expect(refused.reply).toMatchObject({
    outcome: 'rejected',
    code: 'wishlist-full',
    message: 'the wishlist has 500 items, the most it can hold: remove one first',
    version: maxWishes,
  });
});
