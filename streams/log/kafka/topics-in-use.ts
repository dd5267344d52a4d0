/**
 * The topics that a member reads and writes. The client goes on asking, without a word, for one that
 * is gone or that it may not use any more, and gives no name where it does say something: so they are
 * looked at now and then, and when something fails.
 *
 * @see TopicWatch
 */
import { StreamsError } from '../../errors.ts';
import type { GroupCommits } from './group-commits.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { kafkaError } from './kafka-errors.ts';
import type { KafkaTopics } from './kafka-topics.ts';
import type { NativeTopicDescription } from './native-client.ts';
import type { RoutedRecord } from './record-router.ts';

export interface TopicsInUseOptions {
  readonly reads: readonly string[];
  /** As the cluster knows the topics now, with what may be done with them. */
  readonly describe: (names: readonly string[]) => Promise<readonly NativeTopicDescription[]>;
  /** Looks at the limits of topics anew: whether batches will be smaller than those before. */
  readonly makesSmallerBatches: (names: readonly string[]) => Promise<boolean>;
  /** Told when a topic is missed for the first time. */
  readonly tellTrouble: (error: StreamsError) => void;
  /** Told when one has been missed for so long that it does not come back by itself. */
  readonly onUnusable: (error: StreamsError) => void;
}

/** So often in a row a topic is missed: a broker may know less than the others for a moment. */
const looks = 3;

/** As `AclOperation` numbers them. */
const operations = { read: 3, write: 4 } as const;

export class TopicsInUse {
  readonly #options: TopicsInUseOptions;
  readonly #reads: ReadonlySet<string>;
  readonly #writes = new Set<string>();
  /** Of what is read, by name: a topic that is made anew has another one. */
  readonly #ids = new Map<string, string>();
  readonly #missed = new Map<string, number>();

  constructor(options: TopicsInUseOptions) {
    this.#options = options;
    this.#reads = new Set(options.reads);
  }

  writes(records: readonly RoutedRecord[]): void {
    for (const { topic } of records) this.#writes.add(topic);
  }

  get names(): readonly string[] {
    return [...new Set([...this.#reads, ...this.#writes])];
  }

  /** Tells of those that are missed among `described`, which has others beside them. */
  look(described: readonly NativeTopicDescription[]): void {
    const faults = this.#faultsIn(described);
    for (const name of this.#missed.keys()) if (!faults.has(name)) this.#missed.delete(name);
    for (const [name, fault] of faults) this.#miss(name, fault);
  }

  /**
   * What `error` does not say: which topic it is about, and whether it is for good. `check` throws when
   * a record of the commit cannot be written as topics are known then.
   */
  async explained(error: unknown, check = () => {}): Promise<unknown> {
    if (!(error instanceof StreamsError)) return error;
    if (error.code === 'STREAMS_RECORD_TOO_LARGE') {
      return this.#withSmallerBatches(error, check);
    }
    const isUnknown = error.code === 'STREAMS_TOPIC_UNKNOWN';
    if (!isUnknown && error.code !== 'STREAMS_LOG_REFUSED') return error;
    const described = await this.#options.describe(this.names).catch(() => []);
    const faults = this.#faultsIn(described);
    const [fault] = faults.values();
    if (fault !== undefined) {
      const reasons = [...faults.values()].map(({ message }) => message);
      return new StreamsError(fault.code, `nothing was committed: ${reasons.join('; ')}`, {
        cause: error,
      });
    }
    // A broker has said so that knew less than the others, or nobody can be asked.
    return isUnknown ? passing(error) : error;
  }

  /** The limit of a topic was lowered: what is refused then is a batch of records that may each fit. */
  async #withSmallerBatches(error: StreamsError, check: () => void): Promise<unknown> {
    const { makesSmallerBatches } = this.#options;
    const isSmaller = await makesSmallerBatches([...this.#writes]).catch(() => false);
    try {
      check();
    } catch (reason) {
      return reason;
    }
    return isSmaller ? passing(error) : error;
  }

  #miss(name: string, fault: StreamsError): void {
    const times = (this.#missed.get(name) ?? 0) + 1;
    this.#missed.set(name, times);
    if (times === 1) this.#options.tellTrouble(fault);
    if (times === looks) this.#options.onUnusable(fault);
  }

  #faultsIn(described: readonly NativeTopicDescription[]): ReadonlyMap<string, StreamsError> {
    const faults = new Map<string, StreamsError>();
    for (const topic of described) {
      const isUsed = this.#reads.has(topic.name) || this.#writes.has(topic.name);
      const fault = isUsed ? this.#faultOf(topic) : undefined;
      if (fault !== undefined) faults.set(topic.name, fault);
    }
    return faults;
  }

  #faultOf({ name, error, topicId, authorizedOperations }: NativeTopicDescription) {
    const isRead = this.#reads.has(name);
    if (error !== undefined && error.code !== 0) {
      const what = `the topic '${name}' cannot be ${isRead ? 'read' : 'written'}`;
      const fault = kafkaError(what, error);
      return fault.retryable ? undefined : fault;
    }
    const id = String(topicId ?? '');
    const first = this.#ids.get(name) ?? id;
    this.#ids.set(name, first);
    if (isRead && id !== first) return madeAnew(name);
    if (authorizedOperations === undefined || authorizedOperations.length === 0) return undefined;
    const may = (operation: number) => authorizedOperations.includes(operation);
    if (isRead && !may(operations.read)) return forbidden(name, 'read', 'READ');
    if (this.#writes.has(name) && !may(operations.write)) return forbidden(name, 'write', 'WRITE');
    return undefined;
  }
}

/** Of a member whose `commits` are given up when they cannot be written any more. */
export function topicsInUse(options: {
  readonly clients: KafkaClients;
  readonly kafkaTopics: KafkaTopics;
  readonly commits: Pick<GroupCommits, 'batchBytes' | 'giveUp'>;
  readonly reads: readonly string[];
  readonly onUnusable: (error: StreamsError) => void;
}): TopicsInUse {
  const { clients, kafkaTopics, commits, reads, onUnusable } = options;
  return new TopicsInUse({
    reads,
    describe: (names) => kafkaTopics.describeNow(names),
    async makesSmallerBatches(names) {
      await kafkaTopics.refresh(names);
      return clients.batchBytes < commits.batchBytes;
    },
    tellTrouble: (error) => clients.tellTrouble(error),
    onUnusable(error) {
      onUnusable(error);
      commits.giveUp(error);
    },
  });
}

function madeAnew(name: string): StreamsError {
  return new StreamsError(
    'STREAMS_OFFSET_OUT_OF_RANGE',
    `the topic '${name}' was deleted and made anew: what the group has committed is of the one ` +
      'before; reset the offsets of the group',
  );
}

function forbidden(name: string, verb: string, right: string): StreamsError {
  return new StreamsError(
    'STREAMS_LOG_REFUSED',
    `the principal may not ${verb} the topic '${name}'; give it ${right} there`,
  );
}

function passing(error: StreamsError): StreamsError {
  const options = { cause: error, retryable: true };
  return new StreamsError('STREAMS_LOG_UNAVAILABLE', error.message, options);
}
