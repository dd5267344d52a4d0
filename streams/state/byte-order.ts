/** Keys as bytes: their order, their successors, and strings that stand for them in a Map. */
import { writeInt64 } from '../bytes.ts';

const latin1Slice = Buffer.prototype.latin1Slice as (start: number, end: number) => string;

/**
 * A string with one character for each byte. Equal bytes have equal strings, and comparing two
 * strings with `<` compares their bytes.
 */
export function byteString(bytes: Uint8Array): string {
  return latin1Slice.call(bytes as Buffer, 0, bytes.length);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** The first key after `key`: for ranges that include their end. */
export function justAfter(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

/** The first key that does not begin with `prefix`; `undefined` when there is none. */
export function afterPrefix(prefix: Uint8Array): Uint8Array | undefined {
  for (let at = prefix.length - 1; at >= 0; at--) {
    const byte = prefix[at] as number;
    if (byte === 0xff) continue;
    // A copy: `slice` of a Buffer would be a view, and the prefix itself would change.
    const next = new Uint8Array(prefix.subarray(0, at + 1));
    next[at] = byte + 1;
    return next;
  }
  return undefined;
}

/** A number as eight bytes. */
export function withInt64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeInt64(bytes, 0, value);
  return bytes;
}
