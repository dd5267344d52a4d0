import fc from 'fast-check';
import type { CartCommand, CartLine } from '#schemas/carts';
import type { ItemId, Sku } from '#schemas/items';
import type { OrderId } from '#schemas/orders';
import type { CommandId } from '#schemas/replies';
import type { UserId } from '#schemas/users';
import { type CartEntry, type Decision, decide, emptyCart, evolve, maxLines } from './cart.ts';

const anna = 'anna' as UserId;
const guest = 'guest_1' as UserId;

const sku = fc.integer({ min: 1, max: 6 }).map((n) => `sku-${n}` as Sku);
const quantity = fc.integer({ min: -1, max: 101 });
const price = fc.constantFrom(100, 200).map((amount) => ({ amount, currency: 'INR' }));
const commandId = fc.integer({ min: 1, max: 40 }).map((n) => `c${n}` as CommandId);
const itemId = fc.constant('item' as ItemId);
const title = fc.constantFrom('Tea', 'Green tea');
const guestLine = fc.record({
  sku,
  itemId,
  title,
  quantity: fc.integer({ min: 1, max: 120 }),
  unitPrice: price,
  addedAt: fc.nat(100),
});

const commands: fc.Arbitrary<CartCommand> = fc.oneof(
  fc.record({
    type: fc.constant('SetCartLine' as const),
    commandId,
    sku,
    itemId,
    title,
    quantity,
    unitPrice: price,
  }),
  fc.record({ type: fc.constant('RemoveCartLine' as const), commandId, sku }),
  fc.record({
    type: fc.constant('MergeCart' as const),
    commandId,
    from: fc.constantFrom(guest, anna),
    lines: fc.array(guestLine, { maxLength: 5 }),
  }),
  fc.record({ type: fc.constant('ClearCart' as const), commandId }),
  fc.record({
    type: fc.constant('RemoveOrdered' as const),
    commandId,
    orderId: fc.constant('order' as OrderId),
    lines: fc.array(fc.record({ sku, quantity: fc.integer({ min: 0, max: 120 }) })),
  }),
);

function decideAll(given: readonly CartCommand[]): (Decision & { readonly before: CartEntry })[] {
  const decisions: (Decision & { readonly before: CartEntry })[] = [];
  let entry = emptyCart(anna);
  for (const [index, command] of given.entries()) {
    const decision = decide(entry, command, 1_000 + index);
    decisions.push({ ...decision, before: entry });
    entry = decision.entry;
  }
  return decisions;
}

const many = fc.array(commands, { maxLength: 40 });
const quantities = (lines: readonly CartLine[]) =>
  Object.fromEntries(lines.map((line) => [line.sku, line.quantity]));

test('a cart has each SKU once, with 1 to 99 units, whatever the commands', () => {
  fc.assert(
    fc.property(many, (given) => {
      for (const { entry } of decideAll(given)) {
        const { lines } = entry.cart;
        expect(new Set(lines.map((line) => line.sku)).size).toBe(lines.length);
        for (const line of lines) {
          expect(line.quantity).toBeGreaterThanOrEqual(1);
          expect(line.quantity).toBeLessThanOrEqual(99);
        }
      }
    }),
  );
});

test('the lines are what the events make of them, and a version is one change', () => {
  fc.assert(
    fc.property(many, (given) => {
      for (const { before, entry, events, reply } of decideAll(given)) {
        expect(entry.cart.lines).toEqual(events.reduce(evolve, before.cart.lines));
        expect(entry.cart.version).toBe(before.cart.version + (events.length > 0 ? 1 : 0));
        if (reply.outcome === 'rejected') expect(events).toEqual([]);
      }
    }),
  );
});

test('events say how many there were before', () => {
  fc.assert(
    fc.property(many, (given) => {
      for (const { before, events } of decideAll(given)) {
        let lines = before.cart.lines;
        for (const event of events) {
          const changed = event.type === 'CartLineSet' ? event.line.sku : event.sku;
          expect(event.quantityBefore).toBe(quantities(lines)[changed] ?? 0);
          lines = evolve(lines, event);
        }
      }
    }),
  );
});

