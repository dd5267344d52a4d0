/** A log of lanes that tests write into Redis and fold by themselves. */
import type { Lane, LaneId } from '#schemas/serviceability';
import type { ChangeBatch } from '../views/view.ts';

export type LaneChange = readonly [LaneId, Lane | null];

const keys = 20;

/** Each seventh change is a tombstone. A lane says which change it is. */
export function laneChange(offset: number): LaneChange {
  const id = `lane-${offset % keys}` as LaneId;
  const lane = {
    id,
    courierId: 'SWIFT' as Lane['courierId'],
    warehouseId: 'PUNE' as Lane['warehouseId'],
    pincodePrefix: '41',
    transitDays: offset,
    fee: 4_900,
    feePerKg: 1_000,
    currency: 'INR',
    active: true,
  };
  return [id, offset % 7 === 6 ? null : lane];
}

/** `partition` names its keys too: a key is in one partition. */
export function lanesBatch(
  from: number,
  count: number,
  change: (offset: number) => LaneChange,
  partition = 0,
): ChangeBatch<LaneId, Lane> {
  return {
    topic: 'serviceability.lanes',
    partition,
    changes: Array.from({ length: count }, (_, index) => {
      const [key, value] = change(from + index);
      return {
        key: `${partition}-${key}` as LaneId,
        value,
        timestampMs: 1_000,
        offset: BigInt(from + index),
      };
    }),
    fromOffset: BigInt(from),
    nextOffset: BigInt(from + count),
  };
}

/** The change that each lane of a partition is as, by key, when those from `first` to `end` are in. */
export function foldedLanes(first: number, end: number, partition = 0): Map<string, number> {
  const lanes = new Map<string, number>();
  for (let offset = first; offset < end; offset++) {
    const [key, lane] = laneChange(offset);
    lanes.delete(`${partition}-${key}`);
    if (lane !== null) lanes.set(`${partition}-${key}`, offset);
  }
  return lanes;
}
