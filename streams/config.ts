/** Options of a running topology. Each names its unit, its default and its Kafka Streams twin. */
import { StreamsError } from './errors.ts';

export interface StreamsConfig {
  /** Names the consumer group, the internal topics and the state. @see application.id */
  readonly applicationId: string;

  /**
   * The longest time between two commits under load, in milliseconds. A crash redoes at most this
   * much work.
   *
   * @defaultValue 100
   * @see commit.interval.ms
   */
  readonly commitIntervalMs: number;

  /**
   * Whether a drained input commits at once, so that whoever waits for the outcome waits least. Say
   * no where nobody waits: then records of one `commitIntervalMs` share a commit, and the disk is
   * free for those who do.
   *
   * @defaultValue true
   */
  readonly commitWhenDrained: boolean;

  /**
   * How long a thread whose input is drained rests between two commits, in percent of what the last
   * one took. Kafka goes on writing down that a transaction has ended after it has said so, and one
   * that follows at once has to wait for that, longer than it takes: a moment of rest makes
   * commits fewer and none of them late. Records after a quiet moment are committed at once.
   *
   * @defaultValue 0, or 60 on a log that keeps no state
   */
  readonly commitRestPercent: number;

  /**
   * Commits under load after this many records. More do not go faster, and writing a commit down
   * keeps everything else waiting: about 3 microseconds a record. On a log that keeps no state, such
   * as Kafka, a commit is a transaction of several round trips, and larger ones do go faster.
   *
   * @defaultValue 2_000, or 10_000 on a log that keeps no state
   */
  readonly commitRecords: number;

  /** Commits under load after this many bytes of input. @defaultValue 8 MiB */
  readonly commitBytes: number;

  /** The most records that one poll takes. @defaultValue 1_000 @see max.poll.records */
  readonly pollRecords: number;

  /**
   * How long an idle thread sleeps at most, in milliseconds. A record wakes it at once, and so does
   * the next wall-clock punctuator; this bounds how late a clock that is set is noticed.
   *
   * @defaultValue 1_000
   * @see poll.ms
   */
  readonly pollIntervalMs: number;

  /**
   * Records of one input partition that may wait for their task; then it is paused until half of
   * them are done.
   *
   * @defaultValue 1_000
   * @see buffered.records.per.partition
   */
  readonly bufferedRecords: number;

  /**
   * How long records are processed before everything else in the process gets a turn, in
   * milliseconds: HTTP answers wait at most this long and one record more.
   *
   * @defaultValue 4
   */
  readonly sliceMs: number;

  /**
   * How long a task waits for a record from an empty input before it goes on with the others, in
   * milliseconds. 0 waits only for what the log is known to hold; -1 never waits.
   *
   * @defaultValue 0
   * @see max.task.idle.ms
   */
  readonly taskIdleMs: number;

  /** Where a partition without a committed offset begins. @defaultValue `'earliest'` @see auto.offset.reset */
  readonly startFrom: 'earliest' | 'latest';

  /**
   * Where records go that cannot be read or processed.
   *
   * @defaultValue `<applicationId>-dead-letters`
   * @see errors.dead.letter.queue.topic.name
   */
  readonly deadLetterTopic: string;

  /** First wait before a failed commit is tried again, in milliseconds; it doubles. @defaultValue 50 @see retry.backoff.ms */
  readonly retryBackoffMs: number;

  /** Longest wait before a failed commit is tried again. @defaultValue 2_000 @see retry.backoff.max.ms */
  readonly retryBackoffMaxMs: number;

  /**
   * How many other members keep a copy of each task's state, to take over within a second. Only on a
   * log that keeps no state itself, and whose groups tell who is in them.
   *
   * @defaultValue 0
   * @see num.standby.replicas
   */
  readonly standbyReplicas: number;

  /**
   * A member that is to take a task over copies its state first, while the one that has it goes on; it
   * takes over when its copy is this many records behind, or fewer. A state whose changelogs are no
   * longer than this is not copied first.
   *
   * @defaultValue 10_000
   * @see acceptable.recovery.lag
   */
  readonly acceptableRecoveryLag: number;

  /**
   * How long a member goes on with a task that another one is to have and is not ready for, in
   * milliseconds. 0: not at all, so that the task waits until its state is restored.
   *
   * @defaultValue 600_000
   */
  readonly warmupTimeoutMs: number;

