/** A scenario of Kafka Streams, written with our DSL. */
import type { Topology } from '#streams';

export interface Golden {
  /** False where our DSL writes the same records with other nodes. */
  readonly sameShape: boolean;
  readonly build: () => Topology;
  /** Our names for nodes that Kafka Streams named by number, where ours take the store's name. */
  readonly names: Readonly<Record<string, string>>;
}
