/**
 * Drives views from the log: reads each topic from where its view stands, decodes, and applies
 * small batches. One batch is under way at a time, so a slow view slows its reading and nothing else.
 *
 * What fails is tried again, from the view's position, for as long as the sink runs; a record that
 * can never be applied goes to the topic `<sink>.dead-letters` and the rest goes on.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ConsumedRecord,
  type Log,
  type RecordBatch,
  type SchemaRegistry,
  StreamsError,
} from '#streams';
import { CaughtUpNews } from './caught-up-news.ts';
import { deadLetterOf, deadLetterTopic } from './dead-letter.ts';
import { SinkError } from './sink-error.ts';
import { type ChangeDecoder, changeDecoder, type SinkFeed } from './sink-feed.ts';
import { type JoinedBatch, SinkProgress } from './sink-progress.ts';
import { readAll, readShare, type SinkSource } from './sink-source.ts';
import { backoffMs, systemTiming, type Timing } from './timing.ts';
import type { Change } from './views/view.ts';

export interface SinkOptions {
  /** Names the sink in metrics and its dead-letter topic. */
  readonly name: string;
  readonly log: Log;
  readonly registry: SchemaRegistry;
  readonly feeds: readonly SinkFeed[];
  /** Processes that name the same group share the partitions; `undefined`: this one feeds them all. */
  readonly groupId?: string | undefined;
  /**
   * Records that are applied at once. An embedded view is written on the main thread: few enough
   * that a request does not wait for them.
   *
   * @defaultValue what the view prefers, or 100
   */
  readonly sliceRecords?: number;
  readonly timing?: Timing;
  /** Told of each failure that is tried again, and of each dead letter. */
  readonly onTrouble?: (error: Error) => void;
}

export interface SinkMetrics {
  readonly records: number;
  readonly batches: number;
  readonly deadLetters: number;
  readonly retries: number;
  /** Records by topic that the log has and the view has not, as of the last poll. */
  readonly lag: Readonly<Record<string, number>>;
  /** Milliseconds since the epoch; `undefined` when nothing ever failed. */
  readonly lastError: { readonly message: string; readonly atMs: number } | undefined;
}

export interface RunningSink {
  readonly name: string;
  /** Resolves when all is applied that is in the log now; rejects when the sink is closed before. */
  caughtUp(): Promise<void>;
  metrics(): SinkMetrics;
  /** Of the processes that share the partitions, one leads; it may be another in a moment. */
  readonly isLeader: boolean;
  /** Finishes the batch under way. */
  close(): Promise<void>;
}

/** A change and the bytes it came from, for the dead letters. */
interface Entry {
  readonly change: Change<unknown, unknown>;
  readonly record: ConsumedRecord;
}

/** A part of a batch of the log. */
interface Slice {
  readonly topic: string;
  readonly partition: number;
  readonly entries: readonly Entry[];
  readonly fromOffset: bigint;
  readonly nextOffset: bigint;
}

interface OpenFeed extends SinkFeed {
  readonly decoder: ChangeDecoder;
}

const defaultSliceRecords = 100;
const retryBackoff = { firstMs: 50, maxMs: 10_000 };
/** How soon a view that was emptied or restored is found when nothing comes to be written. */
const lookBackEveryMs = 2_000;

/**
 * Creates the topics that do not exist and starts.
 *
 * @throws SinkError `SINK_AHEAD_OF_LOG` when a view was made from another log.
 */
export async function runSink(options: SinkOptions): Promise<RunningSink> {
  const { log, registry, feeds, name } = options;
  const topics = new Set(feeds.map(({ topic }) => topic.name));
  if (topics.size < feeds.length) {
    throw new Error(`sink '${name}' has two feeds of one topic: give each a sink of its own`);
  }
  await log.createTopics([...feeds.map(({ topic }) => specOf(topic)), deadLetterTopic(name)]);
  const progress = await SinkProgress.open(log, feeds);
  const opened = await Promise.all(
    feeds.map(async (feed) => ({ ...feed, decoder: await changeDecoder(feed, registry) })),
  );
  return new SinkRun(options, opened, progress);
}

