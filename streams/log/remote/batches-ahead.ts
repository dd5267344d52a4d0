/**
 * Batches that came from the other thread and that nobody has taken yet. Knows which partitions are
 * paused, and which of what is under way is out of date because its partition was put elsewhere.
 */
import type { ConsumedRecord, RecordBatch, TopicPartition } from '../log.ts';
import { nameOf } from '../partition-name.ts';

/** What one taking may take; counts down. */
interface Allowance {
  records: number;
  bytes: number;
}

export interface TakeLimits {
  readonly maxRecords?: number;
  readonly maxBytes?: number;
}

export class BatchesAhead {
  #batches: RecordBatch[] = [];
  readonly #paused = new Set<string>();
  /** Read before this repositioning is out of date. */
  readonly #validFrom = new Map<string, number>();
  readonly #ends = new Map<string, bigint>();

  add(batches: readonly RecordBatch[], epoch: number): void {
    for (const batch of batches) {
      const name = nameOf(batch);
      if (epoch < (this.#validFrom.get(name) ?? 0)) continue;
      this.#ends.set(name, batch.endOffset);
      this.#batches.push(batch);
    }
  }

  /** Whether something can be taken. */
  get hasSome(): boolean {
    return this.#batches.some((batch) => !this.#paused.has(nameOf(batch)));
  }

  /** At most one batch a partition, in the order in which they came. */
  take({ maxRecords = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY }: TakeLimits) {
    const left: Allowance = { records: maxRecords, bytes: maxBytes };
    const taken = new Map<string, RecordBatch>();
    const kept: RecordBatch[] = [];
    for (const batch of this.#batches) {
      const name = nameOf(batch);
      const mayTake = !this.#paused.has(name) && !taken.has(name);
      if (!mayTake || left.records <= 0 || (left.bytes <= 0 && taken.size > 0)) {
        kept.push(batch);
        continue;
      }
      const [first, rest] = split(batch, left);
      // What came since tells more of where the partition ends.
      taken.set(name, { ...first, endOffset: this.#ends.get(name) ?? first.endOffset });
      if (rest !== undefined) kept.push(rest);
    }
    this.#batches = kept;
    return [...taken.values()];
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.add(nameOf(partition));
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#paused.delete(nameOf(partition));
  }

  /** The partition is read from somewhere else: of what was read before `epoch` nothing counts. */
  reposition(partition: TopicPartition, epoch: number): void {
    this.#validFrom.set(nameOf(partition), epoch);
    this.#drop(nameOf(partition));
  }

  /** The partition belongs to somebody else now. */
  forget(partition: TopicPartition): void {
    const name = nameOf(partition);
    this.#paused.delete(name);
    this.#validFrom.delete(name);
    this.#ends.delete(name);
    this.#drop(name);
  }

  #drop(name: string): void {
    this.#batches = this.#batches.filter((batch) => nameOf(batch) !== name);
  }
}

/** At least one record, if the batch has any. */
function split(batch: RecordBatch, left: Allowance): [RecordBatch, RecordBatch | undefined] {
  const { records } = batch;
  let count = 0;
  while (count < records.length && left.records > 0 && (left.bytes > 0 || count === 0)) {
    left.records -= 1;
    left.bytes -= sizeOf(records[count] as ConsumedRecord);
    count += 1;
  }
  if (count === records.length) return [batch, undefined];
  const { lostRecords, ...rest } = batch;
  const nextOffset = (records[count] as ConsumedRecord).offset;
  return [
    { ...batch, records: records.slice(0, count), nextOffset },
    { ...rest, records: records.slice(count) },
  ];
}

function sizeOf({ key, value }: ConsumedRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}
