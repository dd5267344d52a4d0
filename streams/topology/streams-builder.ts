/** Builds a topology: the diagram, written down. */
import type { GlobalTable } from '../processor.ts';
import type { KStream, KTable, Named } from './kstream.ts';
import type { ReadableTopic, Topic } from './topic.ts';

export class StreamsBuilder {
  stream<K, V>(_topic: ReadableTopic<K, V>, _named?: Named): KStream<K, V> {
    throw new Error('being built');
  }

  /** The latest value of each key; tombstones delete. `name` names its store. */
  table<K, V>(_topic: Topic<K, V>, _name: string): KTable<K, V> {
    throw new Error('being built');
  }

  /** A table that every task holds whole, read before the first record is processed. */
  globalTable<K, V>(_topic: Topic<K, V>, _name: string): GlobalTable<K, V> {
    throw new Error('being built');
  }

  build(): Topology {
    throw new Error('being built');
  }
}

/** Plain data: nodes, stores, internal topics, sub-topologies. */
export interface Topology {
  /** As Kafka Streams' `Topology#describe` prints it. */
  describe(): string;
}
