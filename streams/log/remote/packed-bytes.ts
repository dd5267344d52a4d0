/**
 * Writes and reads the packed form in which records cross from thread to thread: numbers of a fixed
 * width, then bytes. Sizes are counted first, so that one buffer of the right size is filled and
 * handed over; what is read are views on it.
 */
import type { Header } from '../../record.ts';

const absent = -1;
const int32Bytes = 4;
const number64Bytes = 8;

const noHeaders: readonly Header[] = [];

/** Bytes that one header takes beside what `sizeOf` counts of its value. */
function headerSize({ key, value }: Header): number {
  return 2 * int32Bytes + Buffer.byteLength(key) + (value?.length ?? 0);
}

/** Counts what `PackedWriter` will need. */
export const sizes = {
  int32: int32Bytes,
  number: number64Bytes,

  bytes: (value: Uint8Array | null): number => int32Bytes + (value?.length ?? 0),

  headers(headers: readonly Header[]): number {
    let size = int32Bytes;
    for (const header of headers) size += headerSize(header);
    return size;
  },
};

export class PackedWriter {
  /** Of its own memory, not of Buffer's pool: it is handed over. */
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;

  constructor(sizeBytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(sizeBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  int32(value: number): void {
    this.#view.setInt32(this.#at, value);
    this.#at += int32Bytes;
  }

  number(value: number): void {
    this.#view.setFloat64(this.#at, value);
    this.#at += number64Bytes;
  }

  int64(value: bigint): void {
    this.#view.setBigInt64(this.#at, value);
    this.#at += number64Bytes;
  }

  bytes(value: Uint8Array | null): void {
    this.int32(value?.length ?? absent);
    if (value === null) return;
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  headers(headers: readonly Header[]): void {
    this.int32(headers.length);
    for (const { key, value } of headers) {
      const lengthAt = this.#at;
      this.#at += int32Bytes;
      const length = this.#bytes.write(key, this.#at);
      this.#view.setInt32(lengthAt, length);
      this.#at += length;
      this.bytes(value);
    }
  }

  finish(): ArrayBuffer {
    return this.#bytes.buffer as ArrayBuffer;
  }
}

export class PackedReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: ArrayBuffer) {
    this.#bytes = Buffer.from(bytes);
    this.#view = new DataView(bytes);
  }

  int32(): number {
    const value = this.#view.getInt32(this.#at);
    this.#at += int32Bytes;
    return value;
  }

  number(): number {
    const value = this.#view.getFloat64(this.#at);
    this.#at += number64Bytes;
    return value;
  }

  int64(): bigint {
    const value = this.#view.getBigInt64(this.#at);
    this.#at += number64Bytes;
    return value;
  }

  bytes(): Buffer | null {
    const length = this.int32();
    if (length === absent) return null;
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }

  headers(): readonly Header[] {
    const count = this.int32();
    if (count === 0) return noHeaders;
    const headers: Header[] = [];
    for (let i = 0; i < count; i++) {
      const length = this.int32();
      const from = this.#at;
      this.#at += length;
      const key = this.#bytes.toString('utf8', from, this.#at);
      headers.push({ key, value: this.bytes() });
    }
    return headers;
  }
}
