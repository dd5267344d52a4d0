/** Builds a topology: the diagram, written down. */
import type { GlobalTable } from '../processor.ts';
import type { Serde } from '../serde.ts';
import { buildTopology } from './build-topology.ts';
import { DslStream } from './dsl-stream.ts';
import { sourceTable } from './dsl-table.ts';
import type { Caching, KStream, KTable, Named } from './kstream.ts';
import type { OpenStream } from './stream-state.ts';
import type { ReadableTopic, Topic } from './topic.ts';
import type { Topology } from './topology.ts';
import { TopologyGraph, topicUse } from './topology-graph.ts';

export class StreamsBuilder {
  readonly #graph = new TopologyGraph();

  /**
   * The records of a topic. One without a value (a tombstone) has the value `undefined`, and one
   * without a key the key `undefined`, whatever their types say, as `null` in Kafka Streams.
   */
  stream<K, V>(topic: ReadableTopic<K, V>, named?: Named): KStream<K, V> {
    const name = this.#graph.name('KSTREAM-SOURCE-', named?.name);
    this.#graph.source(name, topicUse(topic), topic.key, topic.value);
    return new DslStream<K, V>({
      graph: this.#graph,
      node: name,
      sources: [name],
      key: asSerde(topic.key),
      value: asSerde(topic.value),
      rekeyed: false,
      open: openStream,
    });
  }

  /** The latest value of each key; tombstones delete. `name` names its store. */
  table<K, V>(topic: Topic<K, V>, name: string, options?: Caching): KTable<K, V> {
    const { caching } = options ?? {};
    return sourceTable({ graph: this.#graph, topic, name, caching, openStream });
  }

  /** A table that every task holds whole, read before the first record is processed. */
  globalTable<K, V>(topic: Topic<K, V>, name: string): GlobalTable<K, V> {
    const sourceName = this.#graph.name('KSTREAM-SOURCE-', `${name}-source`);
    this.#graph.name('KTABLE-SOURCE-', name);
    const key = topic.key as Serde<unknown>;
    const value = topic.value as Serde<unknown>;
    this.#graph.globalTable({ name, sourceName, topic: topicUse(topic), key, value });
    return { kind: 'global-table', name };
  }

  /**
   * Checks the whole topology and numbers its parts.
   *
   * @throws StreamsError `STREAMS_TOPOLOGY_INVALID` with every fault in its message.
   */
  build(): Topology {
    return buildTopology(this.#graph);
  }
}

const openStream: OpenStream = (state) => new DslStream(state);

/** What reads a topic is mostly a whole serde; then groupings and tables need not be told again. */
function asSerde<T>(reads: {
  readonly deserialize: (bytes: Uint8Array) => T;
}): Serde<T> | undefined {
  return 'serialize' in reads ? (reads as Serde<T>) : undefined;
}

export type { Topology } from './topology.ts';
