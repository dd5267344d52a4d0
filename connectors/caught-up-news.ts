/** Tells views that lose their rows at times when they have again all that the log had. */
import type { SinkFeed } from './sink-feed.ts';
import type { SinkProgress } from './sink-progress.ts';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class CaughtUpNews {
  readonly #progress: SinkProgress;
  readonly #feeds: readonly SinkFeed[];
  #untold: readonly SinkFeed[];
  #waiting: Waiting[] = [];
  #closedReason: string | undefined;

  constructor(feeds: readonly SinkFeed[], progress: SinkProgress) {
    this.#feeds = feeds.filter(({ writer }) => writer.caughtUp !== undefined);
    this.#untold = this.#feeds;
    this.#progress = progress;
  }

  /** Tells each view, once, that has what the log had when its positions were loaded. */
  async tell(): Promise<void> {
    if (this.#untold.length === 0) return;
    for (const feed of this.#untold) {
      const positions = this.#progress.reached(feed.topic.name);
      if (positions === undefined) continue;
      await feed.writer.caughtUp?.(positions);
      this.#untold = this.#untold.filter((each) => each !== feed);
    }
    if (this.#untold.length > 0) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  /** The views may have lost their rows: from their positions on it is all to be told again. */
  tellAgain(): void {
    this.#untold = this.#feeds;
  }

  /** Resolves when every view has been told; rejects at the close. */
  async told(): Promise<void> {
    if (this.#untold.length === 0) return;
    if (this.#closedReason !== undefined) throw new Error(this.#closedReason);
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  close(reason: string): void {
    this.#closedReason = reason;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(reason));
  }
}
