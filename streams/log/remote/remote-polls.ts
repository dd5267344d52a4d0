/**
 * Polls of a reader or member in another thread. While the caller works on what it got, the next
 * batches are on their way already, so that under load nobody waits for the round trip: at most one
 * poll ahead, with the limits of the last one.
 */
import type { PollOptions, RecordBatch, TopicPartition } from '../log.ts';
import { BatchesAhead } from './batches-ahead.ts';
import type { HostMethods } from './log-calls.ts';
import { unpackBatches } from './packed-records.ts';
import type { PortCalls } from './port-calls.ts';

type At = TopicPartition & { readonly offset: bigint };

export class RemotePolls {
  readonly handle: number;
  readonly #host: PortCalls<HostMethods>;
  readonly #batches = new BatchesAhead();
  /** Whether batches of this partition are welcome. */
  readonly #isOurs: (partition: TopicPartition) => boolean;
  #epoch = 0;
  #ahead: Promise<void> | undefined;
  #wake = () => {};

  constructor(
    host: PortCalls<HostMethods>,
    handle: number,
    isOurs: (partition: TopicPartition) => boolean = () => true,
  ) {
    this.#host = host;
    this.handle = handle;
    this.#isOurs = isOurs;
  }

  async poll(options: PollOptions): Promise<readonly RecordBatch[]> {
    let batches = this.#batches.take(options);
    if (batches.length === 0 && this.#ahead !== undefined) {
      await this.#ahead; // Does not wait for records, so the answer is about to come.
      batches = this.#batches.take(options);
    }
    if (batches.length === 0) {
      const resumed = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([this.#ask(options), resumed]);
      batches = this.#batches.take(options);
    }
    if (batches.some(({ nextOffset, endOffset }) => nextOffset < endOffset)) {
      this.#askAhead(options);
    }
    return batches;
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#batches.pause(partitions);
    this.#host.tell('pause', { handle: this.handle, partitions });
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#batches.resume(partitions);
    this.#host.tell('resume', { handle: this.handle, partitions });
    if (this.#batches.hasSome) this.#wake();
  }

  /** Reads on from these offsets; nothing that was read before is delivered. */
  reposition(how: 'assign' | 'seek', partitions: readonly At[]): void {
    this.#epoch += 1;
    for (const partition of partitions) this.#batches.reposition(partition, this.#epoch);
    this.#host.tell(how, { handle: this.handle, partitions, epoch: this.#epoch });
  }

  forget(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#batches.forget(partition);
  }

  #askAhead(options: PollOptions): void {
    if (this.#ahead !== undefined || this.#batches.hasSome) return;
    const ahead = this.#ask({ ...options, maxWaitMs: 0 }).finally(() => {
      this.#ahead = undefined;
    });
    this.#ahead = ahead;
    ahead.catch(() => undefined); // A poll that waits for it gets the error; else the next one asks.
  }

  async #ask(options: PollOptions): Promise<void> {
    const { epoch, ...packed } = await this.#host.call('poll', { handle: this.handle, options });
    this.#batches.add(unpackBatches(packed).filter(this.#isOurs), epoch);
  }
}
