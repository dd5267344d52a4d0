/** What the DSL knows of a stream at one point of the graph. */
import type { Serde } from '../serde.ts';
import type { KStream } from './kstream.ts';
import type { TopologyGraph } from './topology-graph.ts';

/** Makes a stream of a state. Handed on, because streams and tables make each other. */
export type OpenStream = <K, V>(state: StreamState<K, V>) => KStream<K, V>;

export interface StreamState<K, V> {
  readonly graph: TopologyGraph;
  /** The node whose records these are. */
  readonly node: string;
  /** The source nodes whose partitions the records are still in. */
  readonly sources: readonly string[];
  /** `undefined` after a step that may have changed the type. */
  readonly key: Serde<K> | undefined;
  readonly value: Serde<V> | undefined;
  /** Whether keys may have changed since the last topic, so that partitions no longer follow them. */
  readonly rekeyed: boolean;
  readonly open: OpenStream;
}
