/** Reads partitions from where it is told: checks the offsets first, then leaves them to a fetcher. */
import { StreamsError } from '../../errors.ts';
import type { LogReader, PollOptions, RecordBatch, TopicPartition } from '../log.ts';
import type { FetchStart } from './fetched-partition.ts';
import { disconnect, type KafkaClients } from './kafka-clients.ts';
import type { KafkaTopics } from './kafka-topics.ts';
import type { NativeConsumer } from './native-client.ts';
import { PartitionFetcher } from './partition-fetcher.ts';

type Start = TopicPartition & { readonly offset: bigint };

/** The client wants the name of a group even from those who join none. */
const groupId = 'millrace-readers';

export class KafkaReader implements LogReader {
  readonly #topics: KafkaTopics;
  readonly #opening: Promise<{ consumer: NativeConsumer; fetcher: PartitionFetcher }>;
  #fetcher: PartitionFetcher | undefined;
  #assigning: Promise<void> = Promise.resolve();
  #failure: unknown;
  #closing: Promise<void> | undefined;
  #endWait: (() => void) | undefined;

  constructor(clients: KafkaClients, topics: KafkaTopics) {
    this.#topics = topics;
    this.#opening = this.#open(clients);
    this.#opening.catch(() => undefined); // The next poll tells of it.
  }

  assign(partitions: readonly Start[]): void {
    this.#assigning = this.#assigning
      .then(async () => {
        const { fetcher } = await this.#opening;
        fetcher.assign(await checkedStarts(this.#topics, partitions));
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      });
  }

  unassign(partitions: readonly TopicPartition[]): void {
    // What is being checked comes before it, and what was fetched may not come after it.
    this.#fetcher?.unassign(partitions);
    this.#assigning = this.#assigning.then(() => this.#fetcher?.unassign(partitions));
  }

  async poll(options: PollOptions): Promise<readonly RecordBatch[]> {
    if (this.#closing !== undefined) {
      throw new StreamsError('STREAMS_LOG_CLOSED', 'the reader is closed');
    }
    const untilMs = performance.now() + options.maxWaitMs;
    await this.#untilAssigned(options.maxWaitMs);
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    if (this.#fetcher === undefined || this.#closing !== undefined) return [];
    const maxWaitMs = Math.max(0, untilMs - performance.now());
    return this.#fetcher.poll({ ...options, maxWaitMs });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(clients: KafkaClients) {
    const whenNotEmpty = () => this.#fetcher?.signal();
    const consumer = await clients.reader(groupId, whenNotEmpty);
    const fetcher = new PartitionFetcher(consumer);
    this.#fetcher = fetcher;
    return { consumer, fetcher };
  }

  /** Until the offsets are checked, the time is over or the reader is closed. */
  #untilAssigned(maxWaitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#endWait = undefined;
        resolve();
      };
      const timer = setTimeout(end, Math.min(maxWaitMs, 2 ** 31 - 1));
      this.#endWait = end;
      void this.#assigning.then(end);
    });
  }

  async #close(): Promise<void> {
    this.#endWait?.();
    await this.#assigning;
    const opened = await this.#opening.catch(() => undefined);
    await opened?.fetcher.close();
    await disconnect(opened?.consumer);
  }
}

/**
 * Starts within what the log holds: behind what retention has removed, with how much that was.
 *
 * @throws StreamsError `STREAMS_OFFSET_OUT_OF_RANGE` for an offset behind the end of the log.
 */
export async function checkedStarts(
  topics: KafkaTopics,
  starts: readonly Start[],
): Promise<FetchStart[]> {
  for (const { topic, partition } of starts) {
    const { partitions } = await topics.require(topic);
    if (partition < partitions) continue;
    const message = `'${topic}' has partitions 0 to ${partitions - 1}, not ${partition}`;
    throw new StreamsError('STREAMS_TOPIC_UNKNOWN', message);
  }
  const [beginnings, ends] = await Promise.all([
    topics.offsets(starts.map((start) => ({ ...start, at: 'beginning' }))),
    topics.offsets(starts.map((start) => ({ ...start, at: 'end' }))),
  ]);
  return starts.map((start, i) => {
    const beginning = beginnings[i] as bigint;
    const end = ends[i] as bigint;
    if (start.offset > end) throw behindTheEnd(start, end);
    if (start.offset >= beginning) return start;
    return { ...start, offset: beginning, lostRecords: beginning - start.offset };
  });
}

function behindTheEnd({ topic, partition, offset }: Start, end: bigint): StreamsError {
  return new StreamsError(
    'STREAMS_OFFSET_OUT_OF_RANGE',
    `'${topic}' partition ${partition} ends at offset ${end}, and is to be read from ${offset}`,
  );
}
