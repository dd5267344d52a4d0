/**
 * Reads partitions through the client and hands them out in fair batches.
 *
 *   broker ─▶ librdkafka's threads ─▶ consume (at most a chunk) ─▶ a buffer a partition ─▶ poll
 *
 * The client's `consume` is asked with no time to wait, because each waiting call would hold a thread
 * of libuv's pool; the client tells when there is something. One chunk is fetched ahead, so that the
 * way through the pool is walked while records are processed. Pausing stops the handing out; the
 * client itself is paused only when much has piled up, since it then throws away what it has fetched.
 */
import { StreamsError } from '../../errors.ts';
import type { PollOptions, RecordBatch, TopicPartition } from '../log.ts';
import { nameOf } from '../partition-name.ts';
import { type NativeStart, ReadingStopped, seek, seekWithinMs } from './client-seek.ts';
import { FetchedPartition, type FetchStart } from './fetched-partition.ts';
import { kafkaError, nativeCode } from './kafka-errors.ts';
import { inOneBlock } from './message-block.ts';
import {
  answerWithin,
  type NativeConsumer,
  type NativeMessage,
  NoAnswer,
} from './native-client.ts';

/** Records that one call of the client turns into objects: so long nothing else runs. */
const chunkRecords = 1_000;

/** Records that wait here to be handed out; more stay with the client. */
const bufferedRecords = 8_000;

/** A paused partition keeps so many records; then the client is paused too. */
const pausedRecords = 2_000;

/** A lost wake-up costs at most this much. */
const lookAgainMs = 500;

const defaultMaxRecords = 1_000;
const defaultMaxBytes = 8 * 1024 * 1024;

const localState = -172;

/** A call without a time to wait takes no time; one that takes so long has been forgotten. */
const consumeWithinMs = 30_000;

/** A poll does not wait longer than its time for a client that is busy, but so long at least. */
const leastWaitMs = 1_000;

interface Patience {
  readonly seekWithinMs: number;
  readonly consumeWithinMs: number;
}

export class PartitionFetcher {
  readonly #consumer: NativeConsumer;
  readonly #patience: Patience;
  readonly #byTopic = new Map<string, (FetchedPartition | undefined)[]>();
  #all: FetchedPartition[] = [];
  /** What the client reads, and what of it it holds back, by name. */
  readonly #inClient = new Map<string, TopicPartition>();
  readonly #pausedInClient = new Set<string>();
  /** Stays when a partition is sought anew, or is paused before it is assigned. */
  readonly #paused = new Set<string>();
  #toStart: FetchedPartition[] = [];
  #hasLeft = false;
  #ends: { readonly topic: string; readonly partition: number; readonly offset: number }[] = [];
  #filling: Promise<void> | undefined;
  #mayHaveMore = true;
  #askedMs = performance.now();
  #turn = 0;
  #averageBytes = 128;
  #failure: unknown;
  #closed = false;
  #wake: (() => void) | undefined;

  /** `consumer` is connected, with `partition.eof` events and `consumed` as its non-empty callback. */
  constructor(consumer: NativeConsumer, patience: Partial<Patience> = {}) {
    this.#consumer = consumer;
    this.#patience = { seekWithinMs, consumeWithinMs, ...patience };
    consumer.setDefaultConsumeTimeout(0);
    consumer.setDefaultIsTimeoutOnlyForFirstMessage(false);
    consumer.on('partition.eof', ((end: { topic: string; partition: number; offset: number }) => {
      this.#ends.push(end);
    }) as never);
  }

  /** The client has something: its queue is not empty any more. */
  signal(): void {
    this.#mayHaveMore = true;
    this.#wake?.();
  }

  /** Ends a poll that waits. */
  wake(): void {
    this.#wake?.();
  }

