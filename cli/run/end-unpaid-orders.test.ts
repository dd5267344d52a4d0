import type { PaymentId } from '#schemas/orders';
import { orderCommands } from '#schemas/orders';
import type { DueListener } from '../../connectors/redis/payment-deadlines.ts';
import type { TopicEntry } from '../../serving/topic-writer.ts';
import { endUnpaidOrders } from './end-unpaid-orders.ts';

const paymentId = 'pay_order-1' as PaymentId;

function open(nowMs = 10_000) {
  const sent: [string, TopicEntry<unknown, unknown>][] = [];
  const clock = { ms: nowMs };
  let due: DueListener = async () => {};
  let stopped = false;
  const stop = endUnpaidOrders({
    deadlines: {
      onDue: (listener) => {
        due = listener;
        return async () => {
          stopped = true;
        };
      },
    },
    writer: {
      append: async (topic, entries) => {
        for (const entry of entries) sent.push([topic.name, entry]);
      },
    },
    clock: { nowMs: () => clock.ms },
  });
  return {
    sent,
    clock,
    stop,
    due: (atMs: number) => due(paymentId, atMs),
    isStopped: () => stopped,
  };
}

test('tells the order of a payment that is due', async () => {
  const shop = open(10_000);
  await shop.due(9_000);
  const value = { type: 'PaymentDue', commandId: 'pay_order-1-due-10000' };
  expect(shop.sent).toEqual([[orderCommands.name, { key: 'order-1', value }]]);
  await shop.stop();
  expect(shop.isStopped()).toBe(true);
});

test('waits for a clock that is a little behind, and is told again when it is far behind', async () => {
  const shop = open(10_000);
  await shop.due(10_002);
  expect(shop.sent).toHaveLength(1);
  await expect(shop.due(16_000)).rejects.toThrow('pay_order-1 is due only in 6000 ms');
  expect(shop.sent).toHaveLength(1);
});
