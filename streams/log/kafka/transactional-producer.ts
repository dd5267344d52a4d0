/**
 * One transactional producer, over and over: each commit is one transaction of records and offsets.
 *
 *   ready ─▶ begin ─▶ records ─▶ offsets ─▶ commit ─▶ ready
 *               └────────┴──────────┴─ fails ─▶ abort ─▶ ready, or a new producer with the same id
 *
 * A producer whose commit or abort has timed out is thrown away: initialising its transactional id
 * again makes the coordinator finish or abort what was in the air, so that the outcome can be asked.
 *
 * @see KIP-447 (offsets with the generation of the group), KIP-890
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamsError } from '../../errors.ts';
import { disconnect, type KafkaClients } from './kafka-clients.ts';
import {
  isMemberGone,
  isProducerFenced,
  kafkaCode,
  kafkaError,
  migrated,
  nativeCode,
} from './kafka-errors.ts';
import {
  answer,
  type Callback,
  type NativeConsumer,
  type NativeError,
  type NativeOffset,
  type NativeProducer,
} from './native-client.ts';
import { produce, type RoutedRecord } from './record-router.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface GroupOffsets {
  /** Member of the group: its generation goes with the offsets. */
  readonly consumer: NativeConsumer;
  readonly offsets: readonly (NativeOffset & { readonly offset: number })[];
}

export interface TransactionalProducerOptions {
  readonly clients: KafkaClients;
  readonly transactionalId: string;
  /** After it the coordinator aborts what nobody ends. @see transaction.timeout.ms */
  readonly transactionTimeoutMs: number;
  /** Whether commits answer with the offsets of their records, which costs a report for each. */
  readonly reportsOffsets?: boolean;
  /** How long one call may take: longer than the election of a leader or coordinator. */
  readonly callTimeoutMs: number;
  /** Once it is aborted, nobody waits until it is certain how a transaction has ended. */
  readonly ending?: AbortSignal | undefined;
}

/**
 * Of the time that the client was given for a call. It may forget a call for good: one that asks for
 * offsets to be sent while the coordinator goes away, with 1.10.1.
 */
const forgottenAfter = 1.2;
const queueFullPauseMs = 2;
const endPauseMs = 200;

/** The commit was asked for and its answer is not known; the transaction has ended since. */
export class UnknownOutcome extends Error {
  override readonly name = 'UnknownOutcome';
}

/** The client has forgotten a call. Its producer is of no use any more, and must not be touched. */
class Forgotten extends Error {
  override readonly name = 'Forgotten';
}

/** Kept, since what nobody refers to is destroyed, which ends the process while a call is in it. */
const leftBehind = new Set<NativeProducer>();

