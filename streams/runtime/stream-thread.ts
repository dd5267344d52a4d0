/**
 * The loop that drives tasks: one group member, all of the partitions it was given.
 *
 *   poll ─▶ deliver ─▶ process a slice ─▶ punctuate ─▶ commit if due ─▶ let others run ─▶ poll …
 *
 * The loop does not wait for a commit: while it is on its way, it processes what the next one will
 * cover, up to what makes that one due. A drained input commits at once unless one is on its way;
 * then right behind it, or after the rest that the log needs.
 *
 * Whatever uses the tasks (a turn of the loop, a rebalance, the last commit) runs alone: each waits
 * for the one before. Nothing is committed after a failure; what was done since the last commit that
 * succeeded is done again, by this thread or by whoever takes over.
 *
 * Equivalent: StreamThread.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isUnknownSchema } from '../avro/framing.ts';
import type { SchemaRegistry } from '../avro/registry.ts';
import type { GroupMember, RecordBatch, TopicPartition } from '../log/log.ts';
import { topicName } from '../topology/topology.ts';
import { Arrivals } from './arrivals.ts';
import { Backoff, pause } from './backoff.ts';
import { CommitPolicy, PurgeSchedule } from './commit.ts';
import { CommitInFlight } from './commit-in-flight.ts';
import { CommitMeter } from './commit-meter.ts';
import { repartitionTopics } from './internal-topics.ts';
import { joinAgain, joinFirst } from './joining.ts';
import { loadSchema } from './known-schemas.ts';
import { OwnedTasks, type TaskMaterial } from './owned-tasks.ts';
import { hasMigrated, mayPass, unlessRetryable } from './thread-failures.ts';

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
  readonly #arrivals: Arrivals;
  readonly #inFlight: CommitInFlight;
  readonly #backoff: Backoff;
  readonly #interrupt = new AbortController();
  #member: GroupMember | undefined;
  /** How often it has joined its group. */
  #memberships = 0;
  #alone: Promise<unknown> = Promise.resolve();
  #looping: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: StreamThreadOptions) {
    const { config, topology, clock } = options;
    this.#options = options;
    this.tasks = new OwnedTasks(options);
    this.#policy = new CommitPolicy(config);
    const repartitions = repartitionTopics(topology, config.applicationId);
    this.#inFlight = new CommitInFlight({
      purges: new PurgeSchedule(repartitions, config.purgeIntervalMs, clock()),
      meter: this.commits,
      clock,
      answered: (tookMs) => this.#policy.answered(tookMs),
      ended: (isDurable) => this.#commitEnded(isDurable),
    });
    this.#arrivals = new Arrivals(config.pollRecords);
    this.#interrupt.signal.addEventListener('abort', () => this.#arrivals.wake());
    this.#backoff = new Backoff({
      firstMs: config.retryBackoffMs,
      maxMs: config.retryBackoffMaxMs,
    });
  }

  /** Joins the group. Fails with a log that is away only when it does not come back for long. */
  async start(): Promise<void> {
    await joinFirst(() => this.#join(), this.#backoff, this.#interrupt.signal);
    this.tasks.standBy({
      peers: async () => (await this.#member?.peers?.()) ?? [],
      ready: (inputs) => this.#member?.ready?.(inputs),
    });
    this.#looping = this.#loop().catch((error) => this.#fail(error));
  }

  /** What waits for the log waits no longer. `close` must follow. */
  interrupt(): void {
    this.#interrupt.abort();
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
        await this.#runAlone(() => this.#commitLast());
      } catch (error) {
        this.#fail(error);
      }
    }
    await this.#inFlight.settled();
    await this.#member?.close();
    this.tasks.clear();
    await this.tasks.close();
  }

  get #closing(): boolean {
    return this.#interrupt.signal.aborted;
  }

  async #join(): Promise<void> {
    const membership = ++this.#memberships;
    // The group may have news for the member that was left: they are not about the tasks of this one.
    const asMember = (work: () => Promise<void>) =>
      this.#runAlone(async () => {
        if (membership === this.#memberships) await work();
      });
    const { topology, config, log } = this.#options;
    const { applicationId, startFrom, warmupTimeoutMs } = config;
    const together = topology.subTopologies.map(({ sources }) =>
      sources.map((source) => topicName(source, applicationId)),
    );
    const member = await log.joinGroup({
      groupId: applicationId,
      topics: together.flat(),
      together,
      startFrom,
      warmupTimeoutMs,
      ending: this.#interrupt.signal,
      listener: {
        onAssigned: (partitions) => asMember(() => this.#assign(partitions)),
        onRevoked: (partitions) => asMember(() => this.#revoke(partitions)),
        onLost: (partitions) => asMember(() => this.#lose(partitions)),
        onComing: (partitions) => asMember(async () => this.tasks.expect(partitions)),
        keeps: async (partitions) => {
          const isEnding = this.#failure !== undefined || this.#closing;
          return isEnding ? [] : this.tasks.keeps(partitions);
        },
      },
    });
    this.#arrivals.follow(member);
    this.#member = member;
  }

  async #loop(): Promise<void> {
    let isBusy = false;
    while (!this.#closing && this.#failure === undefined) {
      // What an abandoned poll brings is not committed, so somebody else reads it again.
      await this.#arrivals.wait(isBusy ? 0 : this.#idleWaitMs);
      isBusy = await this.#runAlone(() => this.#turn());
      this.#options.events.rebalancing(this.tasks.isRestoring); // Also for a member that was given nothing.
      if (isBusy) await nextTurn();
    }
  }

  /**
   * Until a punctuator or a commit is due, a rest is over, or records have waited long enough for those of another
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
    const shared = Math.max(waitMs, Math.min(sharedTurnMs, pollIntervalMs));
    return Math.min(shared, this.#policy.restsForMs);
  }

  /** Whether there is more to do at once. */
  async #turn(): Promise<boolean> {
    if (this.#failure !== undefined) return false;
    try {
      const batches = this.#arrivals.take();
      for (const batch of batches) this.#policy.received(this.tasks.deliver(batch));
      this.#throwCommitFailure();
      const processed = await this.#processSlice();
      this.#regulateFlow();
      const drained = processed === 0 || (!hasMore(batches) && this.#buffered === 0);
      await this.#commitIfDue(drained);
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
    await loadSchema(this.#options.registry, error.schemaId);
    return 1;
  }

  async #commitIfDue(drained: boolean): Promise<void> {
    const { clock } = this.#options;
    if (this.#inFlight.isRunning) {
      // A whole commit is ready behind the one in flight: more would only wait in memory.
      if (!this.#policy.isDue(clock(), false)) return;
      await this.#commitEndsWell();
    }
    if (this.#policy.isDue(clock(), drained)) this.#beginCommit();
  }

  /** What is processed from here on is for the next commit. */
  #beginCommit(): void {
    this.#inFlight.begin(this.tasks.all, this.#member as GroupMember);
    this.#policy.reset();
  }

  #commitEnded(isDurable: boolean): void {
    if (isDurable) this.#backoff.succeeded();
    // A failure has to be seen to, and a drained input may have waited for this.
    if (!isDurable || this.#policy.hasWork) this.#arrivals.wake();
  }

  /** Commits everything: what is in flight first, then the rest. */
  async #commitAll(): Promise<void> {
    await this.#commitEndsWell();
    this.#beginCommit();
    await this.#commitEndsWell();
  }

  /** As `commitAll`; where the commit in flight failed for the moment, what it covered is left undone. */
  async #commitLast(): Promise<void> {
    await this.#inFlight.settled();
    const failure = this.#inFlight.takeFailure();
    if (failure !== undefined) await this.#recover(failure.error);
    await this.#commitAll();
  }

  async #commitEndsWell(): Promise<void> {
    await this.#inFlight.settled();
    this.#throwCommitFailure();
  }

  #throwCommitFailure(): void {
    const failure = this.#inFlight.takeFailure();
    if (failure !== undefined) throw failure.error;
  }

  /** After a failure that may pass: back to the last commit, a pause, and again. Else it throws. */
  async #recover(error: unknown): Promise<void> {
    // A commit in flight decides how far back: what it made durable is done.
    await this.#inFlight.settled();
    const commitFailure = this.#inFlight.takeFailure();
    const errors = commitFailure === undefined ? [error] : [error, commitFailure.error];
    const final = errors.find((one) => !mayPass(one));
    if (final !== undefined) throw final;
    for (const { task } of this.tasks.all) task.rollback();
    for (const one of errors) {
      if (!isUnknownSchema(one)) continue;
      await loadSchema(this.#options.registry, one.schemaId).catch(unlessRetryable);
    }
    this.#policy.reset();
    this.#policy.worked(0, this.#options.clock());
    this.commits.failed();
    await pause(this.#backoff.failed(), this.#interrupt.signal);
    if (errors.some(hasMigrated) && !this.#closing) await this.#rejoin();
  }

  /**
   * Others own what this member had: it forgets all of it and comes back as a new member, as soon as
   * the log lets it.
   */
  async #rejoin(): Promise<void> {
    this.#memberships += 1;
    await this.#member?.close();
    this.tasks.clear();
    if (!this.#closing) await joinAgain(() => this.#join(), this.#backoff, this.#interrupt.signal);
  }

  async #assign(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.#failure !== undefined || this.#closing) return;
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

  async #revoke(partitions: readonly TopicPartition[]): Promise<void> {
    await nextTurn(); // What a poll was about to bring of them has arrived by then.
    this.#arrivals.forget(partitions);
    try {
      if (this.#failure === undefined && !this.#closing) await this.#commitAll();
    } catch (error) {
      await this.#recover(error).catch((fatal: unknown) => this.#fail(fatal));
    }
    // Whoever gets them next begins where a commit in flight ends.
    await this.#inFlight.settled();
    this.tasks.revoke(partitions);
  }

  /** Others go on from the last commit already: nothing of these can be committed any more. */
  async #lose(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#inFlight.settled();
    this.tasks.revoke(partitions);
    const failure = this.#inFlight.takeFailure();
    if (failure === undefined) return;
    await this.#recover(failure.error).catch((fatal: unknown) => this.#fail(fatal));
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#options.events.failed(error);
    void this.#inFlight.settled().then(() => {
      for (const { task } of this.tasks.all) task.rollback();
    });
  }

  #regulateFlow(): void {
    const { pause, seek, resume } = this.tasks.flow();
    if (pause.length > 0) this.#member?.pause(pause);
    this.#arrivals.forget(seek);
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
}

/** Whether the log had more than these when it was asked. */
function hasMore(batches: readonly RecordBatch[]): boolean {
  return batches.some(({ nextOffset, endOffset }) => nextOffset < endOffset);
}
