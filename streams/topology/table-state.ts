/** What the DSL knows of a table at one point of the graph. */
import type { TableView } from '../operators/table-view.ts';
import type { Serde } from '../serde.ts';
import type { OpenStream } from './stream-state.ts';
import type { TopologyGraph } from './topology-graph.ts';

export interface TableState<K, V> {
  readonly graph: TopologyGraph;
  /** The node whose changes these are. */
  readonly node: string;
  /** The source nodes whose partitions the rows are in. */
  readonly sources: readonly string[];
  readonly key: Serde<K> | undefined;
  readonly value: Serde<V> | undefined;
  readonly view: TableView<K, V>;
  /** Makes this table and all above it send old values. */
  readonly sendOldValues: () => void;
  readonly openStream: OpenStream;
}
