/** Counts what a thread commits, and how long it takes. */

export interface CommitMetrics {
  readonly commits: number;
  /** Commits that the log refused and that were tried again. */
  readonly failed: number;
  readonly records: number;
  readonly meanMs: number;
  readonly maxMs: number;
  /** When the last one was durable; milliseconds since the Unix epoch, `undefined` before the first. */
  readonly lastMs: number | undefined;
}

export class CommitMeter {
  #commits = 0;
  #failed = 0;
  #records = 0;
  #totalMs = 0;
  #maxMs = 0;
  #lastMs: number | undefined;

  committed(commit: { readonly records: number; readonly tookMs: number; readonly nowMs: number }) {
    this.#commits += 1;
    this.#records += commit.records;
    this.#totalMs += commit.tookMs;
    this.#maxMs = Math.max(this.#maxMs, commit.tookMs);
    this.#lastMs = commit.nowMs;
  }

  failed(): void {
    this.#failed += 1;
  }

  get metrics(): CommitMetrics {
    return {
      commits: this.#commits,
      failed: this.#failed,
      records: this.#records,
      meanMs: this.#commits === 0 ? 0 : this.#totalMs / this.#commits,
      maxMs: this.#maxMs,
      lastMs: this.#lastMs,
    };
  }
}
