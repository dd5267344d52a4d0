/** One keyed record as it moves through a topology. */

/** A header of a record; `null` and empty are different values, as in Kafka. */
export interface Header {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface StreamRecord<K, V> {
  readonly key: K;
  readonly value: V;
  /** Event time, milliseconds since the Unix epoch. */
  readonly timestampMs: number;
  /** Absent means none. Travels with the record through every operator that forwards it. */
  readonly headers?: readonly Header[] | undefined;
}

/** Where a record was read from. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}