export class TransactionalProducer {
  readonly #options: TransactionalProducerOptions;
  #producer: NativeProducer | undefined;
  #reports: DeliveryReports | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #batchBytes = 0;
  #closed = false;
  #incarnation = 0;
  #endWaits: () => void = () => {};
  #giveUp: (reason: StreamsError) => void = () => {};
  readonly #whenClosed = new Promise<undefined>((resolve) => {
    this.#endWaits = () => resolve(undefined);
  });

  constructor(options: TransactionalProducerOptions) {
    this.#options = options;
  }

  get transactionalId(): string {
    return this.#options.transactionalId;
  }

  /** The largest batch of the producer that was made last. */
  get batchBytes(): number {
    return this.#batchBytes;
  }

  /** Another one each time that a client has been made anew under the id: that one is not fenced. */
  get incarnation(): number {
    return this.#incarnation;
  }

  /** Ends whatever a process before has left open under this id, and takes its place. */
  async open(): Promise<void> {
    await this.#ready();
  }

  /**
   * Answers with the offset of each record, in their order, if they are reported. `onlyAs`: refused when
   * this is another incarnation by then, since somebody may have fenced that one.
   *
   * @throws StreamsError that says why nothing was written; `UnknownOutcome` when that is not known.
   */
  commit(
    records: readonly RoutedRecord[],
    group?: GroupOffsets,
    onlyAs?: number,
  ): Promise<readonly number[]> {
    const done = this.#running.then(() => this.#commit(records, group, onlyAs));
    this.#running = done.catch(() => undefined); // The caller has the error.
    return done;
  }

  /**
   * The call that is under way cannot come to its end, as `reason` says: nobody waits for it any more. Its
   * producer is left behind, and another one ends its transaction.
   */
  giveUp(reason: StreamsError): void {
    this.#giveUp(reason);
  }

  /** Resolves when no transaction is in flight. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#endWaits();
    await this.#running;
    await this.#discard();
  }

  async #commit(
    records: readonly RoutedRecord[],
    group: GroupOffsets | undefined,
    onlyAs: number | undefined,
  ): Promise<readonly number[]> {
    const producer = await this.#readyUnlessClosed();
    if (onlyAs !== undefined && onlyAs !== this.#incarnation) {
      throw migrated('another member may have taken its place meanwhile');
    }
    const reports = new DeliveryReports(this.#options.reportsOffsets ? records.length : 0);
    this.#reports = reports;
    try {
      await this.#ask(producer, (callback) => producer.beginTransaction(callback));
      await this.#produceAll(producer, records);
      if (group !== undefined) {
        await this.#ask(producer, (callback) =>
          producer.sendOffsetsToTransaction(
            group.offsets,
            group.consumer,
            this.#options.callTimeoutMs,
            callback,
          ),
        );
      }
    } catch (error) {
      await this.#abort(producer, error);
      throw refusalOf(error);
    }
    await this.#end(producer, group !== undefined);
    return reports.offsets;
  }

  /**
   * That the client wants a transaction to be aborted does not mean that it was not committed: the answer
   * may have been lost, and what was asked again may have been refused since the brokers knew the producer
   * no more. `canBeAsked`: offsets tell.
   */
  async #end(producer: NativeProducer, canBeAsked: boolean): Promise<void> {
    try {
      await this.#ask(producer, (callback) =>
        producer.commitTransaction(this.#options.callTimeoutMs, callback),
      );
    } catch (error) {
      const requiresAbort = (error as NativeError).isTxnRequiresAbort || isProducerFenced(error);
      if (requiresAbort) await this.#abort(producer, error);
      else void this.#discard();
      const isRefused = requiresAbort && !(canBeAsked ? mayPass(error) : isForgotten(error));
      if (isRefused) throw refusalOf(error);
      await this.#untilEnded();
      throw new UnknownOutcome('the commit was not answered', { cause: error });
    }
  }

  /**
   * Until a producer has taken the place of the one that was not answered: before, nobody can say how
   * its transaction ends, and to say that it failed would do its work twice. When the id is
   * another's by now, that one has ended it.
   */
  async #untilEnded(): Promise<void> {
    const { ending } = this.#options;
    while (!this.#closed && !ending?.aborted) {
      try {
        await unlessAborted(ending, this.#readyUnlessClosed());
        return;
      } catch (error) {
        if (isProducerFenced((error as StreamsError).cause)) return;
        if (this.#closed || ending?.aborted) return;
        if (!(error instanceof StreamsError && error.retryable)) throw error;
        this.#options.clients.tellTrouble(error);
        await sleep(endPauseMs);
      }
    }
  }

  async #produceAll(producer: NativeProducer, records: readonly RoutedRecord[]): Promise<void> {
    for (const [index, routed] of records.entries()) {
      for (;;) {
        try {
          produce(producer, routed, this.#options.reportsOffsets ? index : undefined);
          break;
        } catch (error) {
          if (nativeCode(error) !== kafkaCode.localQueueFull) {
            const named = kafkaError(`cannot write to '${routed.topic}'`, error);
            throw named.retryable ? error : named;
          }
          producer.poll();
          await sleep(queueFullPauseMs);
        }
      }
    }
    // Reports of what was delivered would pile up, though nobody asked for them.
    producer.poll();
  }

  /** Leaves a producer that can begin again, or none. */
  async #abort(producer: NativeProducer, reason: unknown): Promise<void> {
    if (this.#producer === undefined) return;
    // Once this is closed, its successor or the coordinator's timeout does it.
    if (!this.#closed && !isProducerFenced(reason) && !(reason as NativeError).isFatal) {
      try {
        await this.#ask(producer, (callback) =>
          producer.abortTransaction(this.#options.callTimeoutMs, callback),
        );
        // The next one may make smaller batches.
        if (nativeCode(reason) !== kafkaCode.messageTooLarge) return;
      } catch {
        // A new producer with this id makes the coordinator abort it.
      }
    }
    void this.#discard();
  }

  /** Making a producer takes long while no broker answers: who closes this does not wait for it. */
  async #readyUnlessClosed(): Promise<NativeProducer> {
    const producer = await Promise.race([this.#ready(), this.#whenClosed]);
    if (producer === undefined) throw closed();
    return producer;
  }

  async #ready(): Promise<NativeProducer> {
    if (this.#closed) throw closed();
    if (this.#producer !== undefined) return this.#producer;
    const { clients, transactionalId, transactionTimeoutMs, reportsOffsets } = this.#options;
    this.#batchBytes = clients.batchBytes;
    const producer = await clients.producer({
      'transactional.id': transactionalId,
      'transaction.timeout.ms': transactionTimeoutMs,
      // Records of a commit come at once; while the coordinator is told of their partitions they
      // gather, and a moment more would only make the commit late.
      'linger.ms': 0,
      ...(reportsOffsets ? { dr_cb: true } : {}),
    });
    if (reportsOffsets) {
      producer.setPollInBackground(true);
      producer.on('delivery-report', ((error: unknown, report: Delivered) => {
        if (!error) this.#reports?.delivered(report);
      }) as never);
    }
    try {
      await this.#ask(producer, (callback) =>
        producer.initTransactions(this.#options.callTimeoutMs, callback),
      );
    } catch (error) {
      if (!leftBehind.has(producer)) void disconnect(producer);
      throw kafkaError(`cannot begin transactions as '${transactionalId}'`, error);
    }
    if (this.#closed) {
      void disconnect(producer);
      throw closed();
    }
    this.#producer = producer;
    this.#incarnation += 1;
    return producer;
  }

  /** Resolves when it has ended. Its successor need not wait for that: it takes its place with the coordinator. */
  async #discard(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer === undefined) return;
    leftBehind.add(producer);
    const ended = answer((callback) => producer.disconnect(callback)).catch(() => undefined);
    void ended.then(() => leftBehind.delete(producer));
    const patienceMs = this.#options.callTimeoutMs * forgottenAfter;
    await Promise.race([ended, sleep(patienceMs, undefined, { ref: false })]);
  }

  /** A call that is forgotten would be waited for in vain, and would keep its producer from ending. */
  async #ask(producer: NativeProducer, call: (callback: Callback) => void): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    let isLeft = false;
    const forgotten = new Promise<never>((_, reject) => {
      const leave = (reason: Error) => {
        isLeft = true;
        leftBehind.add(producer);
        this.#producer = undefined;
        reject(reason);
      };
      const forgottenMs = this.#options.callTimeoutMs * forgottenAfter;
      timer = setTimeout(
        () => leave(new Forgotten('the client has forgotten a call')),
        forgottenMs,
      );
      this.#giveUp = leave;
    });
    const asked = answer(call);
    // Once it is answered after all, its producer can end; else it would keep the process from ending.
    const answered = () => {
      if (!isLeft) return;
      leftBehind.delete(producer);
      void disconnect(producer);
    };
    void asked.then(answered, answered);
    try {
      await Promise.race([asked, forgotten]);
    } finally {
      clearTimeout(timer);
      this.#giveUp = () => {};
    }
  }
}

