/**
 * Keys of session stores, byte for byte as Kafka Streams': `key ‖ int64 end ‖ int64 start`. And of
 * the index by time beside it: `int64 end ‖ int64 start ‖ key`.
 *
 * Equivalent: SessionKeySchema.
 */
import { readInt64, writeInt64 } from '../bytes.ts';
import type { SessionWindow } from '../windows/session-windows.ts';

/** Bytes of end and start. */
const windowLength = 16;

export function sessionKey(key: Uint8Array, startMs: number, endMs: number): Uint8Array {
  const bytes = new Uint8Array(key.length + windowLength);
  bytes.set(key);
  writeInt64(bytes, key.length, endMs);
  writeInt64(bytes, key.length + 8, startMs);
  return bytes;
}

/** A view of the key without its session. */
export function keyOfSessionKey(sessionKey: Uint8Array): Uint8Array {
  return sessionKey.subarray(0, sessionKey.length - windowLength);
}

export function windowOfSessionKey(sessionKey: Uint8Array): SessionWindow {
  const startMs = readInt64(sessionKey, sessionKey.length - 8);
  return { startMs, endMs: endOfSessionKey(sessionKey) };
}

export function endOfSessionKey(sessionKey: Uint8Array): number {
  return readInt64(sessionKey, sessionKey.length - windowLength);
}

/** The key of the index: the session moves to the front. */
export function sessionExpiryKey(sessionKey: Uint8Array): Uint8Array {
  const keyLength = sessionKey.length - windowLength;
  const bytes = new Uint8Array(sessionKey.length);
  bytes.set(sessionKey.subarray(keyLength));
  bytes.set(sessionKey.subarray(0, keyLength), windowLength);
  return bytes;
}

export function sessionKeyOfExpiryKey(expiryKey: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(expiryKey.length);
  bytes.set(expiryKey.subarray(windowLength));
  bytes.set(expiryKey.subarray(0, windowLength), expiryKey.length - windowLength);
  return bytes;
}
