/** The topics of a test driver: who has read what of them, and which offset comes next. */
import type { ConsumedRecord, ProducedRecord, RecordBatch } from '../log/log.ts';
import { partitionFor } from '../log/partitioner.ts';

/** A record as bytes, with its place. */
export interface WrittenRecord extends ConsumedRecord {
  readonly partition: number;
}

export class DriverTopics {
  readonly #partitions: number;
  readonly #unread = new Map<string, WrittenRecord[]>();
  readonly #nextOffsets = new Map<string, bigint>();

  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /** Gives a record its partition and offset. Without a key it goes to partition 0. */
  place(record: ProducedRecord): WrittenRecord {
    const { topic, key, value, timestampMs, headers } = record;
    const hashed = key === null ? 0 : partitionFor(key, this.#partitions);
    const partition = record.partition ?? hashed;
    const place = `${topic}-${partition}`;
    const offset = this.#nextOffsets.get(place) ?? 0n;
    this.#nextOffsets.set(place, offset + 1n);
    return { key, value, timestampMs, headers, partition, offset };
  }

  /** Keeps a record for the test to read. */
  keep(topic: string, record: WrittenRecord): void {
    const records = this.#unread.get(topic) ?? [];
    this.#unread.set(topic, records);
    records.push(record);
  }

  /** Everything kept since the last reading. */
  read(topic: string): WrittenRecord[] {
    const records = this.#unread.get(topic) ?? [];
    this.#unread.delete(topic);
    return records;
  }

  /** Topics that hold records nobody has read. */
  get unread(): string[] {
    return [...this.#unread.keys()].sort();
  }
}

/** A batch of one record, after which the partition ends. */
export function batchOf(topic: string, record: WrittenRecord): RecordBatch {
  const nextOffset = record.offset + 1n;
  const { partition } = record;
  return { topic, partition, records: [record], nextOffset, endOffset: nextOffset };
}
