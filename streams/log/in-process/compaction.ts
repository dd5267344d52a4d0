/**
 * Compaction of one partition: of each key only the latest record stays, under its old offset.
 *
 *   beginning      cleanedTo           end
 *      │   clean       │     dirty      │      1. map: key -> offset of its latest dirty record
 *      ▼               ▼                ▼      2. rewrite what is before the map's end, without the
 *   [batch][batch][batch][batch][batch]           records that the map says are superseded
 *
 * Each step rewrites a few neighbouring batches into one, in one transaction with the removal of the
 * old ones, so a reader sees one or the other. A tombstone stays until `tombstoneRetentionMs` after
 * compaction first met it: whoever reads on within that time learns of the deletion.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConsumedRecord } from '../log.ts';
import type { GroupCommit } from './group-commit.ts';
import { batchKey, batchRange } from './keys.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import type { PartitionState } from './partition-state.ts';
import { BatchDecoder, BatchEncoder } from './record-batch.ts';
import type { TopicCatalog } from './topic-catalog.ts';

/** What housekeeping works on. */
export interface CleanerSurroundings {
  readonly storage: OrderedStorage;
  readonly catalog: TopicCatalog;
  readonly commits: GroupCommit;
}

export interface CompactionOptions extends CleanerSurroundings {
  readonly nowMs: number;
  readonly tombstoneRetentionMs: number;
  /** Older records go too, for a topic that is also `delete`: batches that were merged hide their age. */
  readonly expireBeforeMs: number;
  readonly isStopped: () => boolean;
}

/** Less is not worth a rewrite. */
const leastDirtyBytes = 64 * 1024;
/** Keys that one pass remembers; a longer dirty part takes more passes. */
const mostKeys = 100_000;
/** Bytes that one step reads: bounds the time between two turns of the event loop. */
const stepBytes = 256 * 1024;
/** Batches that one step reads, for partitions that were written a record at a time. */
const stepBatches = 256;

/** When as much was written as is left from before, so that rewriting costs as much as writing did. */
export function needsCompaction(partition: PartitionState, nowMs: number): boolean {
  const { dirtyBytes, cleanedBytes, tombstonesUntilMs, cleanedTo, end } = partition;
  if (tombstonesUntilMs > 0 && tombstonesUntilMs <= nowMs) return true;
  return cleanedTo < end && dirtyBytes >= Math.max(leastDirtyBytes, cleanedBytes);
}

export async function compactPartition(
  partition: PartitionState,
  options: CompactionOptions,
): Promise<void> {
  const { dirtyBytes: dirtyBefore, cleanedTo, end } = partition;
  const latest = await latestOffsets(partition, options);
  const pass: Pass = { ...options, partition, latest, keptBytes: 0, tombstonesUntilMs: 0 };

  let from = partition.beginning;
  while (from < latest.end && !options.isStopped()) {
    from = await rewriteStep(pass, from);
    await nextTurn();
  }
  if (options.isStopped()) return;

  const cleanedShare = end === cleanedTo ? 1 : (latest.end - cleanedTo) / (end - cleanedTo);
  await options.commits.submit((transaction) => {
    const cleaned = {
      cleanedTo: latest.end,
      cleanedBytes: pass.keptBytes,
      dirtyBytes: partition.dirtyBytes - dirtyBefore * cleanedShare,
      tombstonesUntilMs: pass.tombstonesUntilMs,
    };
    options.catalog.save({ ...partition, ...cleaned }, transaction);
    transaction.afterCommit(() => Object.assign(partition, cleaned));
  });
}

interface LatestOffsets {
  readonly offsets: ReadonlyMap<string, number>;
  /** The map knows every record before this offset. */
  readonly end: number;
}

interface Pass extends CompactionOptions {
  readonly partition: PartitionState;
  readonly latest: LatestOffsets;
  keptBytes: number;
  /** The earliest horizon of what was kept; 0: none. */
  tombstonesUntilMs: number;
}

