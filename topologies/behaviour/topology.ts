/**
 * Behaviour: what people do in the shop, gathered in one topic and counted live.
 *
 *   carts.events, wishlists.events, orders.events ──▶ behaviour.events ◀── services
 *                                                          │
 *                 ┌────────────────────────────────────────┤
 *                 ▼                                        ▼
 *   by measure and minute ──▶ behaviour.minute-counts    by item and hour ──▶ behaviour.item-trends
 *                 ▲
 *   orders.events (how orders end)
 */
import { behaviourEvents, itemTrends, minuteCounts } from '#schemas/behaviour';
import { cartEvents } from '#schemas/carts';
import { ItemId } from '#schemas/items';
import { orderEvents } from '#schemas/orders';
import { wishlistEvents } from '#schemas/wishlists';
import { avro, type KStream, StreamsBuilder, type Topology, tumblingWindows } from '#streams';
import { fromCart, fromOrder, fromWishlist } from './derived-events.ts';
import {
  activityOf,
  addActivity,
  addMeasured,
  ItemActivity,
  ItemTally,
  Measured,
  measuresOf,
  measuresOfOrder,
  noItemTally,
  noTally,
  Tally,
} from './measures.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** How late an event may come: a service that was cut off sends what it kept. */
const graceMs = 10 * minuteMs;

const minutes = tumblingWindows({ sizeMs: minuteMs, graceMs });
const hours = tumblingWindows({ sizeMs: hourMs, graceMs });

export function behaviourTopology(): Topology {
  const builder = new StreamsBuilder();
  const orders = builder.stream(orderEvents);

  builder.stream(cartEvents).flatMapValues(fromCart).to(behaviourEvents);
  builder.stream(wishlistEvents).flatMapValues(fromWishlist).to(behaviourEvents);
  orders
    .flatMap(({ value }) => fromOrder(value).map((event) => ({ key: value.userId, value: event })))
    .to(behaviourEvents);

  const events = builder.stream(behaviourEvents);
  countByMinute(
    events
      .flatMap(({ value }) => byMeasure(measuresOf(value)))
      .merge(orders.flatMap(({ value }) => byMeasure(measuresOfOrder(value)))),
  );

  events
    .flatMap(({ value }) => activityOf(value))
    .groupByKey('item-activity', { key: ItemId, value: ItemActivity })
    .windowedBy(hours)
    .aggregate('item-trends', { value: ItemTally, initial: () => noItemTally, add: addActivity })
    .toStream()
    .flatMap(({ key: { key: itemId, window }, value }) =>
      value === undefined
        ? []
        : [
            {
              key: `${itemId}@${window.startMs}`,
              value: { itemId, hour: window.startMs, ...value },
            },
          ],
    )
    .to(itemTrends);

  return builder.build();
}

function countByMinute(measured: KStream<string, Measured>): void {
  measured
    .groupByKey('measured', { key: avro.string, value: Measured })
    .windowedBy(minutes)
    .aggregate('minute-counts', { value: Tally, initial: () => noTally, add: addMeasured })
    .toStream()
    .flatMap(({ key: { key: measure, window }, value }) =>
      value === undefined
        ? []
        : [
            {
              key: `${measure}@${window.startMs}`,
              value: { measure, minute: window.startMs, ...value },
            },
          ],
    )
    .to(minuteCounts);
}

function byMeasure(measured: readonly Measured[]) {
  return measured.map((value) => ({ key: value.measure, value }));
}