  /**
   * How long local state of a task stays after the task went elsewhere, in milliseconds.
   *
   * @defaultValue 600_000
   * @see state.cleanup.delay.ms
   */
  readonly stateCleanupDelayMs: number;

  /**
   * How much the updates of tables may weigh that are held back until the next commit, over all
   * tasks; then the oldest go on. An entry counts its key, its value and 160 bytes. 0 holds none
   * back: every update goes on at once. @see Caching
   *
   * @defaultValue 10 MiB
   * @see statestore.cache.max.bytes
   */
  readonly cacheMaxBytes: number;

  /**
   * How often repartition records that were read are purged, in milliseconds.
   *
   * @defaultValue 30_000
   * @see repartition.purge.interval.ms
   */
  readonly purgeIntervalMs: number;
}

/** What a user gives: the application's id; the rest has defaults. */
export type StreamsOptions = Pick<StreamsConfig, 'applicationId'> & Partial<StreamsConfig>;

const defaults = {
  commitIntervalMs: 100,
  commitWhenDrained: true,
  commitRestPercent: 0,
  commitRecords: 2_000,
  commitBytes: 8 * 1024 * 1024,
  pollRecords: 1_000,
  pollIntervalMs: 1_000,
  bufferedRecords: 1_000,
  sliceMs: 4,
  taskIdleMs: 0,
  startFrom: 'earliest',
  retryBackoffMs: 50,
  retryBackoffMaxMs: 2_000,
  standbyReplicas: 0,
  acceptableRecoveryLag: 10_000,
  warmupTimeoutMs: 600_000,
  stateCleanupDelayMs: 600_000,
  cacheMaxBytes: 10 * 1024 * 1024,
  purgeIntervalMs: 30_000,
} as const satisfies Partial<StreamsConfig>;

const smallest: Partial<Record<keyof StreamsConfig, number>> = {
  commitIntervalMs: 1,
  commitRestPercent: 0,
  commitRecords: 1,
  commitBytes: 1,
  pollRecords: 1,
  pollIntervalMs: 1,
  bufferedRecords: 1,
  sliceMs: 1,
  taskIdleMs: -1,
  retryBackoffMs: 1,
  retryBackoffMaxMs: 1,
  standbyReplicas: 0,
  acceptableRecoveryLag: 0,
  warmupTimeoutMs: 0,
  stateCleanupDelayMs: 1,
  cacheMaxBytes: 0,
  purgeIntervalMs: 1,
};

/** As a part of topic names; the rest of them needs room too. */
const legalApplicationId = /^[a-zA-Z0-9._-]{1,100}$/;

/** What of the defaults depends on the log. */
const defaultsWithoutState = {
  commitRestPercent: 60,
  commitRecords: 10_000,
} as const satisfies Partial<StreamsConfig>;

/** @throws StreamsError `STREAMS_CONFIG_INVALID` with every fault. */
export function streamsConfig(
  options: StreamsOptions,
  log: { readonly commitsState: boolean } = { commitsState: true },
): StreamsConfig {
  const deadLetterTopic = `${options.applicationId}-dead-letters`;
  const config: StreamsConfig = {
    ...defaults,
    ...(log.commitsState ? {} : defaultsWithoutState),
    deadLetterTopic,
    ...withoutUndefined(options),
  };
  const faults: string[] = [];

  if (!legalApplicationId.test(config.applicationId)) {
    faults.push(
      `applicationId '${config.applicationId}': give 1 to 100 letters, digits, '.', '_' and '-'`,
    );
  }
  for (const [name, least] of Object.entries(smallest)) {
    const value = config[name as keyof StreamsConfig];
    if (!Number.isInteger(value) || (value as number) < least) {
      faults.push(`${name} is ${value}: give a whole number from ${least} up`);
    }
  }
  if (config.startFrom !== 'earliest' && config.startFrom !== 'latest') {
    faults.push(`startFrom is '${config.startFrom}': give 'earliest' or 'latest'`);
  }
  if (config.retryBackoffMaxMs < config.retryBackoffMs) {
    faults.push('retryBackoffMaxMs is smaller than retryBackoffMs');
  }
  if (faults.length > 0) throw new StreamsError('STREAMS_CONFIG_INVALID', faults.join('; '));
  return config;
}

function withoutUndefined(options: StreamsOptions): StreamsOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as StreamsOptions;
}