test('a command that arrives again is answered as before and changes nothing', () => {
  fc.assert(
    fc.property(fc.array(commands, { minLength: 1, maxLength: 15 }), fc.nat(), (given, pick) => {
      const decisions = decideAll(given);
      const command = given[pick % given.length] as CartCommand;
      const first = given.findIndex((other) => other.commandId === command.commandId);
      const entry = decisions.at(-1)?.entry ?? emptyCart(anna);
      const repeated = decide(entry, command, 9_999);
      expect(repeated).toEqual({ entry, events: [], reply: decisions[first]?.reply });
    }),
  );
});

test('of two carts merged, the larger quantity of each SKU wins', () => {
  fc.assert(
    fc.property(many, fc.array(guestLine, { maxLength: 8 }), (given, lines) => {
      const entry = decideAll(given).at(-1)?.entry ?? emptyCart(anna);
      const merge = { type: 'MergeCart', commandId: 'm' as CommandId, from: guest, lines } as const;
      const merged = decide(entry, merge, 2_000).entry.cart;

      const expected: Record<string, number> = quantities(entry.cart.lines);
      for (const line of lines) {
        const most = Math.max(expected[line.sku] ?? 0, line.quantity);
        expected[line.sku] = Math.min(99, most);
      }
      expect(quantities(merged.lines)).toEqual(expected);
    }),
  );
});

test('an order takes out what was ordered, and leaves what was added since', () => {
  fc.assert(
    fc.property(many, fc.dictionary(sku, fc.integer({ min: 1, max: 99 })), (given, ordered) => {
      const entry = decideAll(given).at(-1)?.entry ?? emptyCart(anna);
      const command = {
        type: 'RemoveOrdered',
        commandId: 'r' as CommandId,
        orderId: 'order' as OrderId,
        lines: Object.entries(ordered).map(([of, quantity]) => ({ sku: of as Sku, quantity })),
      } as const;
      const left = quantities(decide(entry, command, 2_000).entry.cart.lines);
      for (const line of entry.cart.lines) {
        const expected = Math.max(0, line.quantity - (ordered[line.sku] ?? 0));
        expect(left[line.sku] ?? 0).toBe(expected);
      }
    }),
  );
});

describe('a full cart', () => {
  const line = (n: number): CartLine => ({
    sku: `full-${n}` as Sku,
    itemId: 'item' as ItemId,
    title: 'Tea',
    quantity: 1,
    unitPrice: { amount: 100, currency: 'INR' },
    addedAt: 1,
  });
  const lines = Array.from({ length: maxLines }, (_, n) => line(n));
  const full: CartEntry = { cart: { id: anna, lines, version: 1, updatedAt: 1 }, memory: [] };
  const set = (n: number, units: number) => {
    const { addedAt: _, ...of } = { ...line(n), quantity: units };
    return decide(full, { type: 'SetCartLine', commandId: 's' as CommandId, ...of }, 2_000);
  };

  test('takes no new line, and says why', () => {
    expect(set(maxLines, 1).reply).toMatchObject({ outcome: 'rejected', code: 'cart-full' });
    expect(set(maxLines, 1).events).toEqual([]);
  });

  test('takes another quantity of a line that it has', () => {
    expect(set(5, 9).reply.outcome).toBe('accepted');
    expect(set(5, 9).entry.cart.lines[5]).toEqual({ ...line(5), quantity: 9 });
  });

  test('names the lines of a guest that found no room', () => {
    const merge = {
      type: 'MergeCart',
      commandId: 'm' as CommandId,
      from: guest,
      lines: [{ ...line(5), quantity: 9 }, line(maxLines)],
    } as const;
    const { entry, reply } = decide(full, merge, 2_000);
    expect(entry.cart.lines).toHaveLength(maxLines);
    expect(entry.cart.lines[5]?.quantity).toBe(9);
    expect(reply.details).toEqual([{ sku: `full-${maxLines}`, code: 'cart-full' }]);
  });
});
