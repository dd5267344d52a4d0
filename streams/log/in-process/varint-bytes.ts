/** Writes and reads bytes with variable-length integers (7 bits a byte, lowest first). */

const initialBytes = 1_024;

/** Whole numbers up to 2^53 - 1 fit, where Protobuf's 32-bit shifts would not do. */
const sevenBits = 0x80;

export class ByteWriter {
  #bytes = Buffer.allocUnsafe(initialBytes);
  #at: number;

  /** Leaves `headerBytes` at the start for the caller to fill in. */
  constructor(headerBytes: number) {
    this.#at = headerBytes;
  }

  get length(): number {
    return this.#at;
  }

  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= sevenBits) {
      this.#bytes[this.#at++] = (rest % sevenBits) | sevenBits;
      rest = Math.floor(rest / sevenBits);
    }
    this.#bytes[this.#at++] = rest;
  }

  signedVarint(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  nullableBytes(value: Uint8Array | null): void {
    if (value === null) {
      this.varint(0);
      return;
    }
    this.varint(value.length + 1);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.varint(length);
    this.#reserve(length);
    this.#at += this.#bytes.write(value, this.#at);
  }

  /** A copy of exactly the bytes written. */
  finish(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#at));
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  varint(): number {
    let byte = this.#bytes[this.#at++] as number;
    if (byte < sevenBits) return byte;
    let value = byte - sevenBits;
    let scale = sevenBits;
    do {
      byte = this.#bytes[this.#at++] as number;
      value += (byte % sevenBits) * scale;
      scale *= sevenBits;
    } while (byte >= sevenBits);
    return value;
  }

  signedVarint(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  nullableBytes(): Buffer | null {
    const length = this.varint();
    if (length === 0) return null;
    const from = this.#at;
    this.#at += length - 1;
    return this.#bytes.subarray(from, this.#at);
  }

  text(): string {
    const length = this.varint();
    const from = this.#at;
    this.#at += length;
    return this.#bytes.toString('utf8', from, this.#at);
  }
}
