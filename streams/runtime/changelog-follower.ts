/**
 * Reads changelogs of many tasks through one reader and applies them to their states: while one
 * round of records is applied, the next is read. Restoring uses one, standing by another.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { StreamsError } from '../errors.ts';
import type { Log, LogReader, RecordBatch, StateWrite } from '../log/log.ts';
import { changelogRestore, restoredSoFar } from '../state/changelog-restore.ts';
import { storedStreamTime, streamTimeWrite } from './stored-stream-time.ts';
import type { TaskState } from './task-state.ts';

/** Of one round, over all tasks. Two rounds are in memory. */
const roundRecords = 20_000;
const roundBytes = 16 * 1024 * 1024;

/** Of one transaction: with more LMDB gets slower, since it keeps its changed pages in order. */
const transactionRecords = 5_000;

/** A record ends the wait; this only bounds how late the end of following is noticed. */
const pollWaitMs = 1_000;

/** After the log could not be read. */
const retryPauseMs = 500;

/** How far one changelog of a task has been followed. */
interface Followed {
  readonly restore: ReturnType<typeof changelogRestore>;
  /** Everything before it is in the state. */
  next: bigint;
  /** Where the changelog ended when that was last known. */
  end: bigint;
}

export class FollowedTask {
  readonly state: TaskState;
  records = 0;
  bytes = 0;
  readonly #changelogs = new Map<string, Followed>();
  #streamTimeMs: number;
  /** Applies of this task, one after another. */
  #applying: Promise<void> = Promise.resolve();

  /** From where the state is, or from the beginning, to what are the ends now. */
  constructor(
    state: TaskState,
    bounds: ReadonlyMap<string, { readonly beginning: bigint; readonly end: bigint }>,
  ) {
    this.state = state;
    const { storage, changelogs } = state;
    this.#streamTimeMs = storedStreamTime(storage);
    for (const { topic, store } of changelogs) {
      const { beginning = 0n, end = 0n } = bounds.get(topic) ?? {};
      const held = storage.positions.get(topic) ?? 0n;
      const restore = changelogRestore(store, restoredSoFar(store, storage));
      this.#changelogs.set(topic, { restore, next: held > beginning ? held : beginning, end });
    }
  }

  get positions() {
    const { partition } = this.state;
    return [...this.#changelogs].map(([topic, { next }]) => ({ topic, partition, offset: next }));
  }

  reads(topic: string, partition: number): boolean {
    return partition === this.state.partition && this.#changelogs.has(topic);
  }

  /** Offsets that are still to come, of all changelogs; markers and gaps are counted too. */
  get remaining(): bigint {
    let remaining = 0n;
    for (const { next, end } of this.#changelogs.values()) if (end > next) remaining += end - next;
    return remaining;
  }

  apply(batch: RecordBatch): Promise<void> {
    this.#applying = this.#applying.then(() => this.#apply(batch));
    return this.#applying;
  }

  /** Resolves when nothing is being applied. What failed, whoever asked for it knows. */
  settled(): Promise<void> {
    return this.#applying.catch(() => undefined);
  }

  async #apply({ topic, records, nextOffset, endOffset }: RecordBatch): Promise<void> {
    const followed = this.#changelogs.get(topic);
    if (followed === undefined) return;
    for (let from = 0; from < records.length || from === 0; from += transactionRecords) {
      const some = records.slice(from, from + transactionRecords);
      const isLast = from + transactionRecords >= records.length;
      const next = isLast ? nextOffset : (some.at(-1)?.offset ?? 0n) + 1n;
      const writes: StateWrite[] = [];
      let streamTimeMs = this.#streamTimeMs;
      for (const record of some) {
        for (const write of followed.restore(record)) writes.push(write);
        streamTimeMs = Math.max(streamTimeMs, record.timestampMs);
        this.bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
      }
      if (streamTimeMs > this.#streamTimeMs) writes.push(streamTimeWrite(streamTimeMs));
      await this.state.storage.apply(writes, new Map([[topic, next]]));
      this.#streamTimeMs = streamTimeMs;
      this.records += some.length;
      followed.next = next;
    }
    if (endOffset > followed.end) followed.end = endOffset;
  }
}

export interface FollowerEvents {
  /** Something of the task was applied. */
  advanced(task: FollowedTask): void;
  /** Following has ended. */
  failed(error: unknown): void;
}

export class ChangelogFollower {
  readonly #log: Log;
  readonly #events: FollowerEvents;
  readonly #tasks = new Set<FollowedTask>();
  #reader: LogReader | undefined;
  #running: Promise<void> | undefined;
  /** From when records were read until they are applied. */
  #round: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(log: Log, events: FollowerEvents) {
    this.#log = log;
    this.#events = events;
  }

  follow(task: FollowedTask): void {
    this.#tasks.add(task);
    this.#reader ??= this.#log.openReader();
    this.#reader.assign(task.positions);
    this.#running ??= this.#run(this.#reader).catch((error) => {
      if (!this.#closed) this.#events.failed(error);
    });
  }

  /** Resolves when nothing more of the task will be applied. What was applied stays. */
  async leave(task: FollowedTask): Promise<void> {
    if (this.#tasks.delete(task)) this.#reader?.unassign(task.positions);
    // What was read of it already must not come to one that follows the same changelogs after it.
    await nextTurn();
    await this.#round.catch(() => undefined); // The loop has its error.
    await task.settled();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader?.close();
    await this.#running;
    await this.#round.catch(() => undefined);
  }

  async #run(reader: LogReader): Promise<void> {
    while (!this.#closed && this.#tasks.size > 0) {
      const batches = await this.#poll(reader);
      const before = this.#round;
      this.#round = before.then(() => Promise.all(batches.map((batch) => this.#apply(batch))));
      this.#round.catch(() => undefined); // It is looked at when the next records are there.
      await before;
    }
    await this.#round;
    this.#running = undefined;
  }

  async #poll(reader: LogReader): Promise<readonly RecordBatch[]> {
    try {
      const limits = { maxRecords: roundRecords, maxBytes: roundBytes };
      return await reader.poll({ ...limits, maxWaitMs: pollWaitMs });
    } catch (error) {
      const passes = error instanceof StreamsError && error.retryable;
      if (!passes || this.#closed) throw error;
      await sleep(retryPauseMs);
      return [];
    }
  }

  async #apply(batch: RecordBatch): Promise<void> {
    for (const task of this.#tasks) {
      if (!task.reads(batch.topic, batch.partition)) continue;
      await task.apply(batch);
      this.#events.advanced(task);
    }
  }
}
