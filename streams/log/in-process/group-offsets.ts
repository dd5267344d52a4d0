/** Committed offsets of groups, one row for each partition. */
import { groupOffsetKey, number64, readNumber64 } from './keys.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import type { PartitionState } from './partition-state.ts';
import type { WriteTransaction } from './write-transaction.ts';

export class GroupOffsets {
  readonly #storage: OrderedStorage;

  constructor(storage: OrderedStorage) {
    this.#storage = storage;
  }

  get(groupId: string, partition: PartitionState): number | undefined {
    const stored = this.#storage.get('offsets', groupOffsetKey(groupId, partition.id));
    return stored === undefined ? undefined : readNumber64(stored);
  }

  put(
    groupId: string,
    partition: PartitionState,
    offset: number,
    transaction: WriteTransaction,
  ): void {
    const key = groupOffsetKey(groupId, partition.id);
    transaction.put({ table: 'offsets', key, value: number64(offset) });
  }
}
