/**
 * The loop that drives tasks: one group member, all of the partitions it was given.
 *
 *   poll ─▶ deliver ─▶ process a slice ─▶ punctuate ─▶ commit if due ─▶ let others run ─▶ poll …
 *
 * Whatever uses the tasks (a turn of the loop, a rebalance, the last commit) runs alone: each waits
 * for the one before. Nothing is committed after a failure; what was done since the last commit is
 * done again by whoever takes over.
 *
 * Equivalent: StreamThread.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isUnknownSchema } from '../avro/framing.ts';
import type { SchemaRegistry } from '../avro/registry.ts';
import { StreamsError } from '../errors.ts';
import type { GroupMember, RecordBatch, TopicPartition } from '../log/log.ts';
import { topicName } from '../topology/topology.ts';
import { Backoff } from './backoff.ts';
import { CommitPolicy, logCommitOf, PurgeSchedule } from './commit.ts';
import { CommitMeter } from './commit-meter.ts';
import { repartitionTopics } from './internal-topics.ts';
import { OwnedTasks, type TaskMaterial } from './owned-tasks.ts';
import { isEmptyCommit } from './task-commit.ts';

export interface StreamThreadOptions extends TaskMaterial {
  readonly registry: SchemaRegistry;
  readonly events: {
    /** Tasks are being made; then they run. */
    rebalancing(isRebalancing: boolean): void;
    /** The thread has ended for good, with nothing of its last work committed. */
    failed(error: unknown): void;
  };
}

/** Records between two looks at the clock. */
const recordsBetweenLooks = 32;

/** How long a thread sleeps while tasks are restored: they start when it looks again. */
const whileRestoringMs = 20;

/** How long a thread without tasks sleeps: the first ones may come with punctuators. */
const withoutTasksMs = 100;

/** Punctuators of many tasks are due at many times: those of this long share a turn. */
const sharedTurnMs = 50;

