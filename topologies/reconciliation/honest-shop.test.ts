/** A shop whose rules are right leaves nothing to find, whatever happened in it. */
import fc from 'fast-check';
import { paymentIdOf } from '#schemas/orders';
import { orderIds, Story, stepsOfAStory } from '../orders/simulated-story.ts';
import {
  noteOrderFact,
  nothingOfOrder,
  type OrderFact,
  orderDifferences,
} from './order-differences.ts';
import { noteStockFact, nothingOfStock, stockDifferences } from './stock-differences.ts';

function storyOf(seed: number): Story {
  const story = new Story(seed);
  for (let step = 0; step < stepsOfAStory; step += 1) story.step();
  story.finish();
  return story;
}

test('orders, reservations and payments agree in the end', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { shop } = storyOf(seed);
      for (const orderId of orderIds) {
        const payment = shop.payments.get(paymentIdOf(orderId));
        const facts: OrderFact[] = [
          ...shop.outcomes
            .filter((outcome) => outcome.orderId === orderId)
            .map((outcome): OrderFact => ({ of: 'reservation', outcome })),
          { of: 'order', order: shop.orders.get(orderId)?.entry?.order },
          ...(payment ? [{ of: 'payment' as const, payment }] : []),
        ];
        expect(orderDifferences(facts.reduce(noteOrderFact, nothingOfOrder))).toEqual([]);
      }
    }),
  );
});

test('the events of each SKU add up to its level', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { shop } = storyOf(seed);
      for (const [sku, level] of shop.levels) {
        const facts = shop.stockEvents
          .filter((each) => each.sku === sku)
          .reduce((sums, { event }) => noteStockFact(sums, { of: 'event', event }), nothingOfStock);
        expect(stockDifferences({ ...facts, level })).toEqual([]);
      }
    }),
  );
});
