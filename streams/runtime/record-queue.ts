/**
 * The records of one input partition that wait for their task, as bytes. Records that were processed
 * stay until their commit has succeeded, so that a rolled-back task finds them here again.
 *
 * Equivalent: RecordQueue.
 */
import type { ConsumedRecord, RecordBatch, TopicPartition } from '../log/log.ts';

export class RecordQueue {
  readonly topic: string;
  readonly partition: number;
  #records: ConsumedRecord[] = [];
  #next = 0;
  /** Where the log goes on after what is here. */
  #nextOffset: bigint | undefined;
  #endOffset: bigint | undefined;
  #committedOffset: bigint | undefined;

  constructor({ topic, partition }: TopicPartition) {
    this.topic = topic;
    this.partition = partition;
  }

  /** Told when the partition is assigned: where reading begins, and where the log ends now. */
  begin(nextOffset: bigint, endOffset: bigint): void {
    this.#nextOffset = nextOffset;
    this.#committedOffset = nextOffset;
    this.#endOffset = endOffset;
  }

  add(batch: RecordBatch): void {
    this.#committedOffset ??= batch.records[0]?.offset ?? batch.nextOffset;
    for (const record of batch.records) this.#records.push(record);
    this.#nextOffset = batch.nextOffset;
    this.#endOffset = batch.endOffset;
  }

  get buffered(): number {
    return this.#records.length - this.#next;
  }

  /** Records taken since the last commit. */
  get consumed(): number {
    return this.#next;
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

  /** The offset to commit, or `undefined` when it has not moved since the last commit. */
  get offsetToCommit(): bigint | undefined {
    const { offset } = this;
    return offset === this.#committedOffset ? undefined : offset;
  }

  committed(): void {
    this.#records = this.#next === this.#records.length ? [] : this.#records.slice(this.#next);
    this.#next = 0;
    this.#committedOffset = this.offset;
  }

  rollback(): void {
    this.#next = 0;
  }
}
