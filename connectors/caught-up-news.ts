/**
 * Tells views that may lose their rows when they have all that the log had, and again each second: so
 * that one that was emptied while nothing came to be written is found, and read from the beginning.
 */
import type { SinkFeed } from './sink-feed.ts';
import type { SinkProgress } from './sink-progress.ts';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const tellEveryMs = 1_000;

export class CaughtUpNews {
  readonly #progress: SinkProgress;
  readonly #nowMs: () => number;
  /** When each view was told last; `undefined` when it is still to be told. */
  readonly #toldAtMs: Map<SinkFeed, number | undefined>;
  #waiting: Waiting[] = [];
  #closedReason: string | undefined;

  constructor(feeds: readonly SinkFeed[], progress: SinkProgress, nowMs: () => number) {
    this.#progress = progress;
    this.#nowMs = nowMs;
    const losing = feeds.filter(({ writer }) => writer.caughtUp !== undefined);
    this.#toldAtMs = new Map(losing.map((feed) => [feed, undefined]));
  }

  /** @throws SinkError `SINK_GAP` when a view has lost rows, or `SINK_UNAVAILABLE`. */
  async tell(): Promise<void> {
    if (!this.#areTold()) await this.#progress.noteOthers();
    for (const [feed, toldAtMs = -Infinity] of this.#toldAtMs) {
      if (this.#nowMs() - toldAtMs < tellEveryMs) continue;
      const positions = this.#progress.reached(feed.topic.name);
      if (positions === undefined) continue;
      await feed.writer.caughtUp?.(positions);
      this.#toldAtMs.set(feed, this.#nowMs());
    }
    if (!this.#areTold()) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  /** The views stand elsewhere: they are to be told of their new positions. */
  forget(): void {
    for (const feed of this.#toldAtMs.keys()) this.#toldAtMs.set(feed, undefined);
  }

  /** Resolves when every view has been told; rejects at the close. */
  async told(): Promise<void> {
    if (this.#areTold()) return;
    if (this.#closedReason !== undefined) throw new Error(this.#closedReason);
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  close(reason: string): void {
    this.#closedReason = reason;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(reason));
  }

  #areTold(): boolean {
    return [...this.#toldAtMs.values()].every((toldAtMs) => toldAtMs !== undefined);
  }
}