class SinkRun implements RunningSink {
  readonly name: string;
  readonly #options: SinkOptions;
  readonly #timing: Timing;
  readonly #feeds: ReadonlyMap<string, OpenFeed>;
  readonly #progress: SinkProgress;
  readonly #news: CaughtUpNews;
  readonly #source: SinkSource;
  readonly #closing = new AbortController();
  readonly #finished: Promise<void>;
  readonly #counts = { records: 0, batches: 0, deadLetters: 0, retries: 0 };
  #lastError: SinkMetrics['lastError'];
  #lookedBackAtMs: number;

  constructor(options: SinkOptions, feeds: readonly OpenFeed[], progress: SinkProgress) {
    this.name = options.name;
    this.#options = options;
    this.#timing = options.timing ?? systemTiming;
    this.#lookedBackAtMs = this.#timing.nowMs();
    this.#feeds = new Map(feeds.map((feed) => [feed.topic.name, feed]));
    this.#progress = progress;
    this.#news = new CaughtUpNews(feeds, progress, this.#timing.nowMs);
    const { log, groupId } = options;
    this.#source =
      groupId === undefined ? readAll(log, progress) : readShare({ log, progress, groupId });
    this.#finished = this.#run();
  }

  async caughtUp(): Promise<void> {
    await this.#progress.caughtUp();
    await this.#news.told();
  }

  get isLeader(): boolean {
    return this.#progress.isFirst;
  }

  metrics(): SinkMetrics {
    return { ...this.#counts, lag: this.#progress.lag(), lastError: this.#lastError };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#source.close();
    await this.#finished;
    const reason = `sink '${this.name}' was closed before it had caught up`;
    this.#progress.close(reason);
    this.#news.close(reason);
  }

  /** Ends only when the sink is closed: whatever fails is reported and tried again. */
  async #run(): Promise<void> {
    let attempt = 0;
    let hasFailed = false;
    while (!this.#closing.signal.aborted) {
      try {
        if (hasFailed) await this.#goBack();
        hasFailed = false;
        await this.#news.tell();
        await this.#lookBack();
        await this.#applyAll(await this.#read());
        attempt = 0;
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#report(error);
        this.#counts.retries += 1;
        const waitMs = backoffMs(retryBackoff, attempt, this.#timing.random);
        await this.#timing.sleep(waitMs, this.#closing.signal);
        attempt += 1;
        hasFailed = true;
      }
    }
  }

  /** A view may stand elsewhere than before: another process wrote it, or it was rebuilt. */
  async #goBack(): Promise<void> {
    await this.#progress.reload();
    this.#news.forget();
    this.#source.restart();
  }

  async #lookBack(): Promise<void> {
    const nowMs = this.#timing.nowMs();
    if (nowMs - this.#lookedBackAtMs < lookBackEveryMs) return;
    this.#lookedBackAtMs = nowMs;
    await this.#progress.lookBack();
  }

