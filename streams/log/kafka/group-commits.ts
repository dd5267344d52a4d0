/**
 * The commits of a member of a group: transactions over records and offsets that carry the group's
 * generation, and the certainty how each of them ended.
 */
import { StreamsError } from '../../errors.ts';
import type { LogCommit, TopicPartition } from '../log.ts';
import type { CommittedOffset } from './group-offsets.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { kafkaError } from './kafka-errors.ts';
import type { NativeConsumer } from './native-client.ts';
import type { RoutedRecord } from './record-router.ts';
import { TransactionalProducer, UnknownOutcome } from './transactional-producer.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface GroupCommitsOptions {
  readonly clients: KafkaClients;
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly commitTimeoutMs: number;
  /** Its partition `n` is task `n`. */
  readonly tasksTopic: string;
  /** Of the group: its generation goes with each commit. */
  readonly consumer: () => NativeConsumer;
  /** Offsets of the group, once they are certain. */
  readonly committed: (
    partitions: readonly TopicPartition[],
  ) => Promise<readonly (CommittedOffset | undefined)[]>;
  readonly isClosing: () => boolean;
  /** @see GroupOptions.ending */
  readonly ending?: AbortSignal;
  /** Told what means that this member can commit nothing any more. */
  readonly fenced: (error: StreamsError) => void;
}

interface NamedOffset extends TopicPartition {
  readonly offset: number;
  readonly metadata: string;
}

/** Between two tries of what may pass by itself. */
const tryAgainMs = 100;

export class GroupCommits {
  readonly #options: GroupCommitsOptions;
  readonly #producer: TransactionalProducer;
  /** What stands beside tasks, where it is more than who committed last. */
  readonly #notes = new Map<number, string>();
  /** The producer that wrote the notes: what another one commits is not covered by them. */
  #notedAs: number | undefined;

  constructor(options: GroupCommitsOptions) {
    this.#options = options;
    this.#producer = new TransactionalProducer({
      clients: options.clients,
      transactionalId: options.transactionalId,
      transactionTimeoutMs: options.transactionTimeoutMs,
      callTimeoutMs: options.commitTimeoutMs,
      ending: options.ending,
    });
  }

  get transactionalId(): string {
    return this.#options.transactionalId;
  }

  /** The largest batch that is sent, in bytes. */
  get batchBytes(): number {
    return this.#producer.batchBytes;
  }

  /** The commit that is under way cannot come to its end, as `reason` says. */
  giveUp(reason: StreamsError): void {
    this.#producer.giveUp(reason);
  }

  open(): Promise<void> {
    return this.#producer.open();
  }

  /** Resolves when no transaction is in flight. */
  idle(): Promise<void> {
    return this.#producer.idle();
  }

  close(): Promise<void> {
    return this.#producer.close();
  }

  /**
   * `task`, one that this member processes: without offsets it can be told by the task's own partition
   * whether the commit was made.
   */
  commit(
    records: readonly RoutedRecord[],
    offsets: LogCommit['offsets'],
    task: number,
  ): Promise<void> {
    return this.#send(records, offsets.length > 0 ? this.#named(offsets) : [this.#beside(task)]);
  }

  /**
   * Commits where a member begins, and that nobody keeps `unkept`. Should it die in its first
   * transaction, its successors know by the offsets whose it is.
   */
  async claim(starts: LogCommit['offsets'], unkept: readonly number[]): Promise<void> {
    const offsets = [...this.#named(starts), ...unkept.map((task) => this.#beside(task))];
    if (offsets.length === 0) return;
    try {
      await this.#transact([], offsets);
    } catch (error) {
      if (!(error instanceof UnknownOutcome)) throw error;
      throw kafkaError('cannot commit where to begin', error.cause);
    }
  }

  /**
   * Writes `note` beside tasks; `undefined`: what stood there is over. While notes stand, only the
   * producer that wrote them commits: whoever finds them void fences that one by its transactional id,
   * and one made anew under this id would have escaped. A note that fails may stand there nevertheless.
   */
  async note(tasks: readonly number[], note: string | undefined): Promise<void> {
    for (const task of tasks) {
      if (note === undefined) this.#notes.delete(task);
      else this.#notes.set(task, note);
    }
    const offsets = tasks.map((task) => this.#beside(task));
    const { incarnation } = this.#producer;
    try {
      await this.#send([], offsets);
      if (note !== undefined && incarnation !== this.#producer.incarnation) {
        throw new Error('the producer was made anew while it noted something');
      }
      if (note !== undefined) this.#notedAs ??= incarnation;
    } catch (error) {
      for (const task of tasks) this.#notes.delete(task);
      throw error;
    } finally {
      if (this.#notes.size === 0) this.#notedAs = undefined;
    }
  }

  /** Appends without offsets: for others to see, of no weight if it fails. */
  async append(records: readonly RoutedRecord[]): Promise<void> {
    await this.#producer.commit(records, undefined, this.#notedAs);
  }

  /** What stands there is not looked after any more. */
  forgetNotes(): void {
    this.#notes.clear();
    this.#notedAs = undefined;
  }

  #named(offsets: LogCommit['offsets']): NamedOffset[] {
    const metadata = this.transactionalId;
    return offsets.map(({ topic, partition, offset }) => {
      return { topic, partition, offset: Number(offset), metadata };
    });
  }

  #beside(task: number): NamedOffset {
    const metadata = this.#notes.get(task) ?? this.transactionalId;
    return { topic: this.#options.tasksTopic, partition: task, offset: Date.now(), metadata };
  }

  async #send(records: readonly RoutedRecord[], offsets: readonly NamedOffset[]): Promise<void> {
    try {
      await this.#transact(records, offsets);
    } catch (error) {
      if (!(error instanceof UnknownOutcome)) throw error;
      await this.#findOutcome(offsets, error);
    }
  }

  async #transact(
    records: readonly RoutedRecord[],
    offsets: readonly NamedOffset[],
  ): Promise<void> {
    const group = { consumer: this.#options.consumer(), offsets };
    try {
      await this.#producer.commit(records, group, this.#notedAs);
    } catch (error) {
      const isFenced = error instanceof StreamsError && error.code === 'STREAMS_TASK_MIGRATED';
      if (isFenced) this.#options.fenced(error);
      throw error;
    }
  }

  /**
   * The transaction has ended, one way or the other: the group's offsets tell which. Until they can
   * be read nothing else is right: what was committed would be done again.
   */
  async #findOutcome(offsets: readonly NamedOffset[], unknown: UnknownOutcome): Promise<void> {
    const committed = await this.#certainly(() => this.#options.committed(offsets)).catch(
      (error) => {
        if (!this.#options.ending?.aborted) throw error;
        throw kafkaError('whether the last commit was made is not known', unknown.cause);
      },
    );
    const isThere = offsets.every(({ offset }, i) => committed[i]?.offset === BigInt(offset));
    if (!isThere) throw kafkaError('nothing was committed', unknown.cause);
  }

  /** However long it takes: who takes a commit for failed that was made does its work twice. */
  async #certainly<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await unlessAborted(this.#options.ending, ask());
      } catch (error) {
        const passes = error instanceof StreamsError && error.retryable;
        if (!passes || this.#options.isClosing()) throw error;
        this.#options.clients.tellTrouble(error);
        await new Promise((resolve) => setTimeout(resolve, tryAgainMs));
      }
    }
  }
}
