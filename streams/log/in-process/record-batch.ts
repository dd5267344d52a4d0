/**
 * A batch: consecutive records of one partition as the bytes that a storage keeps. Version 1, big-endian:
 *
 *   0  u8   version          1
 *   1  u32  crc32 of all that follows it
 *   5  u64  base offset      of the offsets that the batch stands for, the first
 *   13 u32  offset span      the batch stands for base .. base + span - 1; compaction leaves gaps
 *   17 u32  record count
 *   21 f64  base timestamp   milliseconds
 *   29 f64  largest timestamp
 *   37 f64  tombstone horizon: from this time on compaction may drop its tombstones; 0: not yet set
 *   45      records: varint offset delta, zigzag varint timestamp delta, varint key length + 1 (0 is
 *           null), key, varint value length + 1, value, varint header count, headers (varint name
 *           length, name, varint value length + 1, value)
 */
import { crc32 } from 'node:zlib';
import { StreamsError } from '../../errors.ts';
import type { Header } from '../../record.ts';
import type { ConsumedRecord, LogRecord } from '../log.ts';
import { ByteReader, ByteWriter } from './varint-bytes.ts';

const version = 1;
const crcAt = 1;
const baseAt = 5;
const spanAt = 13;
const countAt = 17;
const baseTimestampAt = 21;
const maxTimestampAt = 29;
const horizonAt = 37;
const headerBytes = 45;

const noHeaders: readonly Header[] = [];

export interface BatchHeader {
  readonly baseOffset: number;
  /** Where to read on after the batch. */
  readonly nextOffset: number;
  readonly recordCount: number;
  readonly maxTimestampMs: number;
  /** 0: not yet set. */
  readonly tombstoneHorizonMs: number;
}

/** Collects the records of one batch. */
export class BatchEncoder {
  readonly #baseOffset: number;
  readonly #tombstoneHorizonMs: number;
  readonly #bytes = new ByteWriter(headerBytes);
  #nextOffset: number;
  #count = 0;
  #baseTimestampMs = 0;
  #maxTimestampMs = Number.NEGATIVE_INFINITY;

  constructor(baseOffset: number, tombstoneHorizonMs = 0) {
    this.#baseOffset = baseOffset;
    this.#nextOffset = baseOffset;
    this.#tombstoneHorizonMs = tombstoneHorizonMs;
  }

  get nextOffset(): number {
    return this.#nextOffset;
  }

  get recordCount(): number {
    return this.#count;
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  add(offset: number, record: LogRecord): void {
    const { key, value, headers, timestampMs } = record;
    if (this.#count === 0) this.#baseTimestampMs = timestampMs;
    if (timestampMs > this.#maxTimestampMs) this.#maxTimestampMs = timestampMs;
    this.#count += 1;
    this.#nextOffset = offset + 1;

    const bytes = this.#bytes;
    bytes.varint(offset - this.#baseOffset);
    bytes.signedVarint(timestampMs - this.#baseTimestampMs);
    bytes.nullableBytes(key);
    bytes.nullableBytes(value);
    bytes.varint(headers.length);
    for (const header of headers) {
      bytes.text(header.key);
      bytes.nullableBytes(header.value);
    }
  }

  /** The batch stands for all offsets before `nextOffset`, whether it has their records or not. */
  finish(nextOffset = this.#nextOffset): Buffer {
    const bytes = this.#bytes.finish();
    bytes.writeUInt8(version, 0);
    bytes.writeBigUInt64BE(BigInt(this.#baseOffset), baseAt);
    bytes.writeUInt32BE(nextOffset - this.#baseOffset, spanAt);
    bytes.writeUInt32BE(this.#count, countAt);
    bytes.writeDoubleBE(this.#baseTimestampMs, baseTimestampAt);
    bytes.writeDoubleBE(this.#maxTimestampMs, maxTimestampAt);
    bytes.writeDoubleBE(this.#tombstoneHorizonMs, horizonAt);
    bytes.writeUInt32BE(crc32(bytes.subarray(baseAt)), crcAt);
    return bytes;
  }
}

/** Walks through one batch. Checks the bytes first, so that no damaged record is ever delivered. */
export class BatchDecoder {
  readonly header: BatchHeader;
  readonly #reader: ByteReader;
  readonly #baseTimestampMs: number;
  #left: number;

  /** `where` names topic and partition for the error. */
  constructor(stored: Uint8Array, where: string) {
    const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
    checkBatch(bytes, where);
    this.header = headerOf(bytes);
    this.#baseTimestampMs = bytes.readDoubleBE(baseTimestampAt);
    this.#left = this.header.recordCount;
    this.#reader = new ByteReader(bytes, headerBytes);
  }

  /** The next record at or after `fromOffset`; `undefined` at the end of the batch. */
  next(fromOffset = 0): ConsumedRecord | undefined {
    while (this.#left > 0) {
      this.#left -= 1;
      const record = this.#decode();
      if (record.offset >= fromOffset) return record;
    }
    return undefined;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  #decode(): ConsumedRecord {
    const reader = this.#reader;
    const offset = BigInt(this.header.baseOffset + reader.varint());
    const timestampMs = this.#baseTimestampMs + reader.signedVarint();
    const key = reader.nullableBytes();
    const value = reader.nullableBytes();
    const headerCount = reader.varint();
    if (headerCount === 0) return { key, value, timestampMs, headers: noHeaders, offset };
    const headers: Header[] = [];
    for (let i = 0; i < headerCount; i++) {
      headers.push({ key: reader.text(), value: reader.nullableBytes() });
    }
    return { key, value, timestampMs, headers, offset };
  }
}

/** The header alone, unchecked: for housekeeping, which then reads the batch before it changes it. */
export function batchHeader(stored: Uint8Array): BatchHeader {
  return headerOf(Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength));
}

function headerOf(bytes: Buffer): BatchHeader {
  const baseOffset = Number(bytes.readBigUInt64BE(baseAt));
  return {
    baseOffset,
    nextOffset: baseOffset + bytes.readUInt32BE(spanAt),
    recordCount: bytes.readUInt32BE(countAt),
    maxTimestampMs: bytes.readDoubleBE(maxTimestampAt),
    tombstoneHorizonMs: bytes.readDoubleBE(horizonAt),
  };
}

function checkBatch(bytes: Buffer, where: string): void {
  const fault = faultOf(bytes);
  if (fault === undefined) return;
  throw new StreamsError(
    'STREAMS_LOG_CORRUPT',
    `${where}: ${fault}; restore the directory from a backup, or read on behind this batch`,
  );
}

function faultOf(bytes: Buffer): string | undefined {
  if (bytes.length < headerBytes) return `a batch of ${bytes.length} bytes is cut off`;
  if (bytes[0] !== version) return `a batch has format version ${bytes[0]}, known is ${version}`;
  if (bytes.readUInt32BE(crcAt) === crc32(bytes.subarray(baseAt))) return undefined;
  return `the batch at offset ${bytes.readBigUInt64BE(baseAt)} fails its checksum`;
}
