/**
 * When to commit, and what: the work of all tasks of a thread goes into one commit of the log.
 *
 * Idle input commits at once, which keeps latency low; under load, or where nobody waits, a commit
 * waits for enough records, bytes or time, which keeps throughput high. In between, where records
 * trickle in, commits leave the log a moment to settle.
 */
import type { StreamsConfig } from '../config.ts';
import type { LogCommit, ProducedRecord, TopicPartition } from '../log/log.ts';
import type { TaskCommit } from './task-commit.ts';

export class CommitPolicy {
  readonly #config: StreamsConfig;
  /** Milliseconds that only grow, whatever happens to the clock. */
  readonly #elapsedMs: () => number;
  #records = 0;
  #bytes = 0;
  #sinceMs: number | undefined;
  #restUntilMs = 0;

  constructor(config: StreamsConfig, elapsedMs = () => performance.now()) {
    this.#config = config;
    this.#elapsedMs = elapsedMs;
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Something was done that is not committed yet. */
  worked(records: number, nowMs: number): void {
    this.#records += records;
    this.#sinceMs ??= nowMs;
  }

  /** The log has answered a commit after so long. */
  answered(tookMs: number): void {
    this.#restUntilMs = this.#elapsedMs() + (tookMs * this.#config.commitRestPercent) / 100;
  }

  /** Whether anything was done that is in no commit yet. */
  get hasWork(): boolean {
    return this.#sinceMs !== undefined;
  }

  isDue(nowMs: number, drained: boolean): boolean {
    if (this.#sinceMs === undefined) return false;
    const { commitRecords, commitBytes, commitIntervalMs, commitWhenDrained } = this.#config;
    return (
      (drained && commitWhenDrained && this.#restMs === 0) ||
      this.#records >= commitRecords ||
      this.#bytes >= commitBytes ||
      hasPassed(commitIntervalMs, this.#sinceMs, nowMs)
    );
  }

  /** How long until time alone makes a commit due, in milliseconds; `Infinity` without work. */
  dueInMs(nowMs: number): number {
    if (this.#sinceMs === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#sinceMs + this.#config.commitIntervalMs - nowMs);
  }

  /** How long the work of a drained input still rests, in milliseconds; `Infinity`: it does not. */
  get restsForMs(): number {
    const isResting = this.hasWork && this.#config.commitWhenDrained && this.#restMs > 0;
    return isResting ? this.#restMs : Number.POSITIVE_INFINITY;
  }

  get #restMs(): number {
    return Math.max(0, this.#restUntilMs - this.#elapsedMs());
  }

  reset(): void {
    this.#records = 0;
    this.#bytes = 0;
    this.#sinceMs = undefined;
  }
}

export function logCommitOf(
  commits: readonly TaskCommit[],
  purge: LogCommit['purge'] & {} = [],
): LogCommit {
  const outputs: ProducedRecord[] = [];
  for (const commit of commits) {
    for (const output of commit.outputs) outputs.push(output);
    for (const record of commit.changelog) outputs.push(record);
  }
  return {
    outputs,
    offsets: commits.flatMap(({ offsets }) => offsets),
    state: commits
      .filter(({ writes }) => writes.length > 0)
      .map(({ taskId, writes }) => ({ taskId, writes })),
    purge,
  };
}

type Purge = TopicPartition & { readonly beforeOffset: bigint };

/** Remembers up to where repartition topics were read, and gives it out now and then. */
export class PurgeSchedule {
  readonly #topics: ReadonlySet<string>;
  readonly #intervalMs: number;
  readonly #read = new Map<string, Purge>();
  #lastMs: number;

  constructor(topics: ReadonlySet<string>, intervalMs: number, nowMs: number) {
    this.#topics = topics;
    this.#intervalMs = intervalMs;
    this.#lastMs = nowMs;
  }

  /** Offsets that are durable. */
  committed(offsets: LogCommit['offsets']): void {
    for (const { topic, partition, offset } of offsets) {
      if (!this.#topics.has(topic)) continue;
      this.#read.set(`${topic}-${partition}`, { topic, partition, beforeOffset: offset });
    }
  }

  /** What may be purged with the next commit: usually nothing. */
  due(nowMs: number): Purge[] {
    const isDue = this.#read.size > 0 && hasPassed(this.#intervalMs, this.#lastMs, nowMs);
    return isDue ? [...this.#read.values()] : [];
  }

  /** The commit that purged these is durable. */
  purged(purges: readonly Purge[], nowMs: number): void {
    if (purges.length === 0) return;
    this.#lastMs = nowMs;
    for (const { topic, partition } of purges) this.#read.delete(`${topic}-${partition}`);
  }
}

/** Also when the clock was set back: rather too early than an hour late. */
function hasPassed(intervalMs: number, sinceMs: number, nowMs: number): boolean {
  return nowMs - sinceMs >= intervalMs || nowMs < sinceMs;
}
