/**
 * Keys of window stores, byte for byte as Kafka Streams': `key ‖ int64 start ‖ int32 sequence`, the
 * sequence always 0 here. And of the index by time beside it: `int64 start ‖ key`.
 *
 * Equivalent: WindowKeySchema.
 */
import { readInt64, writeInt64 } from '../bytes.ts';

const timeLength = 8;
const suffixLength = timeLength + 4;

export function windowKey(key: Uint8Array, startMs: number): Uint8Array {
  const bytes = new Uint8Array(key.length + suffixLength);
  bytes.set(key);
  writeInt64(bytes, key.length, startMs);
  return bytes;
}

/** A view of the key without its window. */
export function keyOfWindowKey(windowKey: Uint8Array): Uint8Array {
  return windowKey.subarray(0, windowKey.length - suffixLength);
}

export function startOfWindowKey(windowKey: Uint8Array): number {
  return readInt64(windowKey, windowKey.length - suffixLength);
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
