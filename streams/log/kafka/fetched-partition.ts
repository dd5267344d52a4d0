/** One partition that a fetcher reads: what has been fetched and not yet been handed out. */
import type { Header } from '../../record.ts';
import type { ConsumedRecord, RecordBatch, TopicPartition } from '../log.ts';
import type { NativeMessage } from './native-client.ts';

export interface FetchStart extends TopicPartition {
  readonly offset: bigint;
  /** Records before `offset` that retention removed before they were read. */
  readonly lostRecords?: bigint;
}

const none: readonly Header[] = [];

export class FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  paused = false;
  /** Whether the client reads it from here. What it delivers before is of an earlier assignment. */
  inClient = false;
  #records: ConsumedRecord[] = [];
  #next = 0;
  /** Behind what was handed out. */
  #handedTo: number;
  /** Behind what was fetched: past records, markers of transactions and what compaction removed. */
  #position: number;
  #lost: bigint;

  constructor({ topic, partition, offset, lostRecords = 0n }: FetchStart) {
    this.topic = topic;
    this.partition = partition;
    this.#handedTo = Number(offset);
    this.#position = Number(offset);
    this.#lost = lostRecords;
  }

  get position(): number {
    return this.#position;
  }

  /** Whether the next record to be handed out is that of `offset`. */
  isAt(offset: bigint): boolean {
    return this.#handedTo === Number(offset) && this.#lost === 0n;
  }

  get buffered(): number {
    return this.#records.length - this.#next;
  }

  /** Whether there is something to hand out: records, or a position behind a gap. */
  get ready(): boolean {
    return !this.paused && (this.buffered > 0 || this.#position > this.#handedTo);
  }

  /** `lost`: how many of the offsets before it were removed by retention. */
  add(message: NativeMessage, lost: number): void {
    if (lost > 0) this.#lost += BigInt(lost);
    this.#records.push({
      key: message.key,
      value: message.value,
      timestampMs: message.timestamp,
      headers: message.headers === undefined ? none : headersOf(message.headers),
      offset: BigInt(message.offset),
    });
    this.#position = message.offset + 1;
  }

  /** The partition has been read up to `offset`: there is nothing between. */
  readTo(offset: number): void {
    if (offset > this.#position) this.#position = offset;
  }

  /** At most so many records and, but for a single larger one, so many bytes. */
  take(maxRecords: number, maxBytes: number, knownEnd: number): RecordBatch & { bytes: number } {
    const first = this.#next;
    let bytes = 0;
    let end = first;
    const limit = Math.min(this.#records.length, first + maxRecords);
    while (end < limit && (end === first || bytes < maxBytes)) {
      const { key, value } = this.#records[end++] as ConsumedRecord;
      bytes += (key?.length ?? 0) + (value?.length ?? 0);
    }
    const fromOffset = BigInt(this.#handedTo);
    const isAll = end === this.#records.length;
    const records = first === 0 && isAll ? this.#records : this.#records.slice(first, end);
    this.#handedTo = isAll ? this.#position : Number((records.at(-1) as ConsumedRecord).offset) + 1;
    this.#forget(isAll, end);
    const { topic, partition } = this;
    const nextOffset = BigInt(this.#handedTo);
    const endOffset = BigInt(Math.max(knownEnd, this.#position));
    const batch = { topic, partition, records, fromOffset, nextOffset, endOffset, bytes };
    if (this.#lost === 0n) return batch;
    const lostRecords = this.#lost;
    this.#lost = 0n;
    return { ...batch, lostRecords };
  }

  #forget(isAll: boolean, end: number): void {
    if (isAll) {
      this.#records = [];
      this.#next = 0;
    } else {
      this.#next = end;
    }
  }
}

/** The client gives each header as an object of its own, with the key as the property. */
function headersOf(headers: NonNullable<NativeMessage['headers']>): readonly Header[] {
  const all: Header[] = [];
  for (const header of headers) {
    for (const key in header) {
      const value = header[key] as Buffer | string;
      all.push({ key, value: typeof value === 'string' ? Buffer.from(value) : value });
    }
  }
  return all;
}
