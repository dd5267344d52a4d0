/**
 * Housekeeping of an in-process log: retention, purging and compaction, in small transactions that
 * share the group commit, with turns for everybody else between them.
 *
 * It runs every `cleanIntervalMs`; each run looks at the partitions that may need it.
 *
 * Equivalent: kafka.log.LogCleaner and LogManager#cleanupLogs.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CleanerSurroundings, compactPartition, needsCompaction } from './compaction.ts';
import { batchRange } from './keys.ts';
import type { PartitionState } from './partition-state.ts';
import { batchHeader } from './record-batch.ts';
import type { WriteTransaction } from './write-transaction.ts';

export interface CleanerOptions {
  readonly cleanIntervalMs: number;
  readonly tombstoneRetentionMs: number;
  readonly now: () => number;
}

/** Batches that one transaction removes. */
const removedAtOnce = 256;

/** Partitions looked at before others get a turn. */
const partitionsATurn = 64;

export class LogCleaner {
  readonly #log: CleanerSurroundings;
  readonly #options: CleanerOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  readonly #measured = new WeakSet<PartitionState>();
  /** Up to where the room of what cannot be read any more is free. */
  readonly #freedTo = new WeakMap<PartitionState, number>();
  #stopped = false;

  constructor(log: CleanerSurroundings, options: CleanerOptions) {
    this.#log = log;
    this.#options = options;
  }

  start(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      // A failed run is tried again: what is not cleaned costs room, never records.
      this.run().then(
        () => this.start(),
        () => this.start(),
      );
    }, this.#options.cleanIntervalMs).unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  /** Resolves when nothing is left to do. Calls share one run. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Everything before `beforeOffset` is gone for readers at once; its room is freed by the next run. */
  purge(partition: PartitionState, beforeOffset: number, transaction: WriteTransaction): void {
    const beginning = Math.min(beforeOffset, partition.end);
    if (beginning <= partition.beginning) return;
    this.#moveBeginning(partition, beginning, transaction);
  }

  async #run(): Promise<void> {
    const { catalog } = this.#log;
    for (const name of catalog.names()) {
      const { partitions, cleanupPolicy, retentionMs } = catalog.require(name);
      for (let partition = 0; partition < partitions && !this.#stopped; partition++) {
        const state = catalog.partition({ topic: name, partition });
        const isDeleted = cleanupPolicy !== 'compact' && retentionMs >= 0;
        const expireBeforeMs = isDeleted ? this.#options.now() - retentionMs : -Infinity;
        if (isDeleted) await this.#expire(state, expireBeforeMs);
        await this.#removePurged(state);
        if (cleanupPolicy !== 'delete') await this.#compact(state, expireBeforeMs);
        if (partition % partitionsATurn === 0) await nextTurn();
      }
      await nextTurn();
    }
  }

  /** Moves the beginning behind the batches whose youngest record is older than `beforeMs`. */
  async #expire(partition: PartitionState, beforeMs: number): Promise<void> {
    const { storage, commits } = this.#log;
    const { id, beginning, end } = partition;
    let expired = beginning;
    for (const [, stored] of storage.range('batches', batchRange(id, beginning, end))) {
      const header = batchHeader(stored);
      if (header.maxTimestampMs >= beforeMs) break;
      expired = header.nextOffset;
    }
    if (expired === beginning) return;
    await commits.submit((transaction) => this.purge(partition, expired, transaction));
  }

  /** Frees the batches that end before the beginning. */
  async #removePurged(partition: PartitionState): Promise<void> {
    const { storage, commits } = this.#log;
    const { beginning } = partition;
    if (beginning === (this.#freedTo.get(partition) ?? 0)) return;
    while (!this.#stopped) {
      const keys: Uint8Array[] = [];
      for (const [key] of storage.range('batches', batchRange(partition.id, 0, beginning))) {
        keys.push(key);
        if (keys.length === removedAtOnce) break;
      }
      if (keys.length === 0) {
        this.#freedTo.set(partition, beginning);
        return;
      }
      await commits.submit((transaction) => {
        for (const key of keys) transaction.put({ table: 'batches', key, value: null });
      });
      await nextTurn();
    }
  }

  async #compact(partition: PartitionState, expireBeforeMs: number): Promise<void> {
    const { now, tombstoneRetentionMs } = this.#options;
    if (!this.#measured.has(partition)) await this.#measureDirt(partition);
    while (!this.#stopped && needsCompaction(partition, now())) {
      await compactPartition(partition, {
        ...this.#log,
        nowMs: now(),
        tombstoneRetentionMs,
        expireBeforeMs,
        isStopped: () => this.#stopped,
      });
    }
  }

  /** Once for each partition: what was written before the log was opened. */
  async #measureDirt(partition: PartitionState): Promise<void> {
    this.#measured.add(partition);
    const writtenSince = partition.dirtyBytes;
    let next = Math.max(partition.cleanedTo, partition.beginning);
    const { end } = partition;
    let measured = 0;
    while (next < end && !this.#stopped) {
      let looked = 0;
      let after = end;
      for (const [, stored] of this.#log.storage.range(
        'batches',
        batchRange(partition.id, next, end),
      )) {
        measured += stored.length;
        after = batchHeader(stored).nextOffset;
        if (++looked === removedAtOnce) break;
      }
      next = looked === removedAtOnce ? after : end;
      await nextTurn();
    }
    partition.dirtyBytes += measured - writtenSince;
  }

  #moveBeginning(
    partition: PartitionState,
    beginning: number,
    transaction: WriteTransaction,
  ): void {
    const { catalog } = this.#log;
    catalog.save({ ...partition, beginning }, transaction);
    transaction.afterCommit(() => {
      partition.beginning = Math.max(partition.beginning, beginning);
    });
  }
}
