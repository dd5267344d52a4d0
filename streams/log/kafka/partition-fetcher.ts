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
import { FetchedPartition, type FetchStart } from './fetched-partition.ts';
import { kafkaError, nativeCode } from './kafka-errors.ts';
import { answer, type NativeConsumer, type NativeMessage } from './native-client.ts';

/** Records that one call of the client turns into objects: so long nothing else runs. */
const chunkRecords = 1_000;

/** Records that wait here to be handed out; more stay with the client. */
const bufferedRecords = 8_000;

/** A paused partition keeps so many records; then the client is paused too. */
const pausedRecords = 2_000;

/** A lost wake-up costs at most this much. */
const lookAgainMs = 100;

const defaultMaxRecords = 1_000;
const defaultMaxBytes = 8 * 1024 * 1024;

const localState = -172;

export class PartitionFetcher {
  readonly #consumer: NativeConsumer;
  readonly #byTopic = new Map<string, (FetchedPartition | undefined)[]>();
  #all: FetchedPartition[] = [];
  #toAssign: FetchedPartition[] = [];
  #toUnassign: FetchedPartition[] = [];
  #ends: { readonly topic: string; readonly partition: number; readonly offset: number }[] = [];
  #filling: Promise<void> | undefined;
  #mayHaveMore = true;
  #turn = 0;
  #averageBytes = 128;
  #failure: unknown;
  #closed = false;
  #wake: (() => void) | undefined;

  /** `consumer` is connected, with `partition.eof` events and `consumed` as its non-empty callback. */
  constructor(consumer: NativeConsumer) {
    this.#consumer = consumer;
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
      this.#leave(start);
      const fetched = new FetchedPartition(start);
      const ofTopic = this.#byTopic.get(start.topic) ?? [];
      this.#byTopic.set(start.topic, ofTopic);
      ofTopic[start.partition] = fetched;
      this.#toAssign.push(fetched);
    }
    this.#refresh();
  }

  unassign(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#leave(partition);
    this.#refresh();
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const fetched = this.#find(partition);
      if (fetched !== undefined) fetched.paused = true;
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
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
        await this.#filling;
        if (this.#isOneSided) continue;
      }
      const batches = this.#take(maxRecords, maxBytes);
      if (mayFill) this.#fillAhead();
      if (batches.length > 0) return batches;
      if (this.#filling !== undefined && mayFill) {
        await this.#filling;
        continue;
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

  #fillAhead(): void {
    if (this.#filling !== undefined || this.#closed) return;
    const hasChores = this.#toAssign.length + this.#toUnassign.length > 0;
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
    this.#tellClient();
    this.#mayHaveMore = false;
    const wanted = Math.max(1, Math.min(chunkRecords, defaultMaxBytes / this.#averageBytes)) | 0;
    let messages: readonly NativeMessage[];
    try {
      messages = await answer<readonly NativeMessage[]>((callback) =>
        this.#consumer.consume(wanted, callback),
      );
    } catch (error) {
      if (this.#closed && nativeCode(error) === localState) return;
      this.#mayHaveMore = true;
      throw kafkaError('cannot read from Kafka', error);
    }
    if (messages.length === wanted) this.#mayHaveMore = true;
    for (const message of messages) this.#add(message);
    for (const end of this.#ends.splice(0)) {
      const fetched = this.#find(end);
      if (fetched?.inClient) fetched.readTo(end.offset);
    }
    this.#holdBack();
  }

  #tellClient(): void {
    const leaving = this.#toUnassign.splice(0).filter(({ inClient }) => inClient);
    // The client would still hold it paused when it comes back.
    const paused = leaving.filter(({ pausedInClient }) => pausedInClient);
    if (paused.length > 0) this.#consumer.resume(paused.map(nameOf));
    if (leaving.length > 0) this.#consumer.incrementalUnassign(leaving.map(nameOf));
    for (const fetched of leaving) fetched.inClient = false;
    const coming = this.#toAssign.splice(0).filter((fetched) => this.#find(fetched) === fetched);
    if (coming.length === 0) return;
    this.#consumer.incrementalAssign(
      coming.map((fetched) => ({ ...nameOf(fetched), offset: fetched.position })),
    );
    for (const fetched of coming) fetched.inClient = true;
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
      (it) => it.paused && !it.pausedInClient && it.inClient && it.buffered > pausedRecords,
    );
    if (pause.length > 0) this.#consumer.pause(pause.map(nameOf));
    for (const fetched of pause) fetched.pausedInClient = true;
  }

  #letGo(): void {
    const resume = this.#all.filter(
      (it) => !it.paused && it.pausedInClient && it.inClient && it.buffered <= pausedRecords / 2,
    );
    if (resume.length > 0) this.#consumer.resume(resume.map(nameOf));
    for (const fetched of resume) fetched.pausedInClient = false;
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
        this.#known(fetched).highOffset,
      );
      batches.push(batch);
      records -= batch.records.length;
      bytes -= batch.bytes;
    }
    this.#letGo();
    return batches;
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

  #leave(partition: TopicPartition): void {
    const fetched = this.#find(partition);
    if (fetched === undefined) return;
    (this.#byTopic.get(partition.topic) as (FetchedPartition | undefined)[])[partition.partition] =
      undefined;
    this.#toUnassign.push(fetched);
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
        this.#mayHaveMore = true;
        end();
      }, ms);
      this.#wake = end;
    });
  }
}

function nameOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