  async #read(): Promise<readonly JoinedBatch[]> {
    try {
      return await this.#source.poll();
    } catch (error) {
      await this.#source.close().catch(() => {}); // It has failed already; the next poll opens it anew.
      throw error;
    }
  }

  async #applyAll(joined: readonly JoinedBatch[]): Promise<void> {
    for (const feed of this.#feeds.values()) {
      const own = joined.filter(({ batch }) => batch.topic === feed.topic.name);
      const slices: Slice[] = [];
      for (const { batch, fromOffset } of own) {
        slices.push(...(await this.#slicesOf(feed, batch, fromOffset)));
      }
      for (const pack of packed(slices, this.#sliceRecords(feed))) {
        if (this.#closing.signal.aborted) return;
        await this.#apply(feed, pack);
        await nextTurn(); // Requests come first.
      }
    }
  }

  #sliceRecords({ writer }: SinkFeed): number {
    return this.#options.sliceRecords ?? writer.preferredChanges ?? defaultSliceRecords;
  }

  async #slicesOf(feed: OpenFeed, batch: RecordBatch, fromOffset: bigint): Promise<Slice[]> {
    const { topic, partition, records, nextOffset } = batch;
    const entries: Entry[] = [];
    for (const record of records) {
      try {
        entries.push({ change: await feed.decoder.decode(record), record });
      } catch (error) {
        if (!isUndecodable(error)) throw error;
        await this.#bury(record, batch, error);
      }
    }
    const slices: Slice[] = [];
    const size = this.#sliceRecords(feed);
    for (let from = 0; from < entries.length || from === 0; from += size) {
      const next = entries[from + size];
      slices.push({
        topic,
        partition,
        entries: entries.slice(from, from + size),
        fromOffset: slices.at(-1)?.nextOffset ?? fromOffset,
        nextOffset: next?.record.offset ?? nextOffset,
      });
    }
    return slices;
  }

  /** Applies the slices as one. When they are rejected, halves them until the culprit is alone. */
  async #apply(feed: OpenFeed, slices: readonly Slice[]): Promise<void> {
    try {
      await feed.writer.apply(slices.map(changesOf));
    } catch (error) {
      if (!isRejection(error)) throw error;
      await this.#applyApart(feed, slices, error);
      return;
    }
    this.#counts.batches += 1;
    for (const slice of slices) {
      this.#counts.records += slice.entries.length;
      this.#progress.applied(slice);
    }
  }

  async #applyApart(feed: OpenFeed, slices: readonly Slice[], error: SinkError): Promise<void> {
    const [slice] = slices;
    if (slice === undefined || (slices.length === 1 && slice.entries.length === 0)) throw error;
    const culprit = slice.entries[0];
    if (slices.length === 1 && slice.entries.length === 1 && culprit !== undefined) {
      await this.#bury(culprit.record, slice, error);
      await this.#apply(feed, [{ ...slice, entries: [] }]);
      return;
    }
    const parts = slices.length > 1 ? slices : halves(slice);
    for (const part of parts) await this.#apply(feed, [part]);
  }

  /** Durable among the dead letters before the position moves on: maybe twice, never not at all. */
  async #bury(
    record: ConsumedRecord,
    origin: { readonly topic: string; readonly partition: number },
    error: Error,
  ): Promise<void> {
    await this.#options.log.append([deadLetterOf(this.name, record, origin, error)]);
    this.#counts.deadLetters += 1;
    this.#report(error);
  }

  #report(error: unknown): void {
    const reported = error instanceof Error ? error : new Error(String(error));
    this.#lastError = { message: reported.message, atMs: this.#timing.nowMs() };
    this.#options.onTrouble?.(reported);
  }
}

function specOf({ name, partitions, cleanupPolicy, retentionMs }: SinkFeed['topic']) {
  return { name, partitions, cleanupPolicy, retentionMs };
}

/** Small slices of several partitions go together, in their order. */
function packed(slices: readonly Slice[], limit: number): Slice[][] {
  const packs: Slice[][] = [];
  let pack: Slice[] = [];
  let count = 0;
  for (const slice of slices) {
    if (pack.length > 0 && count + slice.entries.length > limit) {
      packs.push(pack);
      pack = [];
      count = 0;
    }
    pack.push(slice);
    count += slice.entries.length;
  }
  if (pack.length > 0) packs.push(pack);
  return packs;
}

function halves(slice: Slice): Slice[] {
  const middle = slice.entries.length >> 1;
  const first = slice.entries.slice(0, middle);
  const second = slice.entries.slice(middle);
  const nextOffset = second[0]?.record.offset ?? slice.nextOffset;
  return [
    { ...slice, entries: first, nextOffset },
    { ...slice, entries: second, fromOffset: nextOffset },
  ];
}

function changesOf({ entries, ...range }: Slice) {
  return { ...range, changes: entries.map(({ change }) => change) };
}

function isRejection(error: unknown): error is SinkError {
  return error instanceof SinkError && error.code === 'SINK_REJECTED';
}

function isUndecodable(error: unknown): error is StreamsError {
  return error instanceof StreamsError && error.code === 'STREAMS_RECORD_UNDECODABLE';
}