export class StreamThread {
  readonly tasks: OwnedTasks;
  readonly commits = new CommitMeter();
  readonly #options: StreamThreadOptions;
  readonly #policy: CommitPolicy;
  readonly #purges: PurgeSchedule;
  readonly #backoff: Backoff;
  readonly #interrupt = new AbortController();
  #member: GroupMember | undefined;
  /** How often this thread has joined: what a member before says late is of no concern. */
  #joined = 0;
  #alone: Promise<unknown> = Promise.resolve();
  #looping: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: StreamThreadOptions) {
    const { config, topology, clock } = options;
    this.#options = options;
    this.tasks = new OwnedTasks(options);
    this.#policy = new CommitPolicy(config);
    const repartitions = repartitionTopics(topology, config.applicationId);
    this.#purges = new PurgeSchedule(repartitions, config.purgeIntervalMs, clock());
    this.#backoff = new Backoff({
      firstMs: config.retryBackoffMs,
      maxMs: config.retryBackoffMaxMs,
    });
  }

  async start(): Promise<void> {
    await this.#join();
    this.tasks.standBy(async () => (await this.#member?.peers?.()) ?? []);
    this.#looping = this.#loop().catch((error) => this.#fail(error));
  }

  /** Ends the loop where it is, without a commit. `close` must follow. */
  stop(): void {
    this.#failure ??= { error: undefined };
    this.#interrupt.abort();
  }

  /** Finishes the slice in hand, commits what is done, leaves the group. */
  async close(): Promise<void> {
    this.#interrupt.abort();
    await this.#looping;
    await this.#alone;
    if (this.#failure === undefined) {
      try {
        await this.#runAlone(() => this.#commit());
      } catch (error) {
        this.#fail(error);
      }
    }
    await this.#member?.close();
    this.tasks.clear();
    await this.tasks.close();
  }

  get #closing(): boolean {
    return this.#interrupt.signal.aborted;
  }

  async #join(): Promise<void> {
    const { topology, config, log } = this.#options;
    const { applicationId, startFrom } = config;
    this.#joined += 1;
    const joined = this.#joined;
    const together = topology.subTopologies.map(({ sources }) =>
      sources.map((source) => topicName(source, applicationId)),
    );
    this.#member = await log.joinGroup({
      groupId: applicationId,
      topics: together.flat(),
      together,
      startFrom,
      listener: {
        onAssigned: (partitions) => this.#runAlone(() => this.#assign(partitions, joined)),
        onRevoked: (partitions) => this.#runAlone(() => this.#revoke(partitions, joined)),
      },
    });
  }

  async #loop(): Promise<void> {
    let isBusy = false;
    while (!this.#closing && this.#failure === undefined) {
      const batches = await this.#poll(isBusy ? 0 : this.#idleWaitMs);
      isBusy = await this.#runAlone(() => this.#turn(batches));
      this.#options.events.rebalancing(this.tasks.isRestoring); // Also for a member that was given nothing.
      if (isBusy) await nextTurn();
    }
  }

  /**
   * Until a punctuator or a commit is due, or records have waited long enough for those of another
   * input. Never long: the clock may be set, and tasks may come while the thread sleeps.
   */
  get #idleWaitMs(): number {
    const { clock, config } = this.#options;
    const { pollIntervalMs, taskIdleMs } = config;
    if (this.tasks.isRestoring) return Math.min(pollIntervalMs, whileRestoringMs);
    if (this.tasks.all.length === 0) return Math.min(pollIntervalMs, withoutTasksMs);
    const nowMs = clock();
    let waitMs = Math.min(pollIntervalMs, this.#policy.dueInMs(nowMs));
    if (taskIdleMs > 0 && this.#buffered > 0) waitMs = Math.min(waitMs, taskIdleMs);
    for (const { task } of this.tasks.all) {
      waitMs = Math.min(waitMs, task.punctuationDueInMs(nowMs));
    }
    return Math.max(waitMs, Math.min(sharedTurnMs, pollIntervalMs));
  }

  async #poll(maxWaitMs: number): Promise<readonly RecordBatch[]> {
    const member = this.#member as GroupMember;
    const polled = member.poll({ maxRecords: this.#options.config.pollRecords, maxWaitMs });
    try {
      // What an abandoned poll brings is not committed, so somebody else reads it again.
      return maxWaitMs === 0 ? await polled : await this.#unlessInterrupted(polled);
    } catch (error) {
      await this.#runAlone(() => this.#recover(error));
      return [];
    }
  }

  /** Whether there is more to do at once. */
  async #turn(batches: readonly RecordBatch[]): Promise<boolean> {
    if (this.#failure !== undefined) return false;
    try {
      for (const batch of batches) this.#policy.received(this.tasks.deliver(batch));
      const processed = await this.#processSlice();
      this.#regulateFlow();
      const drained = processed === 0 || (!hasMore(batches) && this.#buffered === 0);
      if (this.#policy.isDue(this.#options.clock(), drained)) await this.#commit();
      return processed > 0;
    } catch (error) {
      await this.#recover(error);
      return true;
    }
  }

  async #processSlice(): Promise<number> {
    const { config, clock } = this.#options;
    const untilMs = performance.now() + config.sliceMs;
    const tasks = this.tasks.all;
    let processed = 0;
    let inRound: number;
    do {
      inRound = 0;
      for (const owned of tasks) {
        let count: number;
        try {
          count = owned.task.process(recordsBetweenLooks);
        } catch (error) {
          count = await this.#afterFault(error);
        }
        if (count === 0) continue;
        owned.processed += count;
        owned.progressMs = clock();
        inRound += count;
      }
      processed += inRound;
    } while (inRound > 0 && performance.now() < untilMs);
    const fired = tasks.reduce((sum, { task }) => sum + task.punctuate(), 0);
    if (processed + fired > 0) this.#policy.worked(processed, clock());
    return processed;
  }

  /** A record whose schema was not known yet is the next again: there is more to do at once. */
  async #afterFault(error: unknown): Promise<number> {
    if (!isUnknownSchema(error)) throw error;
    await this.#loadSchema(error.schemaId);
    return 1;
  }

  /** An id that the registry does not know is remembered by it, and the record becomes a dead letter. */
  async #loadSchema(id: number): Promise<void> {
    try {
      await this.#options.registry.load(id);
    } catch (error) {
      const isMissing = error instanceof StreamsError && error.code === 'STREAMS_SCHEMA_UNKNOWN';
      if (!isMissing || error.retryable) throw error;
    }
  }

  async #commit(): Promise<void> {
    const prepared = this.tasks.all
      .filter(({ task }) => task.hasChanged)
      .map((owned) => ({ owned, commit: owned.task.prepareCommit() }));
    const changed = prepared.filter(({ commit }) => !isEmptyCommit(commit));
    this.#policy.reset();
    if (changed.length === 0) return;
    const nowMs = this.#options.clock();
    const purges = this.#purges.due(nowMs);
    const commit = logCommitOf(
      changed.map((one) => one.commit),
      purges,
    );
    const startedMs = performance.now();
    await (this.#member as GroupMember).commit(commit);
    for (const { owned, commit } of changed) {
      await owned.state?.committed(commit, nowMs);
      owned.task.committed();
    }
    this.#purges.purged(purges, nowMs);
    this.#purges.committed(commit.offsets);
    this.#backoff.succeeded();
    const consumed = changed.reduce((sum, { commit }) => sum + commit.consumed, 0);
    this.commits.committed({ records: consumed, tookMs: performance.now() - startedMs, nowMs });
  }

  /** After a failure that may pass: back to the last commit, a pause, and again. Else it throws. */
  async #recover(error: unknown): Promise<void> {
    const code = error instanceof StreamsError ? error.code : undefined;
    const hasMigrated = code === 'STREAMS_TASK_MIGRATED';
    const retryable = error instanceof StreamsError && error.retryable;
    if (!hasMigrated && !retryable) throw error;
    for (const { task } of this.tasks.all) task.rollback();
    if (isUnknownSchema(error)) await this.#loadSchema(error.schemaId).catch(unlessRetryable);
    this.#policy.reset();
    this.#policy.worked(0, this.#options.clock());
    this.commits.failed();
    await this.#pause(this.#backoff.failed());
    if (hasMigrated && !this.#closing) await this.#rejoin();
  }

  /**
   * Others own what this member had: it forgets all of it and comes back as a new member, as soon as
   * the log lets it.
   */
  async #rejoin(): Promise<void> {
    this.#joined += 1;
    await this.#member?.close();
    this.tasks.clear();
    while (!this.#closing) {
      try {
        await this.#join();
        return;
      } catch (error) {
        if (!(error instanceof StreamsError && error.retryable)) throw error;
        await this.#pause(this.#backoff.failed());
      }
    }
  }

  async #assign(partitions: readonly TopicPartition[], joined: number): Promise<void> {
    if (this.#failure !== undefined || this.#closing || joined !== this.#joined) return;
    const { events } = this.#options;
    events.rebalancing(true);
    try {
      await this.tasks.assign(partitions);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    events.rebalancing(this.tasks.isRestoring);
  }

  async #revoke(partitions: readonly TopicPartition[], joined: number): Promise<void> {
    if (joined !== this.#joined) return;
    try {
      if (this.#failure === undefined && !this.#closing) await this.#commit();
    } catch (error) {
      await this.#recover(error).catch((fatal: unknown) => this.#fail(fatal));
    }
    this.tasks.revoke(partitions);
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    for (const { task } of this.tasks.all) task.rollback();
    this.#options.events.failed(error);
  }

  #regulateFlow(): void {
    const { pause, seek, resume } = this.tasks.flow();
    if (pause.length > 0) this.#member?.pause(pause);
    for (const { offset, ...partition } of seek) this.#member?.seek(partition, offset);
    if (resume.length > 0) this.#member?.resume(resume);
  }

  get #buffered(): number {
    return this.tasks.all.reduce((sum, { task }) => sum + task.buffered(), 0);
  }

  #runAlone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#alone.then(work);
    this.#alone = done.catch(() => undefined); // Whoever asked for the work has its error.
    return done;
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#interrupt;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
    });
  }

  #unlessInterrupted(polled: Promise<readonly RecordBatch[]>): Promise<readonly RecordBatch[]> {
    const { signal } = this.#interrupt;
    return new Promise((resolve, reject) => {
      const stop = () => resolve([]);
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      const done = () => signal.removeEventListener('abort', stop);
      polled.then(resolve, reject).then(done, done);
    });
  }
}

/** What may pass is tried again with everything else. */
function unlessRetryable(error: unknown): void {
  if (!(error instanceof StreamsError && error.retryable)) throw error;
}

/** Whether the log had more than these when it was asked. */
function hasMore(batches: readonly RecordBatch[]): boolean {
  return batches.some(({ nextOffset, endOffset }) => nextOffset < endOffset);
}
