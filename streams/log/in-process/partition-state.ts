/** What an in-process log knows of one partition without reading it. */

export interface PartitionState {
  /** Stands for topic and partition in the keys. */
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly keyRequired: boolean;
  /** The first offset that can be read. */
  beginning: number;
  /** The offset after the last durable record. */
  end: number;
  /** The offset of the next record to be written; ahead of `end` while a transaction runs. */
  next: number;
  /** Compaction has seen everything before it. */
  cleanedTo: number;
  /** Bytes that were left of the part before `cleanedTo`. */
  cleanedBytes: number;
  /** Bytes written since; the cleaner measures what was there when the log was opened. */
  dirtyBytes: number;
  /** When tombstones may go, the earliest; 0: there are none to wait for. */
  tombstonesUntilMs: number;
  /** Told when `end` moves. */
  readonly listeners: Set<() => void>;
}

const rowBytes = 40;

/** What cannot be had from the batches, since they may be gone. */
export function encodePartition(state: PartitionState): Buffer {
  const row = Buffer.allocUnsafe(rowBytes);
  row.writeDoubleBE(state.beginning, 0);
  row.writeDoubleBE(state.end, 8);
  row.writeDoubleBE(state.cleanedTo, 16);
  row.writeDoubleBE(state.cleanedBytes, 24);
  row.writeDoubleBE(state.tombstonesUntilMs, 32);
  return row;
}

type StoredPartition = Pick<
  PartitionState,
  'beginning' | 'end' | 'cleanedTo' | 'cleanedBytes' | 'tombstonesUntilMs'
>;

export function decodePartition(stored: Uint8Array | undefined): StoredPartition {
  const row = Buffer.alloc(rowBytes);
  if (stored !== undefined) row.set(stored);
  return {
    beginning: row.readDoubleBE(0),
    end: row.readDoubleBE(8),
    cleanedTo: row.readDoubleBE(16),
    cleanedBytes: row.readDoubleBE(24),
    tombstonesUntilMs: row.readDoubleBE(32),
  };
}
