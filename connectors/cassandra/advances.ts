/** What of a sink's batches a view has not yet, by partition. */
import { gap } from '../sink-error.ts';
import type { Change, ChangeBatch, Position } from '../views/view.ts';

/** A partition of a topic moves on. */
export interface Advance<K, V> {
  readonly topic: string;
  readonly partition: number;
  /** Where the view stands; `undefined` when it never read the partition. */
  readonly from: bigint | undefined;
  readonly nextOffset: bigint;
  /** All from `from` to `nextOffset`, in order. */
  readonly changes: readonly Change<K, V>[];
}

/** @throws SinkError `SINK_GAP` when a batch begins after where its partition stands. */
export function advancesOf<K, V>(
  view: string,
  batches: readonly ChangeBatch<K, V>[],
  positions: readonly Position[],
): readonly Advance<K, V>[] {
  const advances = new Map<string, Advance<K, V>>();
  for (const batch of batches) {
    const { topic, partition, nextOffset } = batch;
    const name = `${partition} ${topic}`;
    const begun = advances.get(name);
    const from = begun === undefined ? positionOf(positions, batch) : begun.from;
    const stand = begun?.nextOffset ?? from;
    if (batch.fromOffset > (stand ?? 0n)) throw gap(view, batch, stand ?? 0n);
    if (stand !== undefined && nextOffset <= stand) continue;
    const fresh = batch.changes.filter(({ offset }) => stand === undefined || offset >= stand);
    const changes = [...(begun?.changes ?? []), ...fresh];
    advances.set(name, { topic, partition, from, nextOffset, changes });
  }
  return [...advances.values()];
}

function positionOf(
  positions: readonly Position[],
  { topic, partition }: ChangeBatch<unknown, unknown>,
): bigint | undefined {
  return positions.find((known) => known.topic === topic && known.partition === partition)
    ?.nextOffset;
}
