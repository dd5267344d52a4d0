/** How far a sink is: its positions, its lag, and who waits for it to catch up. */
import type { Log, RecordBatch, TopicPartition } from '#streams';
import { SinkError } from './sink-error.ts';
import type { SinkFeed } from './sink-feed.ts';
import type { Position } from './views/view.ts';

interface Partition extends TopicPartition {
  /** The first that the log still has, or will have. */
  beginning: bigint;
  /** What the view has; as of the last look where another process feeds it. */
  next: bigint;
  /** What the log has, as far as is known. */
  end: bigint;
  /** What the log had when `next` was loaded. */
  target: bigint;
  /** Whether this process feeds it. */
  isOwn: boolean;
}

/** A batch of the log, and up to where its partition was read before it. */
export interface JoinedBatch {
  readonly batch: RecordBatch;
  readonly fromOffset: bigint;
}

/** How often a view is asked how far other processes have brought it. */
const lookElsewhereMs = 100;

interface Question {
  readonly targets: ReadonlyMap<Partition, bigint>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class SinkProgress {
  readonly #log: Log;
  readonly #feeds: readonly SinkFeed[];
  readonly #partitions: ReadonlyMap<string, Partition>;
  #questions: Question[] = [];
  #closedReason: string | undefined;

  private constructor(log: Log, feeds: readonly SinkFeed[], partitions: readonly Partition[]) {
    this.#log = log;
    this.#feeds = feeds;
    this.#partitions = new Map(partitions.map((partition) => [nameOf(partition), partition]));
  }

  /**
   * Of a sink that feeds no partition yet.
   *
   * @throws SinkError `SINK_AHEAD_OF_LOG`
   */
  static async open(log: Log, feeds: readonly SinkFeed[]): Promise<SinkProgress> {
    const partitions = await Promise.all(feeds.map((feed) => partitionsOf(log, feed)));
    return new SinkProgress(log, feeds, partitions.flat());
  }

  get partitions(): readonly TopicPartition[] {
    return [...this.#partitions.values()];
  }

  own(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#setOwn(partition, true);
  }

  disown(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#setOwn(partition, false);
  }

  /**
   * Takes the positions that the views have now.
   *
   * @throws SinkError `SINK_AHEAD_OF_LOG`
   */
  async reload(): Promise<void> {
    const partitions = await Promise.all(this.#feeds.map((feed) => partitionsOf(this.#log, feed)));
    for (const { topic, partition, beginning, next, end, target } of partitions.flat()) {
      const known = this.#partitions.get(nameOf({ topic, partition }));
      if (known !== undefined) Object.assign(known, { beginning, next, end, target });
    }
    this.#answer(({ targets }) => isReached(targets));
  }

  /**
   * That the views stand where this process has brought them, or further. One that tells it by itself,
   * or cannot be asked now, is left out.
   *
   * @throws SinkError `SINK_GAP` when one was emptied, or restored from a backup.
   */
  async lookBack(): Promise<void> {
    const quiet = this.#feeds.filter(({ writer }) => writer.caughtUp === undefined);
    await Promise.all(
      quiet.map(async ({ topic, writer }) => {
        const positions = await writer.positions().catch(() => undefined);
        if (positions === undefined) return;
        for (const known of this.#partitions.values()) {
          if (known.topic !== topic.name || !known.isOwn) continue;
          const next = positionOf(positions, known) ?? known.beginning;
          if (next < known.next) throw fallenBack(writer.name, known, next);
        }
      }),
    );
  }

  /** Whether this process feeds the first partition: of several that share, one does. */
  get isFirst(): boolean {
    const [first] = this.#partitions.values();
    return first?.isOwn ?? false;
  }

  /** Where to read on in the partitions that this process feeds. */
  positions(): (TopicPartition & { readonly offset: bigint })[] {
    return [...this.#partitions.values()]
      .filter(({ isOwn }) => isOwn)
      .map(({ topic, partition, next }) => ({ topic, partition, offset: next }));
  }

  /** The positions of a topic if all is in that it had when they were loaded. */
  reached(topic: string): Position[] | undefined {
    const own = [...this.#partitions.values()].filter((partition) => partition.topic === topic);
    if (own.some(({ next, target }) => next < target)) return undefined;
    return own.map(({ partition, next }) => ({ topic, partition, nextOffset: next }));
  }

  /** Of the partitions that this process feeds. */
  lag(): Record<string, number> {
    const lag: Record<string, number> = {};
    for (const { topic, next, end, isOwn } of this.#partitions.values()) {
      if (!isOwn) continue;
      lag[topic] = (lag[topic] ?? 0) + Number(end > next ? end - next : 0n);
    }
    return lag;
  }

  async caughtUp(): Promise<void> {
    const targets = new Map<Partition, bigint>();
    const topics = new Set(Array.from(this.#partitions.values(), ({ topic }) => topic));
    for (const topic of topics) {
      const { offsets } = await this.#log.describeTopic(topic);
      offsets.forEach(({ end }, partition) => {
        const known = this.#partitions.get(nameOf({ topic, partition }));
        if (known !== undefined) targets.set(known, end);
      });
    }
    if (isReached(targets)) return;
    if (this.#closedReason !== undefined) throw new Error(this.#closedReason);
    const reached = new Promise<void>((resolve, reject) => {
      this.#questions = [...this.#questions, { targets, resolve, reject }];
    });
    await this.#lookingElsewhere(reached);
  }

  /** Notes how far the log goes, and joins the batches of one poll to what was read before them. */
  seen(batches: readonly RecordBatch[]): JoinedBatch[] {
    const read = new Map<Partition, bigint>();
    return batches.flatMap((batch) => {
      const partition = this.#partitions.get(nameOf(batch));
      if (partition === undefined) return [];
      partition.end = batch.endOffset;
      const from = batch.fromOffset ?? read.get(partition) ?? partition.next;
      read.set(partition, batch.nextOffset);
      // What is no longer in the log is no gap: who reads all that there is begins at 0.
      return [{ batch, fromOffset: from <= partition.beginning ? 0n : from }];
    });
  }

  applied(position: TopicPartition & { readonly nextOffset: bigint }): void {
    const partition = this.#partitions.get(nameOf(position));
    if (partition === undefined) return;
    partition.next = position.nextOffset;
    this.#answer(({ targets }) => isReached(targets));
  }

  close(reason: string): void {
    this.#closedReason = reason;
    for (const { reject } of this.#questions) reject(new Error(reason));
    this.#questions = [];
  }

  /** What other processes feed, the view itself tells. */
  async #lookingElsewhere(reached: Promise<void>): Promise<void> {
    // A view that cannot be read now is looked at again.
    const look = () => void this.noteOthers().catch(() => {});
    const timer = setInterval(look, lookElsewhereMs);
    try {
      await reached;
    } finally {
      clearInterval(timer);
    }
  }

  /** Looks how far other processes have brought the views. */
  async noteOthers(): Promise<void> {
    if ([...this.#partitions.values()].every(({ isOwn }) => isOwn)) return;
    const all = await Promise.all(this.#feeds.map(({ writer }) => writer.positions()));
    for (const { topic, partition, nextOffset } of all.flat()) {
      const known = this.#partitions.get(nameOf({ topic, partition }));
      if (known !== undefined && !known.isOwn) known.next = nextOffset;
    }
    this.#answer(({ targets }) => isReached(targets));
  }

  #setOwn(partition: TopicPartition, isOwn: boolean): void {
    const known = this.#partitions.get(nameOf(partition));
    if (known !== undefined) known.isOwn = isOwn;
  }

  #answer(isAnswered: (question: Question) => boolean): void {
    if (this.#questions.length === 0) return;
    const answered = this.#questions.filter(isAnswered);
    this.#questions = this.#questions.filter((question) => !answered.includes(question));
    for (const { resolve } of answered) resolve();
  }
}

/** The positions first: what another process writes meanwhile must not seem ahead of the log. */
async function partitionsOf(log: Log, { topic, writer }: SinkFeed): Promise<Partition[]> {
  const positions = await writer.positions();
  const { offsets } = await log.describeTopic(topic.name);
  return offsets.map(({ beginning, end }, partition) => {
    const next = positionOf(positions, { topic: topic.name, partition }) ?? beginning;
    if (next > end) throw aheadOfLog(writer.name, { topic: topic.name, partition }, next, end);
    return { topic: topic.name, partition, beginning, next, end, target: end, isOwn: false };
  });
}

function positionOf(
  positions: readonly Position[],
  { topic, partition }: TopicPartition,
): bigint | undefined {
  return positions.find((known) => known.topic === topic && known.partition === partition)
    ?.nextOffset;
}

function fallenBack(view: string, { topic, partition, next }: Partition, now: bigint): SinkError {
  return new SinkError(
    'SINK_GAP',
    `view '${view}' stands at offset ${now} of ${nameOf({ topic, partition })} and stood at ${next} ` +
      'before: it was emptied or restored, and is read on from where it stands',
  );
}

function aheadOfLog(view: string, partition: TopicPartition, next: bigint, end: bigint): SinkError {
  return new SinkError(
    'SINK_AHEAD_OF_LOG',
    `view '${view}' has read ${nameOf(partition)} up to offset ${next}, but it ends at ${end}: ` +
      'was the log deleted or restored? Rebuild the view from the log that is there now',
  );
}

function isReached(targets: ReadonlyMap<Partition, bigint>): boolean {
  for (const [partition, end] of targets) if (partition.next < end) return false;
  return true;
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