function closed(): StreamsError {
  return new StreamsError('STREAMS_LOG_CLOSED', 'the producer is closed');
}

interface Delivered {
  /** Which record of the commit. */
  readonly opaque: number;
  readonly offset: number;
}

/** Where the records of one commit went: the reports come with and behind the commit's answer. */
class DeliveryReports {
  readonly offsets: Promise<readonly number[]>;
  readonly #found: number[] = [];
  readonly #wanted: number;
  #resolve: (offsets: readonly number[]) => void = () => {};
  #count = 0;

  constructor(wanted: number) {
    this.#wanted = wanted;
    this.offsets = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (wanted === 0) this.#resolve([]);
  }

  delivered({ opaque, offset }: Delivered): void {
    this.#found[opaque] = offset;
    this.#count += 1;
    if (this.#count === this.#wanted) this.#resolve(this.#found);
  }
}

/** Whoever is fenced begins again from what is committed, and what somebody has to mend was refused before. */
function mayPass(error: unknown): boolean {
  return !isProducerFenced(error) && refusalOf(error).retryable;
}

/** Whether the brokers do not know the producer any more, which may have been so only at a second try. */
function isForgotten(error: unknown): boolean {
  const code = nativeCode(error);
  return code === kafkaCode.unknownProducer || code === kafkaCode.invalidProducerMapping;
}

/** What the group has gone on to without this member is no failure that a retry could mend. */
function refusalOf(error: unknown): StreamsError {
  if (error instanceof StreamsError) return error;
  if (isProducerFenced(error)) return migrated('another member has taken over', error);
  if (isMemberGone(error)) return migrated('the group has gone on without this member', error);
  return kafkaError('nothing was committed', error);
}
