/** How two streams are joined. Equivalent: StreamJoined, JoinWindows. */
import type { Serde } from '../serde.ts';
import type { JoinWindows } from '../windows/join-windows.ts';

/** What a join of two streams needs beside them. A serde left out is taken from upstream. */
export interface StreamJoined<K, V, VOther> {
  readonly windows: JoinWindows;
  readonly key?: Serde<K>;
  readonly value?: Serde<NonNullable<V>>;
  readonly otherValue?: Serde<NonNullable<VOther>>;
  /**
   * Other names of the stores, for instance the numbered ones of an application that is taken over.
   *
   * @defaultValue as Kafka Streams names them after the join: `<name>-this-join-store`,
   *   `<name>-other-join-store`, and so on
   */
  readonly stores?: StreamJoinStores;
}

/** Names of the stores of a join. */
export interface StreamJoinStores {
  /** Holds the records of the left stream. */
  readonly left: string;
  readonly right: string;
  /** Of a left or outer join: holds what has no match yet. */
  readonly unmatched?: string;
}
