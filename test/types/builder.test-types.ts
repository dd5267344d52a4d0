/** What must not compile. Run by `tsc`: an unused `@ts-expect-error` is an error. */
import {
  avro,
  type Decoded,
  joinWindows,
  keyValueStore,
  StreamsBuilder,
  sessionWindowedSerde,
  sessionWindows,
  stringSerde,
  topic,
  tumblingWindows,
  windowedSerde,
} from '#streams';
import { input, scenario, tombstone } from '#streams/testing';

const { id, int, literal, record, union } = avro;

const Sku = id('Sku');
type Sku = Decoded<typeof Sku>;
const OrderId = id('OrderId');
type OrderId = Decoded<typeof OrderId>;

const Command = union(
  record('Receive', { type: literal('Receive'), quantity: int }),
  record('Reserve', { type: literal('Reserve'), orderId: OrderId, quantity: int }),
);
const Rejected = record('Rejected', { type: literal('Rejected'), orderId: OrderId });
const Reserved = record('Reserved', { type: literal('Reserved'), orderId: OrderId });
const Event = union(Rejected, Reserved);
type Event = Decoded<typeof Event>;
type Rejected = Decoded<typeof Rejected>;

const commands = topic('commands', { key: Sku, value: Command });
const events = topic('events', { key: Sku, value: Event });
const rejections = topic('rejections', { key: Sku, value: Rejected });
const stock = keyValueStore('stock', { key: Sku, value: int });

const sku = 'TEA' as Sku;
const orderId = 'order-1' as OrderId;
const isRejection = (event: Event): event is Rejected => event.type === 'Rejected';

const builder = new StreamsBuilder();
const commandStream = builder.stream(commands);
const eventStream = builder.stream(events);

// @ts-expect-error commands are not events
commandStream.to(events);

// @ts-expect-error an event stream holds more than rejections
eventStream.to(rejections);

// A filter narrows: this compiles, and so does writing the few to the topic of the many.
eventStream.filter(isRejection).to(rejections);
eventStream.filter(isRejection).to(events);
eventStream.split().branch('rejected', isRejection, (rejected) => rejected.to(rejections));

// @ts-expect-error the key of the topic is a SKU, not an order id
eventStream.selectKey((event) => event.orderId).to(events);

// @ts-expect-error no such field
commandStream.mapValues((command) => command.amount);

commandStream.processValues('rule', {
  stores: { stock },
  process: ({ key }, stores) => {
    // @ts-expect-error the store is keyed by SKU
    stores.stock.get(orderId);
    // @ts-expect-error the store holds numbers
    stores.stock.put(key, 'many');
    // @ts-expect-error no such store was declared
    stores.orders;
    return [stores.stock.get(key) ?? 0];
  },
});

// A table's updates may be deletions; the topic takes them as tombstones.
builder.table(events, 'latest').toStream().to(events);

builder
  .table(events, 'last')
  .toStream()
  // @ts-expect-error the value of a deletion is undefined
  .mapValues((event) => event.type);

// @ts-expect-error other keys: these do not join
commandStream.join(builder.table(topic('x', { key: OrderId, value: Event }), 'x'), () => 1);

commandStream
  .groupByKey('g')
  .windowedBy(tumblingWindows({ sizeMs: 1 }))
  .count('c')
  .toStream()
  // @ts-expect-error the windows of a key are not the key
  .to(topic('counts', { key: Sku, value: int }));

const sessions = commandStream
  .groupByKey('g')
  .windowedBy(sessionWindows({ inactivityGapMs: 1 }))
  .count('s');

// The sessions of a key are written with their own serde,
sessions.toStream().to(topic('sessions', { key: sessionWindowedSerde(Sku), value: int }));

sessions
  .toStream()
  // @ts-expect-error and not as windows, which end exclusively
  .to(topic('windows', { key: windowedSerde(Sku, 1), value: int }));

commandStream
  .groupByKey('g')
  .windowedBy(sessionWindows({ inactivityGapMs: 1 }))
  // @ts-expect-error sessions become one: it must be said how
  .aggregate('a', { value: int, initial: () => 0, add: (n: number) => n + 1 });

const windows = joinWindows({ beforeMs: 1, afterMs: 1 });

// What had no match is there in a left and an outer join only.
commandStream.joinStream('j', eventStream, { windows, join: (c, e) => `${c.type} ${e.type}` });
commandStream.leftJoinStream('k', eventStream, { windows, join: (c, e) => `${c.type} ${e?.type}` });

// @ts-expect-error there may be no event
commandStream.leftJoinStream('l', eventStream, { windows, join: (_, event) => event.type });

// @ts-expect-error there may be no command
commandStream.outerJoinStream('m', eventStream, { windows, join: (command) => command.type });

// @ts-expect-error other keys: these do not join
commandStream.joinStream('n', builder.stream(topic('y', { key: OrderId, value: Event })), {
  windows,
  join: () => 1,
});

// @ts-expect-error it is not said how far apart two may be
commandStream.joinStream('o', eventStream, { join: () => 1 });

// @ts-expect-error a session has a gap
sessionWindows({ sizeMs: 1 });

// @ts-expect-error hopping windows say how far they advance
tumblingWindows({ sizeMs: 1, advanceMs: 1 });

// @ts-expect-error an order id is not a SKU
input(commands, orderId, { type: 'Receive', quantity: 1 });

// @ts-expect-error no such command
input(commands, sku, { type: 'Eat' });

// @ts-expect-error a deletion has no value; `tombstone` says it
input(commands, sku, undefined);
tombstone(commands, sku);

// @ts-expect-error these are no events
scenario(builder.build()).thenEmits(events, [{ type: 'Receive', quantity: 1 }]);

// @ts-expect-error the value serde of the state is missing
commandStream.groupByKey('g').aggregate('a', { initial: () => 0, add: (n: number) => n + 1 });

// @ts-expect-error a serde of strings is none of SKUs
keyValueStore<Sku, number>('s', { key: stringSerde, value: int });
