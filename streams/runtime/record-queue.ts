/**
 * The records of one input partition that wait for their task, as bytes. Records that were processed
 * stay until their commit has succeeded, so that a rolled-back task finds them here again.
 *
 *   in the commit in flight │ taken since │ waiting
 *                        prepared       next
 *
 * Equivalent: RecordQueue.
 */
import type { ConsumedRecord, RecordBatch, TopicPartition } from '../log/log.ts';

export class RecordQueue {
  readonly topic: string;
  readonly partition: number;
  #records: ConsumedRecord[] = [];
  #next = 0;
  /** Records that the commit in flight covers. */
  #prepared = 0;
  /** Where the log goes on after what is here. */
  #nextOffset: bigint | undefined;
  #endOffset: bigint | undefined;
  #committedOffset: bigint | undefined;
  /** As the commit in flight says; without one the same as the committed offset. */
  #preparedOffset: bigint | undefined;

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic;
    this.partition = partition;
  }

  /** Told when the partition is assigned: where reading begins, and where the log ends now. */
  begin(nextOffset: bigint, endOffset: bigint): void {
    this.#nextOffset = nextOffset;
    this.#committedOffset = nextOffset;
    this.#preparedOffset = nextOffset;
    this.#endOffset = endOffset;
  }

  add(batch: RecordBatch): void {
    const first = batch.records[0]?.offset ?? batch.nextOffset;
    this.#committedOffset ??= first;
    this.#preparedOffset ??= first;
    for (const record of batch.records) this.#records.push(record);
    this.#nextOffset = batch.nextOffset;
    this.#endOffset = batch.endOffset;
  }

  get buffered(): number {
    return this.#records.length - this.#next;
  }

  /** Records taken since the last commit was prepared. */
  get consumed(): number {
    return this.#next - this.#prepared;
  }

  get head(): ConsumedRecord | undefined {
    return this.#records[this.#next];
  }

  /** Goes past the head. */
  take(): void {
    this.#next++;
  }

  /** Whether the log is known to hold records that have not been handed over yet. */
  get awaitsRecords(): boolean {
    const { buffered } = this;
    if (buffered > 0 || this.#nextOffset === undefined || this.#endOffset === undefined)
      return false;
    return this.#nextOffset < this.#endOffset;
  }

  /** Records between the position and the end of the log, as far as it is known; gaps count. */
  get lag(): bigint {
    const offset = this.offset;
    if (offset === undefined || this.#endOffset === undefined) return 0n;
    return this.#endOffset > offset ? this.#endOffset - offset : 0n;
  }

  /** Next offset to read if everything taken is committed; `undefined` before the first batch. */
  get offset(): bigint | undefined {
    return this.head?.offset ?? this.#nextOffset;
  }

  /** The offset to commit, or `undefined` when it has not moved since the last one was prepared. */
  get offsetToCommit(): bigint | undefined {
    const { offset } = this;
    return offset === this.#preparedOffset ? undefined : offset;
  }

  /** Everything taken so far is part of the commit that begins now. */
  prepare(): void {
    this.#prepared = this.#next;
    this.#preparedOffset = this.offset;
  }

  /** What was prepared is durable. */
  committed(): void {
    const done = this.#prepared;
    this.#records = done === this.#records.length ? [] : this.#records.slice(done);
    this.#next -= done;
    this.#prepared = 0;
    this.#committedOffset = this.#preparedOffset;
  }

  /** Back to the last commit that succeeded. */
  rollback(): void {
    this.#next = 0;
    this.#prepared = 0;
    this.#preparedOffset = this.#committedOffset;
  }
}
