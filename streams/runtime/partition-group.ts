/**
 * Chooses the next record of a task: the oldest head over its input partitions, so that inputs are
 * joined in the order of event time, not in the order in which they happened to be fetched.
 *
 * Equivalent: PartitionGroup, with `max.task.idle.ms` as KIP-695 defines it.
 */

import type { TopicPartition } from '../log/log.ts';
import { RecordQueue } from './record-queue.ts';

export class PartitionGroup {
  readonly queues: readonly RecordQueue[];
  readonly #idleMs: number;
  #waitingSinceMs: number | undefined;

  /** `idleMs` -1 never waits, not even for records that the log is known to hold. */
  constructor(partitions: readonly TopicPartition[], idleMs: number) {
    this.queues = partitions.map((partition) => new RecordQueue(partition));
    this.#idleMs = idleMs;
  }

  queue(topic: string): RecordQueue | undefined {
    return this.queues.find((queue) => queue.topic === topic);
  }

  /**
   * The queue whose head comes next; `undefined` when there is none, or when an empty input may
   * still bring an older record. Of equal times the earlier input goes first.
   */
  next(clock: () => number): RecordQueue | undefined {
    let chosen: RecordQueue | undefined;
    let chosenMs = 0;
    let emptyCount = 0;
    let awaited = false;
    for (const queue of this.queues) {
      const { head } = queue;
      if (head === undefined) {
        emptyCount++;
        awaited ||= queue.awaitsRecords;
      } else if (chosen === undefined || head.timestampMs < chosenMs) {
        chosen = queue;
        chosenMs = head.timestampMs;
      }
    }
    if (chosen === undefined || emptyCount === 0) {
      this.#waitingSinceMs = undefined;
      return chosen;
    }
    return this.#mayGoOn(awaited, clock) ? chosen : undefined;
  }

  #mayGoOn(awaited: boolean, clock: () => number): boolean {
    if (this.#idleMs < 0) return true;
    if (awaited) return false;
    if (this.#idleMs === 0) return true;
    const wallClockMs = clock();
    this.#waitingSinceMs ??= wallClockMs;
    const waitedMs = wallClockMs - this.#waitingSinceMs;
    return waitedMs >= this.#idleMs || waitedMs < 0; // Below 0 the clock was set back.
  }
}
