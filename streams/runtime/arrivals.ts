/**
 * What the polls of a member have brought, until the thread takes it. A wait may end before its poll
 * does: the poll goes on, and what it brings is there for the next wait. One poll at a time.
 */
import type { GroupMember, RecordBatch, TopicPartition } from '../log/log.ts';

export class Arrivals {
  readonly #maxRecords: number;
  #member: GroupMember | undefined;
  #isPolling = false;
  #batches: readonly RecordBatch[] = [];
  #failure: { readonly error: unknown } | undefined;
  /** Ends the wait of whoever waits. */
  #endWait: (() => void) | undefined;
  #wasWoken = false;

  /** `maxRecords`: the most that one poll takes. */
  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  /** Polls this member from now on; what another one brought or brings is forgotten. */
  follow(member: GroupMember): void {
    this.#member = member;
    this.#isPolling = false;
    this.#batches = [];
    this.#failure = undefined;
    // A wait for a poll that is forgotten would have no end.
    if (this.#endWait !== undefined) this.wake();
  }

  /** Resolves when there is something to take, after `maxWaitMs`, or when it is woken. */
  wait(maxWaitMs: number): Promise<void> {
    const waitMs = this.#wasWoken ? 0 : maxWaitMs;
    this.#wasWoken = false;
    if (this.#batches.length > 0 || this.#failure !== undefined) return Promise.resolve();
    const isOlderPoll = this.#isPolling;
    if (!isOlderPoll) void this.#poll(waitMs);
    else if (waitMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      // A poll that was begun with a longer wait in mind does not end in time by itself.
      const timer = isOlderPoll ? setTimeout(() => this.wake(), waitMs) : undefined;
      this.#endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the wait; the next one when nobody waits now. */
  wake(): void {
    const end = this.#endWait;
    this.#endWait = undefined;
    if (end === undefined) this.#wasWoken = true;
    else end();
  }

  /** Each batch is taken once. @throws what the poll failed with, once. */
  take(): readonly RecordBatch[] {
    const batches = this.#batches;
    const failure = this.#failure;
    this.#batches = [];
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
    return batches;
  }

  /** Partitions that went: should they come back, they are read again from where they then begin. */
  forget(partitions: readonly TopicPartition[]): void {
    this.#batches = this.#batches.filter(
      ({ topic, partition }) =>
        !partitions.some((gone) => gone.topic === topic && gone.partition === partition),
    );
  }

  async #poll(maxWaitMs: number): Promise<void> {
    const member = this.#member as GroupMember;
    const isCurrent = () => member === this.#member;
    this.#isPolling = true;
    try {
      const batches = await member.poll({ maxRecords: this.#maxRecords, maxWaitMs });
      if (isCurrent()) this.#batches = batches;
    } catch (error) {
      if (isCurrent()) this.#failure = { error };
    }
    if (!isCurrent()) return;
    this.#isPolling = false;
    this.wake();
  }
}
