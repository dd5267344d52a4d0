/** The keys of the tables: big-endian, so that the order of the bytes is the order of the numbers. */
import type { KeyRange } from './ordered-storage.ts';

const partitionIdBytes = 4;
const offsetBytes = 8;

/** 4 bytes. */
export function idKey(id: number): Buffer {
  const key = Buffer.allocUnsafe(partitionIdBytes);
  key.writeUInt32BE(id, 0);
  return key;
}

/**
 * A batch is filed under the last offset that it stands for: the first key at or after
 * (partition, offset) is then the batch with that offset, or the next one when it is gone.
 */
export function batchKey(partitionId: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(partitionIdBytes + offsetBytes);
  key.writeUInt32BE(partitionId, 0);
  key.writeUInt32BE(Math.floor(offset / 2 ** 32), partitionIdBytes);
  key.writeUInt32BE(offset % 2 ** 32, partitionIdBytes + 4);
  return key;
}

/** Batches that hold something of `fromOffset` .. `toOffset` - 1 and end before `toOffset`. */
export function batchRange(partitionId: number, fromOffset: number, toOffset?: number): KeyRange {
  return {
    from: batchKey(partitionId, fromOffset),
    to: toOffset === undefined ? idKey(partitionId + 1) : batchKey(partitionId, toOffset),
  };
}

/** Group names have no zero byte, so that one group's rows end where the next begins. */
export function groupOffsetKey(groupId: string, partitionId: number): Buffer {
  return Buffer.concat([Buffer.from(`${groupId}\0`), idKey(partitionId)]);
}

export function number64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(value), 0);
  return bytes;
}

export function readNumber64(bytes: Uint8Array): number {
  return Number(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readBigInt64BE(0));
}
