/** Reading and writing a row of big-endian fields. */

/** Reads fields one after the other. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    const { buffer, byteOffset, length } = bytes;
    this.#bytes = bytes instanceof Buffer ? bytes : Buffer.from(buffer, byteOffset, length);
  }

  int(): number {
    const value = this.#bytes.readInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  /** A time or a count of 64 bits, of which the uppermost 16 are always 0. */
  long(): number {
    const value = this.#bytes.readUIntBE(this.#at + 2, 6);
    this.#at += 8;
    return value;
  }

  text(): string {
    const start = this.#at + 2;
    this.#at = start + this.#bytes.readUInt16BE(this.#at);
    return this.#bytes.toString('utf8', start, this.#at);
  }
}

/** Writes fields one after the other into bytes of a known size. */
export class ByteWriter {
  readonly bytes: Buffer;
  #at = 0;

  constructor(sizeBytes: number) {
    this.bytes = Buffer.allocUnsafe(sizeBytes);
  }

  int(value: number): this {
    this.#at = this.bytes.writeInt32BE(value, this.#at);
    return this;
  }

  long(value: number): this {
    this.bytes.writeUInt16BE(0, this.#at);
    this.#at = this.bytes.writeUIntBE(value, this.#at + 2, 6);
    return this;
  }

  text(value: string): this {
    const length = this.bytes.write(value, this.#at + 2);
    this.bytes.writeUInt16BE(length, this.#at);
    this.#at += 2 + length;
    return this;
  }
}

export function textBytes(...texts: readonly string[]): number {
  let size = 0;
  for (const text of texts) size += 2 + Buffer.byteLength(text);
  return size;
}