async function latestOffsets(
  partition: PartitionState,
  options: CompactionOptions,
): Promise<LatestOffsets> {
  const { id, end } = partition;
  const offsets = new Map<string, number>();
  let next = Math.max(partition.cleanedTo, partition.beginning);
  while (next < end && offsets.size < mostKeys && !options.isStopped()) {
    const stepFrom = next;
    let bytes = 0;
    for (const [, stored] of options.storage.range('batches', batchRange(id, next, end))) {
      const batch = decode(partition, stored);
      for (let record = batch.next(); record; record = batch.next()) {
        offsets.set(keyOf(record), Number(record.offset));
      }
      next = batch.header.nextOffset;
      bytes += stored.length;
      if (bytes > stepBytes || offsets.size >= mostKeys) break;
    }
    if (next === stepFrom) next = end; // What is left before the end is a gap.
    await nextTurn();
  }
  return { offsets, end: next };
}

/** Rewrites a few batches from `from` on as one; answers where to go on. */
async function rewriteStep(pass: Pass, from: number): Promise<number> {
  const { partition, latest } = pass;
  const sources: Uint8Array[] = [];
  let output: { readonly encoder: BatchEncoder; readonly horizonMs: number } | undefined;
  let next = from;
  let bytes = 0;
  const range = batchRange(partition.id, from, latest.end);
  for (const [key, stored] of pass.storage.range('batches', range)) {
    const batch = decode(partition, stored);
    const { baseOffset, tombstoneHorizonMs, nextOffset } = batch.header;
    const horizonMs = tombstoneHorizonMs || pass.nowMs + pass.tombstoneRetentionMs;
    if (output !== undefined && output.horizonMs !== horizonMs) break;
    output ??= { encoder: new BatchEncoder(baseOffset, horizonMs), horizonMs };
    for (let record = batch.next(); record; record = batch.next()) {
      if (isKept(record, pass, horizonMs)) output.encoder.add(Number(record.offset), record);
    }
    sources.push(key);
    next = nextOffset;
    bytes += stored.length;
    if (bytes > stepBytes || sources.length === stepBatches) break;
  }
  if (output === undefined) return latest.end; // A gap up to the end.
  await replace(pass, sources, { encoder: output.encoder, nextOffset: next });
  return next;
}

function isKept(record: ConsumedRecord, pass: Pass, horizonMs: number): boolean {
  const offset = Number(record.offset);
  if (record.timestampMs < pass.expireBeforeMs) return false;
  if (record.key === null) return true; // From before the topic was compacted.
  const latest = pass.latest.offsets.get(keyOf(record));
  if (latest !== undefined && latest > offset) return false;
  if (record.value !== null) return true;
  if (horizonMs <= pass.nowMs) return false;
  const { tombstonesUntilMs } = pass;
  pass.tombstonesUntilMs = Math.min(tombstonesUntilMs || horizonMs, horizonMs);
  return true;
}

async function replace(
  pass: Pass,
  sources: readonly Uint8Array[],
  output: { readonly encoder: BatchEncoder; readonly nextOffset: number },
): Promise<void> {
  const { partition, catalog, commits } = pass;
  const { encoder, nextOffset } = output;
  const value = encoder.recordCount === 0 ? null : encoder.finish(nextOffset);
  pass.keptBytes += value?.length ?? 0;
  await commits.submit((transaction) => {
    for (const key of sources) transaction.put({ table: 'batches', key, value: null });
    if (value === null) {
      catalog.save(partition, transaction); // The end offset must outlive the batch that told it.
      return;
    }
    transaction.put({ table: 'batches', key: batchKey(partition.id, nextOffset - 1), value });
  });
}

function decode(partition: PartitionState, stored: Uint8Array): BatchDecoder {
  return new BatchDecoder(stored, `${partition.topic}-${partition.partition}`);
}

/** Bytes as a string: what a Map can compare. */
function keyOf({ key }: ConsumedRecord): string {
  return key === null ? '' : Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