  /** Starts reading at `offset`, or goes on there. */
  assign(starts: readonly FetchStart[]): void {
    for (const start of starts) {
      if (this.#find(start)?.isAt(start.offset)) continue;
      const fetched = new FetchedPartition(start);
      fetched.paused = this.#paused.has(nameOf(start));
      const ofTopic = this.#byTopic.get(start.topic) ?? [];
      this.#byTopic.set(start.topic, ofTopic);
      ofTopic[start.partition] = fetched;
      this.#toStart.push(fetched);
    }
    this.#refresh();
  }

  unassign(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const ofTopic = this.#byTopic.get(partition.topic);
      if (ofTopic !== undefined) ofTopic[partition.partition] = undefined;
      this.#paused.delete(nameOf(partition));
    }
    this.#hasLeft = true;
    this.#refresh();
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#paused.add(nameOf(partition));
      const fetched = this.#find(partition);
      if (fetched !== undefined) fetched.paused = true;
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#paused.delete(nameOf(partition));
      const fetched = this.#find(partition);
      if (fetched !== undefined) fetched.paused = false;
    }
    this.#wake?.();
  }

  async poll(options: PollOptions): Promise<readonly RecordBatch[]> {
    const { maxRecords = defaultMaxRecords, maxBytes = defaultMaxBytes, maxWaitMs } = options;
    const untilMs = performance.now() + maxWaitMs;
    for (let mayFill = true; ; mayFill = performance.now() < untilMs) {
      this.#throwFailure();
      if (this.#closed) return [];
      if (mayFill && this.#isOneSided) {
        this.#fillAhead();
        await this.#filled(untilMs);
        if (this.#isOneSided && this.#filling === undefined) continue;
      }
      const batches = this.#take(maxRecords, maxBytes);
      this.#letGo();
      if (mayFill) this.#fillAhead();
      if (batches.length > 0) return batches;
      if (this.#filling !== undefined && mayFill) {
        await this.#filled(untilMs);
        if (this.#filling === undefined) continue;
      }
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return [];
      await this.#sleep(Math.min(leftMs, lookAgainMs));
    }
  }

  /** The consumer stays the caller's. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    await this.#filling;
  }

  /**
   * Whether only one of several partitions has records here, while there may be more with the client,
   * which hands out what it fetched partition by partition.
   */
  get #isOneSided(): boolean {
    if (this.#all.length < 2 || !this.#wantsMore) return false;
    let sides = 0;
    for (const fetched of this.#all) if (fetched.ready && ++sides > 1) return false;
    return sides === 1;
  }

  get #wantsMore(): boolean {
    return this.#mayHaveMore && this.#waiting() < bufferedRecords;
  }

  /** Until the client has answered; a client that is held up holds nobody else up. */
  async #filled(untilMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(leastWaitMs, untilMs - performance.now()));
    });
    await Promise.race([this.#filling, late]);
    clearTimeout(timer);
  }

  #fillAhead(): void {
    if (this.#filling !== undefined || this.#closed) return;
    const hasChores = this.#hasLeft || this.#toStart.length > 0;
    if (!hasChores && !this.#wantsMore) return;
    this.#filling = this.#fill()
      .catch((error: unknown) => {
        this.#failure = error;
      })
      .finally(() => {
        this.#filling = undefined;
      });
  }

  /** Between two calls of the client, never beside one: a chunk belongs to one assignment. */
  async #fill(): Promise<void> {
    await this.#tellClient();
    this.#mayHaveMore = false;
    this.#askedMs = performance.now();
    const wanted = Math.max(1, Math.min(chunkRecords, defaultMaxBytes / this.#averageBytes)) | 0;
    let messages: readonly NativeMessage[];
    try {
      messages = await answerWithin<readonly NativeMessage[]>(
        this.#patience.consumeWithinMs,
        (callback) => this.#consumer.consume(wanted, callback),
      );
    } catch (error) {
      if (this.#closed && nativeCode(error) === localState) return;
      this.#mayHaveMore = true;
      if (error instanceof NoAnswer) throw new ReadingStopped(error);
      throw kafkaError('cannot read from Kafka', error);
    }
    if (messages.length === wanted) this.#mayHaveMore = true;
    for (const message of inOneBlock(messages)) this.#add(message);
    for (const end of this.#ends.splice(0)) {
      const fetched = this.#find(end);
      if (fetched?.inClient) fetched.readTo(end.offset);
    }
    this.#holdBack();
  }

  async #tellClient(): Promise<void> {
    this.#hasLeft = false;
    const leaving = [...this.#inClient.values()].filter((it) => this.#find(it) === undefined);
    // The client would still hold it paused when it comes back.
    this.#resumeInClient(leaving);
    if (leaving.length > 0) this.#consumer.incrementalUnassign(leaving);
    for (const partition of leaving) this.#inClient.delete(nameOf(partition));

    const starting = this.#toStart.splice(0).filter((it) => this.#find(it) === it);
    const [held, coming] = split(starting, (it) => this.#inClient.has(nameOf(it)));
    if (coming.length > 0) this.#consumer.incrementalAssign(coming.map(startOf));
    for (const fetched of coming) this.#inClient.set(nameOf(fetched), partitionOf(fetched));
    for (const fetched of coming) fetched.inClient = true;
    try {
      for (const fetched of held) {
        await seek(this.#consumer, startOf(fetched), this.#patience.seekWithinMs);
        fetched.inClient = true;
      }
    } finally {
      this.#toStart.push(...held.filter(({ inClient }) => !inClient));
    }
  }

  #add(message: NativeMessage): void {
    const fetched = this.#find(message);
    if (fetched === undefined || !fetched.inClient) return;
    const { position } = fetched;
    if (message.offset === position) {
      fetched.add(message, 0);
    } else if (message.offset > position) {
      fetched.add(message, Math.max(0, this.#known(fetched).lowOffset - position));
    } else {
      const { topic, partition } = message;
      throw new StreamsError(
        'STREAMS_OFFSET_OUT_OF_RANGE',
        `'${topic}' partition ${partition} goes back from offset ${position} to ${message.offset}: ` +
          'the topic was made anew or lost records; reset the offsets of the group',
      );
    }
    const bytes = (message.key?.length ?? 0) + (message.value?.length ?? 0);
    this.#averageBytes += (bytes - this.#averageBytes) / 256;
  }

  /** What is paused piles up with the client, not here. */
  #holdBack(): void {
    const pause = this.#all.filter(
      (it) =>
        it.paused &&
        it.inClient &&
        it.buffered > pausedRecords &&
        !this.#pausedInClient.has(nameOf(it)),
    );
    if (pause.length === 0) return;
    this.#consumer.pause(pause.map(partitionOf));
    for (const fetched of pause) this.#pausedInClient.add(nameOf(fetched));
  }

  /** Also when there was nothing to take: what was sought anew has nothing here, however much it had. */
  #letGo(): void {
    if (this.#pausedInClient.size === 0) return;
    const flowing = this.#all.filter((it) => !it.paused && it.buffered <= pausedRecords / 2);
    this.#resumeInClient(flowing.map(partitionOf));
  }

  #resumeInClient(partitions: readonly TopicPartition[]): void {
    const held = partitions.filter((partition) => this.#pausedInClient.delete(nameOf(partition)));
    if (held.length > 0) this.#consumer.resume(held);
  }

  #take(maxRecords: number, maxBytes: number): RecordBatch[] {
    const ready = this.#all.filter((fetched) => fetched.ready);
    if (ready.length === 0) return [];
    const batches: RecordBatch[] = [];
    const first = this.#turn++ % ready.length;
    let records = maxRecords;
    let bytes = maxBytes;
    for (let i = 0; i < ready.length && records > 0 && bytes > 0; i++) {
      const fetched = ready[(first + i) % ready.length] as FetchedPartition;
      const left = ready.length - i;
      const batch = fetched.take(
        Math.max(1, Math.floor(records / left)),
        Math.max(1, Math.floor(bytes / left)),
        this.#endOf(fetched),
      );
      batches.push(batch);
      records -= batch.records.length;
      bytes -= batch.bytes;
    }
    return batches;
  }

  /**
   * Where a partition ends, as far as is known. A single offset behind all that the client had is the
   * marker of the transaction before it. To be certain takes a fetch that waits in vain, which nobody
   * who looks for records should have to wait for as well.
   */
  #endOf(fetched: FetchedPartition): number {
    const { highOffset } = this.#known(fetched);
    const hasMore = this.#mayHaveMore || this.#filling !== undefined;
    return !hasMore && highOffset === fetched.position + 1 ? fetched.position : highOffset;
  }

  /** Bounds of a partition as of its last fetch; of one that was never fetched nothing is known. */
  #known({ topic, partition }: TopicPartition): { lowOffset: number; highOffset: number } {
    try {
      return this.#consumer.getWatermarkOffsets(topic, partition);
    } catch {
      return { lowOffset: 0, highOffset: 0 };
    }
  }

  #waiting(): number {
    let waiting = 0;
    for (const fetched of this.#all) if (!fetched.paused) waiting += fetched.buffered;
    return waiting;
  }

  #find({ topic, partition }: TopicPartition): FetchedPartition | undefined {
    return this.#byTopic.get(topic)?.[partition];
  }

  #refresh(): void {
    this.#all = [...this.#byTopic.values()].flat().filter((fetched) => fetched !== undefined);
    this.#wake?.();
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(() => {
        this.#mayHaveMore ||= performance.now() - this.#askedMs >= lookAgainMs;
        end();
      }, ms);
      this.#wake = end;
    });
  }
}

function split<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  const [first, second]: [T[], T[]] = [[], []];
  for (const one of all) (isFirst(one) ? first : second).push(one);
  return [first, second];
}

function partitionOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}

function startOf(fetched: FetchedPartition): NativeStart {
  return { ...partitionOf(fetched), offset: fetched.position };
}
