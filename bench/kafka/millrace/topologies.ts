/** The programs that are not Nexmark's; peers/kafka-streams/…/Topologies.java is their twin. */
import {
  bytesSerde,
  type KStream,
  longSerde,
  type Serde,
  StreamsBuilder,
  stringSerde,
  type Topology,
  topic,
  tumblingWindows,
} from '#streams';

/** Where a program reads and writes, and what it calls for every record that it takes. */
export interface ProgramTopics {
  /** In front of the name of each input topic. */
  readonly prefix: string;
  readonly output: string;
  readonly recordHandled: () => void;
}

/** Reads an input topic under text keys; the first operator says that a record was handled. */
export function readInput<V>(
  builder: StreamsBuilder,
  { prefix, recordHandled }: ProgramTopics,
  name: string,
  value: Serde<V>,
): KStream<string, V> {
  return builder.stream(topic(prefix + name, { key: stringSerde, value })).peek(recordHandled);
}

export function outputTopic<V>({ output }: ProgramTopics, value: Serde<V>) {
  return topic(output, { key: stringSerde, value });
}

export const topologies: Readonly<Record<string, (topics: ProgramTopics) => Topology>> = {
  map(topics) {
    const builder = new StreamsBuilder();
    readInput(builder, topics, 'events', stringSerde)
      .mapValues((value) => value.toUpperCase())
      .to(outputTopic(topics, stringSerde));
    return builder.build();
  },

  count(topics) {
    const builder = new StreamsBuilder();
    readInput(builder, topics, 'events', bytesSerde)
      .groupByKey('by-key')
      .count('counts')
      .toStream()
      .to(outputTopic(topics, longSerde));
    return builder.build();
  },

  windowed(topics) {
    const builder = new StreamsBuilder();
    readInput(builder, topics, 'events', bytesSerde)
      .groupByKey('by-key')
      .windowedBy(tumblingWindows({ sizeMs: 10_000 }))
      .count('windows')
      .toStream()
      .map(({ key: { key, window }, value }) => ({ key: `${key}@${window.startMs}`, value }))
      .to(outputTopic(topics, longSerde));
    return builder.build();
  },

  join(topics) {
    const builder = new StreamsBuilder();
    const rows = topic(`${topics.prefix}customers`, { key: stringSerde, value: stringSerde });
    readInput(builder, topics, 'events', stringSerde)
      .join(builder.table(rows, 'customers'), (event, customer) => event + customer)
      .to(outputTopic(topics, stringSerde));
    return builder.build();
  },

  /** 10,000 keys become 1,000. */
  repartition(topics) {
    const builder = new StreamsBuilder();
    readInput(builder, topics, 'events', stringSerde)
      .selectKey((_, key) => `r${key.slice(2)}`)
      .groupByKey('by-suffix', { key: stringSerde, value: stringSerde })
      .count('counts')
      .toStream()
      .to(outputTopic(topics, longSerde));
    return builder.build();
  },

  /** In: 8 bytes of microseconds and padding. Out: 8 bytes of count, the microseconds last seen. */
  latency(topics) {
    const builder = new StreamsBuilder();
    readInput(builder, topics, 'latency', bytesSerde)
      .groupByKey('by-key')
      .aggregate('seen', {
        value: bytesSerde,
        initial: (): Uint8Array => Buffer.alloc(16),
        add: countAndNewest,
      })
      .toStream()
      .to(outputTopic(topics, bytesSerde));
    return builder.build();
  },

  /** Keeps every value, and writes the first 8 bytes of each. */
  big(topics) {
    const builder = new StreamsBuilder();
    readInput(builder, topics, 'big', bytesSerde)
      .toTable('big', { value: bytesSerde })
      .toStream()
      .mapValues((value) => value?.subarray(0, 8))
      .to(outputTopic(topics, bytesSerde));
    return builder.build();
  },
};

function countAndNewest(seen: Uint8Array, value: Uint8Array): Uint8Array {
  const next = Buffer.allocUnsafe(16);
  const count = longSerde.deserialize(seen.subarray(0, 8)) + 1;
  next.set(longSerde.serialize(count), 0);
  next.set(value.subarray(0, 8), 8);
  return next;
}
