/**
 * Records on their way from thread to thread: all bytes of a message in one buffer that is handed
 * over, not copied, and beside it the little that there is once a batch or once a topic.
 */
import type { ConsumedRecord, LogCommit, ProducedRecord, RecordBatch, StateWrite } from '../log.ts';
import { PackedReader, PackedWriter, sizes } from './packed-bytes.ts';

/** What a message hands over to the thread that gets it. */
export interface Packed {
  readonly bytes: ArrayBuffer;
}

export interface PackedBatches extends Packed {
  readonly batches: readonly (Omit<RecordBatch, 'records'> & { readonly records: number })[];
}

export function packBatches(batches: readonly RecordBatch[]): PackedBatches {
  let size = 0;
  for (const { records } of batches) {
    for (const record of records) size += consumedSize(record);
  }
  const writer = new PackedWriter(size);
  for (const { records } of batches) {
    for (const { offset, timestampMs, key, value, headers } of records) {
      writer.int64(offset);
      writer.number(timestampMs);
      writer.bytes(key);
      writer.bytes(value);
      writer.headers(headers);
    }
  }
  const heads = batches.map((batch) => ({ ...batch, records: batch.records.length }));
  return { batches: heads, bytes: writer.finish() };
}

function consumedSize({ key, value, headers }: ConsumedRecord): number {
  return 2 * sizes.number + sizes.bytes(key) + sizes.bytes(value) + sizes.headers(headers);
}

export function unpackBatches({ batches, bytes }: PackedBatches): RecordBatch[] {
  const reader = new PackedReader(bytes);
  return batches.map((head) => {
    const records: ConsumedRecord[] = [];
    for (let left = head.records; left > 0; left--) {
      const offset = reader.int64();
      const timestampMs = reader.number();
      const key = reader.bytes();
      const value = reader.bytes();
      records.push({ key, value, timestampMs, headers: reader.headers(), offset });
    }
    return { ...head, records };
  });
}

/** The strings that a message names often, each sent once. */
class Names {
  readonly list: string[] = [];
  readonly #index = new Map<string, number>();
  #last: string | undefined;
  #lastIndex = 0;

  /** One name mostly follows itself. */
  indexOf(name: string): number {
    if (name === this.#last) return this.#lastIndex;
    let index = this.#index.get(name);
    if (index === undefined) {
      index = this.list.push(name) - 1;
      this.#index.set(name, index);
    }
    this.#last = name;
    this.#lastIndex = index;
    return index;
  }
}

/** Stands for "the log chooses the partition": any number may be asked for, and be refused. */
const anyPartition = Number.NaN;

function producedSize({ key, value, headers }: ProducedRecord): number {
  const fixed = sizes.int32 + 2 * sizes.number;
  return fixed + sizes.bytes(key) + sizes.bytes(value) + sizes.headers(headers);
}

function writeProduced(writer: PackedWriter, names: Names, record: ProducedRecord): void {
  writer.int32(names.indexOf(record.topic));
  writer.number(record.partition ?? anyPartition);
  writer.number(record.timestampMs);
  writer.bytes(record.key);
  writer.bytes(record.value);
  writer.headers(record.headers);
}

function readProduced(reader: PackedReader, names: readonly string[]): ProducedRecord {
  const topic = names[reader.int32()] as string;
  const wish = reader.number();
  const partition = Number.isNaN(wish) ? undefined : wish;
  const timestampMs = reader.number();
  const key = reader.bytes();
  const value = reader.bytes();
  return { topic, partition, key, value, timestampMs, headers: reader.headers() };
}

export interface PackedCommit extends Packed, Pick<LogCommit, 'offsets' | 'purge'> {
  /** Topics and stores, as the bytes number them. */
  readonly names: readonly string[];
  readonly outputs: number;
  readonly state: readonly { readonly taskId: string; readonly writes: number }[];
}

/** `withState`: whether the log takes it; else it does not travel. */
export function packCommit(commit: LogCommit, withState: boolean): PackedCommit {
  const { outputs, offsets, purge } = commit;
  const state = withState ? commit.state : [];
  let size = 0;
  for (const output of outputs) size += producedSize(output);
  for (const { writes } of state) for (const write of writes) size += writeSize(write);

  const writer = new PackedWriter(size);
  const names = new Names();
  for (const output of outputs) writeProduced(writer, names, output);
  for (const { writes } of state) {
    for (const { store, key, value } of writes) {
      writer.int32(names.indexOf(store));
      writer.bytes(key);
      writer.bytes(value);
    }
  }
  const counts = state.map(({ taskId, writes }) => ({ taskId, writes: writes.length }));
  return {
    names: names.list,
    outputs: outputs.length,
    state: counts,
    offsets,
    ...(purge === undefined ? {} : { purge }),
    bytes: writer.finish(),
  };
}

function writeSize({ key, value }: StateWrite): number {
  return sizes.int32 + sizes.bytes(key) + sizes.bytes(value);
}

export function unpackCommit({ names, bytes, ...packed }: PackedCommit): LogCommit {
  const reader = new PackedReader(bytes);
  const outputs: ProducedRecord[] = [];
  for (let left = packed.outputs; left > 0; left--) outputs.push(readProduced(reader, names));
  const state = packed.state.map(({ taskId, writes }) => ({
    taskId,
    writes: Array.from({ length: writes }, () => readWrite(reader, names)),
  }));
  return { ...packed, outputs, state };
}

function readWrite(reader: PackedReader, names: readonly string[]): StateWrite {
  const store = names[reader.int32()] as string;
  const key = reader.bytes() as Uint8Array;
  return { store, key, value: reader.bytes() };
}

const nothing = { offsets: [], state: [] } as const;

/** Records to append are a commit of outputs alone. */
export function packProduced(records: readonly ProducedRecord[]): PackedCommit {
  return packCommit({ ...nothing, outputs: records }, false);
}
