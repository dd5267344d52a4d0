/**
 * Keys of window stores, byte for byte as Kafka Streams': `key ‖ int64 start ‖ int32 sequence`, the
 * sequence always 0 but in join buffers, which keep records of one key and time apart by it. And of
 * the index by time beside it: `int64 start ‖ key`, in join buffers with the sequence behind.
 *
 * Equivalent: WindowKeySchema.
 */
import { asBuffer, readInt64, writeInt64 } from '../bytes.ts';

const timeLength = 8;
const suffixLength = timeLength + 4;

/** After it comes 0 again. */
export const lastSequence = 0x7fff_ffff;

export function windowKey(key: Uint8Array, startMs: number, sequence = 0): Uint8Array {
  const bytes = new Uint8Array(key.length + suffixLength);
  bytes.set(key);
  writeInt64(bytes, key.length, startMs);
  if (sequence === 0) return bytes;
  const at = key.length + timeLength;
  bytes[at] = sequence >>> 24;
  bytes[at + 1] = sequence >>> 16;
  bytes[at + 2] = sequence >>> 8;
  bytes[at + 3] = sequence;
  return bytes;
}

/** A view of the key without its window. */
export function keyOfWindowKey(windowKey: Uint8Array): Uint8Array {
  return windowKey.subarray(0, windowKey.length - suffixLength);
}

export function startOfWindowKey(windowKey: Uint8Array): number {
  return readInt64(windowKey, windowKey.length - suffixLength);
}

export function sequenceOfWindowKey(windowKey: Uint8Array): number {
  return asBuffer(windowKey).readInt32BE(windowKey.length - 4);
}

export function expiryKey(windowKey: Uint8Array): Uint8Array {
  const keyLength = windowKey.length - suffixLength;
  const bytes = new Uint8Array(timeLength + keyLength);
  bytes.set(windowKey.subarray(keyLength, keyLength + timeLength));
  bytes.set(windowKey.subarray(0, keyLength), timeLength);
  return bytes;
}

export function windowKeyOfExpiryKey(expiryKey: Uint8Array): Uint8Array {
  return windowKey(expiryKey.subarray(timeLength), readInt64(expiryKey, 0));
}

/** The key of a join buffer's index: the time moves to the front. */
export function bufferExpiryKey(windowKey: Uint8Array): Uint8Array {
  const keyLength = windowKey.length - suffixLength;
  const bytes = new Uint8Array(windowKey.length);
  bytes.set(windowKey.subarray(keyLength, keyLength + timeLength));
  bytes.set(windowKey.subarray(0, keyLength), timeLength);
  bytes.set(windowKey.subarray(keyLength + timeLength), timeLength + keyLength);
  return bytes;
}

export function windowKeyOfBufferExpiryKey(expiryKey: Uint8Array): Uint8Array {
  const keyLength = expiryKey.length - suffixLength;
  const bytes = new Uint8Array(expiryKey.length);
  bytes.set(expiryKey.subarray(timeLength, timeLength + keyLength));
  bytes.set(expiryKey.subarray(0, timeLength), keyLength);
  bytes.set(expiryKey.subarray(timeLength + keyLength), timeLength + keyLength);
  return bytes;
}
