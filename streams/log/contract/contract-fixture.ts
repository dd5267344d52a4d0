/** What the tests of the log contract share: topics of their own, records, readers, members. */
import { randomUUID } from 'node:crypto';
import { StreamsError } from '../../errors.ts';
import type {
  ConsumedRecord,
  GroupMember,
  Log,
  LogCommit,
  LogReader,
  PollOptions,
  ProducedRecord,
  RebalanceListener,
  RecordBatch,
  TopicPartition,
  TopicSpec,
} from '../log.ts';

/** What a log cannot do for reasons that are not its own; each is in its documentation. */
export interface LogLimits {
  /** Whether a header's null value is told from an empty one. @defaultValue true */
  readonly nullHeaders?: boolean;
}

export interface LogUnderTest {
  readonly limits?: LogLimits;
  /** A fresh log, or one whose topics do not collide: the suite gives each test its own names. */
  open(options?: { readonly rebalanceTimeoutMs?: number }): Promise<Log>;
}

/** Suites of one process may share a broker, and each has a module of its own. */
const run = randomUUID().slice(0, 8);
let topicCount = 0;

export function newTopic(settings: Partial<TopicSpec> = {}): TopicSpec {
  topicCount += 1;
  const name = `contract-${run}-${topicCount}`;
  return { name, partitions: 1, cleanupPolicy: 'delete', retentionMs: -1, ...settings };
}

export function produced(topic: TopicSpec, value: string, more: Partial<ProducedRecord> = {}) {
  const record: ProducedRecord = {
    topic: topic.name,
    key: null,
    value: Buffer.from(value),
    timestampMs: 0,
    headers: [],
    partition: 0,
    ...more,
  };
  return record;
}

export function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

export const values = (records: readonly ConsumedRecord[]) =>
  records.map(({ value }) => text(value));

const noRebalance: RebalanceListener = {
  async onAssigned() {},
  async onRevoked() {},
};

export const emptyCommit: LogCommit = { outputs: [], offsets: [], state: [] };

interface Pollable {
  poll(options: PollOptions): Promise<readonly RecordBatch[]>;
}

/** Polls until `count` records came. */
export async function take(source: Pollable, count: number, options: Partial<PollOptions> = {}) {
  const records: (ConsumedRecord & TopicPartition)[] = [];
  while (records.length < count) {
    for (const batch of await source.poll({ maxWaitMs: 1_000, ...options })) {
      const { topic, partition } = batch;
      records.push(...batch.records.map((record) => ({ ...record, topic, partition })));
    }
  }
  return records;
}

/** Every record from the beginning to the end of one partition. */
export async function readAll(
  log: Log,
  topic: TopicSpec,
  partition = 0,
): Promise<ConsumedRecord[]> {
  const { offsets } = await log.describeTopic(topic.name);
  const { beginning, end } = offsets[partition] as { beginning: bigint; end: bigint };
  const reader = log.openReader();
  reader.assign([{ topic: topic.name, partition, offset: beginning }]);
  const records: ConsumedRecord[] = [];
  let next = beginning;
  while (next < end) {
    for (const batch of await reader.poll({ maxWaitMs: 1_000 })) {
      records.push(...batch.records);
      next = batch.nextOffset;
    }
  }
  await reader.close();
  return records;
}

export function readerAt(log: Log, topic: TopicSpec, offset = 0n, partition = 0): LogReader {
  const reader = log.openReader();
  reader.assign([{ topic: topic.name, partition, offset }]);
  return reader;
}

export function join(
  log: Log,
  groupId: string,
  topics: readonly TopicSpec[],
  listener: Partial<RebalanceListener> = {},
  together: readonly (readonly TopicSpec[])[] = [],
): Promise<GroupMember> {
  return log.joinGroup({
    together: together.map((set) => set.map(({ name }) => name)),
    groupId,
    topics: topics.map(({ name }) => name),
    startFrom: 'earliest',
    listener: { ...noRebalance, ...listener },
  });
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'nothing was thrown';
  } catch (error) {
    return error instanceof StreamsError ? error.code : String(error);
  }
}

/** Opens the log under test with these topics in it; it is closed after the test. */
export type OpenWith = (
  topics: readonly TopicSpec[],
  options?: { readonly rebalanceTimeoutMs?: number },
) => Promise<Log>;

/** What a member owns, as `topic:partition`. */
export function ownership(): { readonly owned: Set<string>; readonly listener: RebalanceListener } {
  const owned = new Set<string>();
  const nameOf = ({ topic, partition }: TopicPartition) => `${topic}:${partition}`;
  const listener: RebalanceListener = {
    async onAssigned(partitions) {
      for (const partition of partitions) owned.add(nameOf(partition));
    },
    async onRevoked(partitions) {
      for (const partition of partitions) owned.delete(nameOf(partition));
    },
  };
  return { owned, listener };
}

/** Members must poll for a rebalance to go on. */
export async function until(
  condition: () => boolean,
  ...members: readonly GroupMember[]
): Promise<void> {
  while (!condition()) {
    await Promise.all(members.map((member) => member.poll({ maxWaitMs: 5 })));
  }
}
