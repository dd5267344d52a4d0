/** How values become bytes, and bytes values. Properties, not methods, so that types are checked strictly. */
import type { SchemaRegistry } from './avro/registry.ts';

export interface Serializer<T> {
  readonly serialize: (value: T) => Uint8Array;
  /**
   * Of a key: the part of its bytes that decides the partition; absent, all of them. So the windows
   * of a key stay in the key's partition. Equivalent: WindowedStreamPartitioner.
   */
  readonly partitionedBy?: (bytes: Uint8Array) => Uint8Array;
  /**
   * Whether every value that can come here can be written. Then a store writes it once, at the
   * commit, instead of at every `put` to find out whether it can be written at all.
   */
  readonly neverFails?: boolean;
}

export interface Deserializer<T> {
  readonly deserialize: (bytes: Uint8Array) => T;
}

/** Where a serde is used: one side of one topic (a store counts as its changelog topic). */
export interface SerdeUse {
  readonly topic: string;
  readonly part: 'key' | 'value';
  readonly registry: SchemaRegistry;
}

export interface Serde<T> extends Serializer<T>, Deserializer<T> {
  /**
   * The serde for one topic. A serde that knows a schema registers it and answers with one that
   * writes Confluent's wire format; a serde without `forTopic` is used as it is.
   *
   * Equivalent: Serde#configure(configs, isKey).
   */
  readonly forTopic?: (use: SerdeUse) => Promise<Serde<T>>;

  /** As a key, where that differs and needs no registry: strings are plain UTF-8. */
  readonly asKey?: Serde<T>;
}
