/**
 * Writes one generation of a view. Rows first, each only where it is newer than what is there; when
 * they are in, the positions, which only go up. So there is no transaction, and yet a position never
 * stands after a change that is not in, whoever else writes and whatever dies in between.
 */
import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { gap, SinkError } from '../sink-error.ts';
import type { Change, ChangeBatch, Position } from '../views/view.ts';
import { toDocument } from './document-value.ts';
import {
  type Generation,
  type GenerationDocument,
  type GenerationState,
  generationId,
  type RowDocument,
} from './generations.ts';
import { overtakenWrites } from './mongo-errors.ts';

/** Who was overtaken by the first row of a key finds it when it tries again. */
const maxAttempts = 5;

/** The rows and positions that batches make of a generation. */
interface Progress<K, V> {
  /** The last change of each key. */
  readonly changes: ReadonlyMap<K, Change<K, V>>;
  readonly positions: Readonly<Record<string, bigint>>;
}

/** What of the batches a generation at `positions` does not have. @throws SinkError `SINK_GAP` */
export function progressOf<K, V>(
  view: string,
  positions: Readonly<Record<string, bigint>>,
  batches: readonly ChangeBatch<K, V>[],
): Progress<K, V> {
  const changes = new Map<K, Change<K, V>>();
  const moved: Record<string, bigint> = {};
  for (const batch of batches) {
    const name = positionName(batch);
    const position = moved[name] ?? positions[name];
    if (batch.fromOffset > (position ?? 0n)) throw gap(view, batch, position ?? 0n);
    if (position !== undefined && batch.nextOffset <= position) continue;
    for (const change of batch.changes) {
      if (position === undefined || change.offset >= position) changes.set(change.key, change);
    }
    moved[name] = batch.nextOffset;
  }
  return { changes, positions: moved };
}

/** Resolves when every change, or a newer one of its key, is in. */
export async function writeRows<K extends string, V>(
  rows: Collection<RowDocument>,
  changes: Iterable<Change<K, V>>,
  nowMs: number,
): Promise<void> {
  let writes = Array.from(changes, (change) => writeOf(change, nowMs));
  for (let attempt = 1; writes.length > 0; attempt += 1) {
    try {
      await rows.bulkWrite(writes, { ordered: false });
      return;
    } catch (error) {
      const overtaken = overtakenWrites(error);
      if (overtaken === undefined || attempt === maxAttempts) throw error;
      writes = overtaken.map((index) => writes[index] as (typeof writes)[number]);
    }
  }
}

/**
 * `$max` compares documents field by field, and the offset is the first field of a row: an older row
 * never replaces a newer one, in one atomic step that needs nothing but the `_id` to find it.
 */
function writeOf<K extends string, V>(
  { key, value, offset }: Change<K, V>,
  nowMs: number,
): AnyBulkWriteOperation<RowDocument> {
  const row: RowDocument['row'] =
    value === null
      ? { offset, deleted: true, deletedAt: new Date(nowMs) }
      : { offset, deleted: false, value: toDocument(value) };
  return { updateOne: { filter: { _id: key }, update: { $max: { row } }, upsert: true } };
}

/** @throws SinkError `SINK_GAP` when the generation is not in this state any more. */
export async function writePositions(
  view: string,
  { state }: Generation,
  expected: GenerationState,
  positions: Readonly<Record<string, bigint>>,
): Promise<void> {
  const moved = Object.entries(positions).map(([name, offset]) => [`positions.${name}`, offset]);
  // Of a generation that is retired already nobody reads the positions again.
  const updated = await state.findOneAndUpdate(
    { _id: generationId },
    { $max: Object.fromEntries(moved) },
    { returnDocument: 'after', projection: { state: 1 } },
  );
  if (updated?.state === expected) return;
  throw new SinkError(
    'SINK_GAP',
    `view '${view}' was built anew while a batch was written: it is read on from where it stands now`,
  );
}

/** A topic's name has no colon, and a field's no dot. */
function positionName({ topic, partition }: Pick<Position, 'topic' | 'partition'>): string {
  return `${topic.replaceAll('.', ':')}/${partition}`;
}

export function positionsOf({ positions }: GenerationDocument): Position[] {
  return Object.entries(positions).map(([name, nextOffset]) => {
    const slash = name.lastIndexOf('/');
    return {
      topic: name.slice(0, slash).replaceAll(':', '.'),
      partition: Number(name.slice(slash + 1)),
      nextOffset,
    };
  });
}
