/** One transaction in the making: gives records their offsets and gathers them into batches. */
import type { LogRecord } from '../log.ts';
import { batchKey } from './keys.ts';
import type { TableWrite } from './ordered-storage.ts';
import type { PartitionState } from './partition-state.ts';
import { BatchEncoder } from './record-batch.ts';

/** A batch is closed at this size: a reader decodes no more than it to find one record. */
const batchBytes = 256 * 1024;

export class WriteTransaction {
  readonly #writes: TableWrite[] = [];
  readonly #open = new Map<PartitionState, BatchEncoder>();
  readonly #written = new Map<PartitionState, number>();
  readonly #afterCommit: (() => void)[] = [];
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The offset that the record gets. */
  append(partition: PartitionState, record: LogRecord): number {
    let batch = this.#open.get(partition);
    if (batch === undefined) {
      batch = new BatchEncoder(partition.next);
      this.#open.set(partition, batch);
    }
    const offset = partition.next++;
    batch.add(offset, record);
    this.#sizeBytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (batch.sizeBytes >= batchBytes) this.#closeBatch(partition, batch);
    return offset;
  }

  put(write: TableWrite): void {
    this.#writes.push(write);
    this.#sizeBytes += write.key.length + (write.value?.length ?? 0);
  }

  /** Runs when the transaction is durable, before anybody is told. */
  afterCommit(action: () => void): void {
    this.#afterCommit.push(action);
  }

  finish(): readonly TableWrite[] {
    for (const [partition, batch] of this.#open) this.#closeBatch(partition, batch);
    return this.#writes;
  }

  committed(): void {
    for (const action of this.#afterCommit) action();
    for (const [partition, bytes] of this.#written) {
      partition.end = partition.next;
      partition.dirtyBytes += bytes;
      for (const listener of partition.listeners) listener();
    }
  }

  aborted(): void {
    for (const partition of this.#written.keys()) partition.next = partition.end;
  }

  #closeBatch(partition: PartitionState, batch: BatchEncoder): void {
    const value = batch.finish();
    const key = batchKey(partition.id, batch.nextOffset - 1);
    this.#writes.push({ table: 'batches', key, value });
    this.#open.delete(partition);
    this.#written.set(partition, (this.#written.get(partition) ?? 0) + value.length);
  }
}
