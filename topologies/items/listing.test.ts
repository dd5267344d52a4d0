import fc from 'fast-check';
import {
  type FeedId,
  type ItemCommand,
  type ItemId,
  type ItemOffer,
  type Sku,
  type SupplierId,
  shopSupplierId,
} from '#schemas/items';
import type { CommandId } from '#schemas/replies';
import { type Decision, decide, type Listing, neverListed } from './listing.ts';

const itemId = 'TEA' as ItemId;

const offers: fc.Arbitrary<ItemOffer> = fc.record({
  sku: fc.constantFrom('TEA', 'TEA', 'TEA', 'OTHER') as fc.Arbitrary<Sku>,
  title: fc.constantFrom('Tea', 'Green tea', ''),
  description: fc.constant(''),
  brand: fc.constant('Acme'),
  category: fc.constant('Grocery/Tea'),
  attributes: fc.constantFrom<Record<string, string>>({}, { leaf: 'whole' }),
  price: fc.record({ amount: fc.constantFrom(1, 2), currency: fc.constant('INR') }),
  weightGrams: fc.constantFrom(0, 100, 200),
  cashOnDelivery: fc.boolean(),
  imageUrl: fc.constant(null),
});

const givenBy = {
  commandId: fc.integer({ min: 1, max: 30 }).map((n) => `c${n}` as CommandId),
  supplierId: fc.constantFrom('acme', 'acme', 'globex', shopSupplierId) as fc.Arbitrary<SupplierId>,
};
const source = fc.option(fc.record({ feedId: fc.constant('f' as FeedId), line: fc.nat(9) }));
const unchanged = fc.constant(null);
const commands: fc.Arbitrary<ItemCommand> = fc.oneof(
  fc.record({ type: fc.constant('OfferItem' as const), ...givenBy, source, offer: offers }),
  fc.record({
    type: fc.constant('PatchItem' as const),
    ...givenBy,
    expectedVersion: fc.option(fc.integer({ min: 1, max: 4 })),
    title: fc.option(fc.constantFrom('Tea', 'Black tea', '')),
    description: unchanged,
    brand: unchanged,
    category: unchanged,
    attributes: unchanged,
    price: unchanged,
    weightGrams: fc.option(fc.constantFrom(100, -1)),
    cashOnDelivery: fc.option(fc.boolean()),
    imageUrl: unchanged,
  }),
  fc.record({ type: fc.constant('DelistItem' as const), ...givenBy }),
);

/** Every decision on the commands, one after the other. */
function decideAll(given: readonly ItemCommand[]): (Decision & { readonly before: Listing })[] {
  const decisions: (Decision & { readonly before: Listing })[] = [];
  let listing = neverListed;
  for (const [index, command] of given.entries()) {
    const circumstances = { itemId, atMs: 1_000 + index, currency: 'INR' };
    const decision = decide(listing, command, circumstances);
    decisions.push({ ...decision, before: listing });
    listing = decision.listing;
  }
  return decisions;
}

const versionOf = ({ item }: Listing) => item?.version ?? 0;

test('each change takes the next version, and nothing else takes one', () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 40 }), (given) => {
      for (const { before, listing, change } of decideAll(given)) {
        expect(versionOf(listing)).toBe(versionOf(before) + (change ? 1 : 0));
        if (change?.item) expect(change.item).toEqual(listing.item);
        if (change) expect(listing.isListed).toBe(change.item !== undefined);
        else expect({ ...listing, memory: [] }).toEqual({ ...before, memory: [] });
      }
    }),
  );
});

test('a command has one outcome: changed, unchanged, delisted or rejected', () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 40 }), (given) => {
      for (const [index, { before, events, change, listing }] of decideAll(given).entries()) {
        const isRepeated = before.memory.some((r) => r.commandId === given[index]?.commandId);
        expect(events).toHaveLength(isRepeated ? 0 : 1);
        const [event] = events;
        const isChange =
          event !== undefined && event.type !== 'ItemRejected' && event.type !== 'ItemUnchanged';
        expect(change !== undefined).toBe(isChange);
        const outcome = event?.type === 'ItemRejected' ? 'rejected' : 'accepted';
        if (!isRepeated) expect(listing.memory.at(-1)?.outcome).toBe(outcome);
      }
    }),
  );
});

test('whoever repeats any of the last commands changes nothing and hears the same', () => {
  fc.assert(
    fc.property(fc.array(commands, { minLength: 1, maxLength: 15 }), fc.nat(), (given, pick) => {
      const decisions = decideAll(given);
      const command = given[pick % given.length] as ItemCommand;
      const first = given.findIndex(({ commandId }) => commandId === command.commandId);
      const repeated = decide(decisions.at(-1)?.listing ?? neverListed, command, {
        itemId,
        atMs: 99_999,
        currency: 'INR',
      });
      expect(repeated.events).toEqual([]);
      expect(repeated.change).toBeUndefined();
      expect(repeated.listing).toBe(decisions.at(-1)?.listing);
      const isFeedLine = command.type === 'OfferItem' && command.source !== null;
      expect(repeated.reply).toEqual(
        isFeedLine ? undefined : decisions[first]?.listing.memory.at(-1),
      );
    }),
  );
});

test('an item stays with the supplier who listed it first', () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 40 }), (given) => {
      for (const [index, { before, change }] of decideAll(given).entries()) {
        const supplierId = given[index]?.supplierId;
        if (!change || !before.item) continue;
        expect([before.item.supplierId, shopSupplierId]).toContain(supplierId);
        if (change.item) expect(change.item.supplierId).toBe(before.item.supplierId);
      }
    }),
  );
});

test('remembers no more than sixteen commands', () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 60 }), (given) => {
      for (const { listing } of decideAll(given)) {
        expect(listing.memory.length).toBeLessThanOrEqual(16);
      }
    }),
  );
});
