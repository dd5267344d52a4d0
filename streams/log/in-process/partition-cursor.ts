/** Reads one partition forwards, from wherever it is put: inside a batch, in a gap, at the end. */
import type { ConsumedRecord } from '../log.ts';
import { batchRange } from './keys.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import type { PartitionState } from './partition-state.ts';
import { BatchDecoder } from './record-batch.ts';

export interface ReadLimit {
  records: number;
  bytes: number;
}

/** What a record costs beside its bytes, so that empty records count too. */
const recordOverheadBytes = 32;

export class PartitionCursor {
  readonly partition: PartitionState;
  readonly #storage: OrderedStorage;
  readonly #where: string;
  #position: number;
  /** The batch that the last read stopped in, so that the next one does not start it again. */
  #open: BatchDecoder | undefined;

  constructor(storage: OrderedStorage, partition: PartitionState, position: number) {
    this.#storage = storage;
    this.partition = partition;
    this.#where = `${partition.topic}-${partition.partition}`;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  get atEnd(): boolean {
    return this.#position >= this.partition.end;
  }

  seek(position: number): void {
    this.#position = position;
    this.#open = undefined;
  }

  /** Offsets that retention removed before they were read. The next read goes on behind them. */
  get lost(): number {
    return Math.max(0, this.partition.beginning - this.#position);
  }

  /** Takes from `limit` what it reads. At least one record if there is one, whatever its size. */
  read(limit: ReadLimit): ConsumedRecord[] {
    const records: ConsumedRecord[] = [];
    this.#position = Math.max(this.#position, this.partition.beginning);
    if (this.#open !== undefined && !this.#drain(this.#open, records, limit)) return records;
    if (this.atEnd) return records;

    const { id, end } = this.partition;
    for (const [, stored] of this.#storage.range('batches', batchRange(id, this.#position, end))) {
      const batch = new BatchDecoder(stored, this.#where);
      if (!this.#drain(batch, records, limit)) return records;
    }
    this.#position = end; // What is left before the end was compacted away.
    return records;
  }

  /** Whether the batch was read to its end. */
  #drain(batch: BatchDecoder, records: ConsumedRecord[], limit: ReadLimit): boolean {
    this.#open = batch;
    while (limit.records > 0 && (limit.bytes > 0 || records.length === 0)) {
      const record = batch.next(this.#position);
      if (record === undefined) {
        this.#position = Math.max(this.#position, batch.header.nextOffset);
        this.#open = undefined;
        return true;
      }
      records.push(record);
      this.#position = Number(record.offset) + 1;
      limit.records -= 1;
      limit.bytes -= sizeOf(record);
    }
    if (batch.done) {
      this.#position = Math.max(this.#position, batch.header.nextOffset);
      this.#open = undefined;
    }
    return false;
  }
}

function sizeOf({ key, value }: ConsumedRecord): number {
  return recordOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0);
}
