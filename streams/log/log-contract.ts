/**
 * What every log must do, as tests that each driver runs. Nothing here assumes that an effect is
 * there at once: it polls until it has what it waits for, and fails by Jest's timeout when that
 * never comes.
 */
import { StreamsError } from '../errors.ts';
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
} from './log.ts';
import { partitionFor } from './partitioner.ts';

export interface LogUnderTest {
  /** A fresh log, or one whose topics do not collide: the suite gives each test its own names. */
  open(options?: { readonly rebalanceTimeoutMs?: number }): Promise<Log>;
}

let topicCount = 0;

export function newTopic(settings: Partial<TopicSpec> = {}): TopicSpec {
  topicCount += 1;
  const name = `contract-${process.pid}-${topicCount}`;
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

function readerAt(log: Log, topic: TopicSpec, offset = 0n, partition = 0): LogReader {
  const reader = log.openReader();
  reader.assign([{ topic: topic.name, partition, offset }]);
  return reader;
}

function join(
  log: Log,
  groupId: string,
  topics: readonly TopicSpec[],
  listener: Partial<RebalanceListener> = {},
): Promise<GroupMember> {
  return log.joinGroup({
    groupId,
    topics: topics.map(({ name }) => name),
    startFrom: 'earliest',
    listener: { ...noRebalance, ...listener },
  });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'nothing was thrown';
  } catch (error) {
    return error instanceof StreamsError ? error.code : String(error);
  }
}

export function logContract(name: string, { open }: LogUnderTest): void {
  let log: Log;
  const openWith = async (topics: readonly TopicSpec[], options = {}) => {
    log = await open(options);
    await log.createTopics(topics);
    return log;
  };
  afterEach(async () => {
    await log.close();
  });

  describe(`${name}: records`, () => recordTests(openWith));
  describe(`${name}: reading`, () => readingTests(openWith));
  describe(`${name}: topics`, () => topicTests(openWith));
  describe(`${name}: commits`, () => commitTests(openWith));
  describe(`${name}: groups`, () => groupTests(openWith));
}

type OpenWith = (
  topics: readonly TopicSpec[],
  options?: { readonly rebalanceTimeoutMs?: number },
) => Promise<Log>;

function recordTests(openWith: OpenWith): void {
  test('keeps records of a partition in the order of their appends, with rising offsets', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const first = await log.append([produced(topic, 'a'), produced(topic, 'b')]);
    const second = await log.append([produced(topic, 'c')]);
    expect([...first, ...second].map(({ offset }) => offset)).toEqual([0n, 1n, 2n]);
    expect(values(await readAll(log, topic))).toEqual(['a', 'b', 'c']);
  });

  test('tells null from empty in key, value and headers, and keeps timestamps', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const empty = new Uint8Array(0);
    const headers = [
      { key: 'none', value: null },
      { key: 'empty', value: empty },
      { key: 'again', value: Buffer.from('1') },
      { key: 'again', value: Buffer.from('2') },
      { key: 'größe', value: Buffer.from([0, 255]) },
    ];
    await log.append([
      produced(topic, '', { key: null, value: null, timestampMs: 5 }),
      produced(topic, '', { key: empty, value: empty, timestampMs: 3, headers }),
    ]);
    const [nulls, empties] = await readAll(log, topic);
    expect(nulls).toMatchObject({
      key: null,
      value: null,
      timestampMs: 5,
      headers: [],
      offset: 0n,
    });
    expect(empties?.key?.length).toBe(0);
    expect(empties?.value?.length).toBe(0);
    expect(empties?.timestampMs).toBe(3);
    expect(empties?.headers.map(({ key, value }) => [key, text(value)])).toEqual(
      headers.map(({ key, value }) => [key, text(value)]),
    );
  });

  test('keeps a record of a megabyte, and refuses one that is too large without a trace', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const large = Buffer.alloc(1_000_000, 7);
    await log.append([produced(topic, '', { value: large })]);
    const tooLarge = Buffer.alloc(64 * 1024 * 1024);
    const both = [produced(topic, 'beside it'), produced(topic, '', { value: tooLarge })];
    expect(await codeOf(log.append(both))).toBe('STREAMS_RECORD_TOO_LARGE');
    const kept = await readAll(log, topic);
    expect(kept).toHaveLength(1);
    expect(Buffer.compare(kept[0]?.value as Uint8Array, large)).toBe(0);
  });

  test('puts a key where Kafka does, and spreads records without a key', async () => {
    const topic = newTopic({ partitions: 5 });
    const log = await openWith([topic]);
    const key = Buffer.from('foobar');
    const keyed = await log.append([produced(topic, 'a', { key, partition: undefined })]);
    expect(keyed[0]?.partition).toBe(partitionFor(key, 5));
    const spread = await log.append(
      Array.from({ length: 200 }, () => produced(topic, 'x', { partition: undefined })),
    );
    expect(new Set(spread.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  });

  test('gives concurrent appends offsets without gap or overlap', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const appends = await Promise.all(
      Array.from({ length: 50 }, (_, i) => log.append([produced(topic, `${i}`)])),
    );
    const written = await readAll(log, topic);
    expect(written.map(({ offset }) => offset)).toEqual(
      Array.from({ length: 50 }, (_, i) => BigInt(i)),
    );
    appends.forEach(([metadata], i) => {
      expect(text(written[Number(metadata?.offset)]?.value ?? null)).toBe(`${i}`);
    });
  });
}

function readingTests(openWith: OpenWith): void {
  test('reads on from any offset', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(['a', 'b', 'c', 'd'].map((value) => produced(topic, value)));
    for (const offset of [0, 1, 2, 3]) {
      const reader = readerAt(log, topic, BigInt(offset));
      expect(values(await take(reader, 4 - offset))).toEqual(['a', 'b', 'c', 'd'].slice(offset));
      await reader.close();
    }
  });

  test('gives at most maxRecords, and nothing twice', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(Array.from({ length: 10 }, (_, i) => produced(topic, `${i}`)));
    const reader = readerAt(log, topic);
    const seen: ConsumedRecord[] = [];
    while (seen.length < 10) {
      const records = (await reader.poll({ maxRecords: 3, maxWaitMs: 1_000 })).flatMap(
        (batch) => batch.records,
      );
      expect(records.length).toBeLessThanOrEqual(3);
      seen.push(...records);
    }
    expect(seen.map(({ offset }) => Number(offset))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('tells how far a batch reads and where the partition ends', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(['a', 'b', 'c'].map((value) => produced(topic, value)));
    const reader = readerAt(log, topic);
    let [batch] = await reader.poll({ maxRecords: 2, maxWaitMs: 1_000 });
    while (batch === undefined) [batch] = await reader.poll({ maxRecords: 2, maxWaitMs: 1_000 });
    expect(batch.nextOffset).toBe((batch.records.at(-1)?.offset ?? -1n) + 1n);
    expect(batch.endOffset).toBe(3n);
  });

  test('answers an empty poll after its time', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    expect(await readerAt(log, topic).poll({ maxWaitMs: 0 })).toEqual([]);
    expect(await readerAt(log, topic).poll({ maxWaitMs: 20 })).toEqual([]);
  });

  test('wakes a reader that waits', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const waiting = take(readerAt(log, topic), 1, { maxWaitMs: 600_000 });
    await log.append([produced(topic, 'a')]);
    expect(values(await waiting)).toEqual(['a']);
  });

  test('ends a poll that waits when the reader is closed', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const reader = readerAt(log, topic);
    const waiting = reader.poll({ maxWaitMs: 600_000 });
    await reader.close();
    expect(await waiting).toEqual([]);
  });

  test('lets no partition starve another', async () => {
    const topic = newTopic({ partitions: 3 });
    const log = await openWith([topic]);
    for (const partition of [0, 1, 2]) {
      const many = partition === 0 ? 5_000 : 1;
      await log.append(Array.from({ length: many }, () => produced(topic, 'x', { partition })));
    }
    const reader = log.openReader();
    reader.assign([0, 1, 2].map((partition) => ({ topic: topic.name, partition, offset: 0n })));
    const seen = new Set<number>();
    for (let polls = 0; polls < 6 && seen.size < 3; polls++) {
      for (const batch of await reader.poll({ maxRecords: 30, maxWaitMs: 1_000 })) {
        seen.add(batch.partition);
      }
    }
    expect(seen.size).toBe(3);
  });

  test('finds the first record at or after a time', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    for (const timestampMs of [100, 300, 200, 400]) {
      await log.append([produced(topic, 'x', { timestampMs })]);
    }
    const at = (timestampMs: number) =>
      log.offsetForTime({ topic: topic.name, partition: 0 }, timestampMs);
    expect(await Promise.all([0, 100, 101, 300, 301, 401].map(at))).toEqual([
      0n,
      0n,
      1n,
      1n,
      3n,
      4n,
    ]);
  });

  test('refuses to wait for an offset that is not there yet', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append([produced(topic, 'a')]);
    const reader = readerAt(log, topic, 5n);
    expect(await codeOf(take(reader, 1))).toBe('STREAMS_OFFSET_OUT_OF_RANGE');
  });
}

function topicTests(openWith: OpenWith): void {
  test('creates a topic once, and says exactly how another wish differs', async () => {
    const topic = newTopic({ partitions: 2 });
    const log = await openWith([topic]);
    await log.createTopics([topic]);
    const wish = { ...topic, partitions: 3, cleanupPolicy: 'compact' } as const;
    const refused = log.createTopics([wish]);
    expect(await codeOf(refused)).toBe('STREAMS_TOPIC_MISMATCH');
    await expect(refused).rejects.toThrow(/partitions is 2, wanted 3/);
    await expect(refused).rejects.toThrow(/cleanupPolicy is delete, wanted compact/);
    expect((await log.describeTopic(topic.name)).offsets).toHaveLength(2);
  });

  test.each(['', '.', '..', 'a b', 'a/b', 'ü', 'x'.repeat(250)])(
    'refuses the topic name %p',
    async (name) => {
      const log = await openWith([]);
      expect(await codeOf(log.createTopics([{ ...newTopic(), name }]))).toBe(
        'STREAMS_TOPIC_INVALID',
      );
    },
  );

  test('names a topic or partition that does not exist', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    const unknown = { ...topic, name: `${topic.name}-unknown` };
    expect(await codeOf(log.append([produced(unknown, 'a')]))).toBe('STREAMS_TOPIC_UNKNOWN');
    expect(await codeOf(log.append([produced(topic, 'a', { partition: 1 })]))).toBe(
      'STREAMS_TOPIC_UNKNOWN',
    );
    expect(await codeOf(log.describeTopic(unknown.name))).toBe('STREAMS_TOPIC_UNKNOWN');
    expect(await codeOf(join(log, 'group', [unknown]))).toBe('STREAMS_TOPIC_UNKNOWN');
  });

  test('holds thousands of partitions', async () => {
    const topic = newTopic({ partitions: 3_000 });
    const log = await openWith([topic]);
    const some = [0, 1, 1_499, 2_998, 2_999];
    await log.append(some.map((partition) => produced(topic, `${partition}`, { partition })));
    const reader = log.openReader();
    reader.assign(
      Array.from({ length: 3_000 }, (_, partition) => ({
        topic: topic.name,
        partition,
        offset: 0n,
      })),
    );
    const read = await take(reader, some.length);
    expect(read.map(({ partition }) => partition).sort((a, b) => a - b)).toEqual(some);
  });
}

function commitTests(openWith: OpenWith): void {
  test('makes outputs and offsets visible together', async () => {
    const [input, output] = [newTopic(), newTopic({ partitions: 2 })];
    const log = await openWith([input, output]);
    await log.append([produced(input, 'a'), produced(input, 'b')]);
    const groupId = `${input.name}-group`;
    const member = await join(log, groupId, [input]);
    await take(member, 2);
    await member.commit({
      ...emptyCommit,
      outputs: [produced(output, 'A', { partition: 0 }), produced(output, 'B', { partition: 1 })],
      offsets: [{ topic: input.name, partition: 0, offset: 2n }],
    });
    expect(values(await readAll(log, output, 0))).toEqual(['A']);
    expect(values(await readAll(log, output, 1))).toEqual(['B']);
    expect(await log.committed(groupId, [{ topic: input.name, partition: 0 }])).toEqual([2n]);
    await member.close();
  });

  test('lets the next member go on behind the committed offset', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(['a', 'b', 'c'].map((value) => produced(topic, value)));
    const groupId = `${topic.name}-group`;
    const first = await join(log, groupId, [topic]);
    await take(first, 3);
    const offsets = [{ topic: topic.name, partition: 0, offset: 1n }];
    await first.commit({ ...emptyCommit, offsets });
    await first.close();
    const second = await join(log, groupId, [topic]);
    expect(values(await take(second, 2))).toEqual(['b', 'c']);
    await second.close();
  });

  test('writes nothing of a commit that is refused', async () => {
    const [input, output] = [newTopic(), newTopic()];
    const log = await openWith([input, output]);
    const member = await join(log, `${input.name}-group`, [input]);
    const tooLarge = Buffer.alloc(64 * 1024 * 1024);
    const refused = member.commit({
      ...emptyCommit,
      outputs: [produced(output, 'a'), produced(output, '', { value: tooLarge })],
      offsets: [{ topic: input.name, partition: 0, offset: 0n }],
    });
    expect(await codeOf(refused)).toBe('STREAMS_RECORD_TOO_LARGE');
    expect(await readAll(log, output)).toEqual([]);
    await member.close();
  });

  test('hands records back from where a member seeks', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(['a', 'b', 'c'].map((value) => produced(topic, value)));
    const member = await join(log, `${topic.name}-group`, [topic]);
    await take(member, 3);
    member.seek({ topic: topic.name, partition: 0 }, 1n);
    expect(values(await take(member, 2))).toEqual(['b', 'c']);
    await member.close();
  });

  test('purges what everybody has read', async () => {
    const topic = newTopic();
    const log = await openWith([topic]);
    await log.append(['a', 'b', 'c'].map((value) => produced(topic, value)));
    const member = await join(log, `${topic.name}-group`, [topic]);
    await take(member, 3);
    const partition = { topic: topic.name, partition: 0 };
    await member.commit({
      ...emptyCommit,
      offsets: [{ ...partition, offset: 2n }],
      purge: [{ ...partition, beforeOffset: 2n }],
    });
    expect(values(await readAll(log, topic))).toEqual(['c']);
    await member.close();
  });
}

function groupTests(openWith: OpenWith): void {
  test('delivers nothing of a paused partition until it is resumed', async () => {
    const topic = newTopic({ partitions: 2 });
    const log = await openWith([topic]);
    const member = await join(log, `${topic.name}-group`, [topic]);
    await log.append([0, 1].map((partition) => produced(topic, 'first', { partition })));
    await take(member, 2);
    const paused = [{ topic: topic.name, partition: 0 }];
    member.pause(paused);
    await log.append([0, 1].map((partition) => produced(topic, 'second', { partition })));
    const flowing = await take(member, 1);
    expect(flowing.map(({ partition }) => partition)).toEqual([1]);
    expect(await member.poll({ maxWaitMs: 20 })).toEqual([]);
    member.resume(paused);
    expect((await take(member, 1)).map(({ partition }) => partition)).toEqual([0]);
    await member.close();
  });

  test('splits partitions between two members, alike in every topic, and gives them back', async () => {
    const topics = [newTopic({ partitions: 4 }), newTopic({ partitions: 4 })];
    const log = await openWith(topics);
    const groupId = `${topics[0]?.name}-group`;
    const [a, b] = [ownership(), ownership()];
    const first = await join(log, groupId, topics, a.listener);
    await until(() => a.owned.size === 8, first);
    const second = await join(log, groupId, topics, b.listener);
    await until(() => a.owned.size === 4 && b.owned.size === 4, first, second);
    const partitionsOf = ({ owned }: { owned: Set<string> }, topic?: TopicSpec) =>
      [...owned].filter((name) => name.startsWith(`${topic?.name}:`)).map((n) => n.split(':')[1]);
    expect(partitionsOf(a, topics[0])).toEqual(partitionsOf(a, topics[1]));
    expect(partitionsOf(b, topics[0])).toEqual(partitionsOf(b, topics[1]));
    await first.close();
    await until(() => b.owned.size === 8, second);
    await second.close();
  });

  test('lets a member commit what it loses, and its successor go on from there', async () => {
    const topic = newTopic({ partitions: 2 });
    const log = await openWith([topic]);
    await log.append([0, 1].map((partition) => produced(topic, 'old', { partition })));
    const groupId = `${topic.name}-group`;
    let first: GroupMember | undefined;
    first = await join(log, groupId, [topic], {
      async onRevoked(partitions) {
        const offsets = partitions.map((partition) => ({ ...partition, offset: 1n }));
        await first?.commit({ ...emptyCommit, offsets });
      },
    });
    await take(first, 2);
    const b = ownership();
    const second = await join(log, groupId, [topic], b.listener);
    await until(() => b.owned.size === 1, first, second);
    await log.append([0, 1].map((partition) => produced(topic, 'new', { partition })));
    expect(values(await take(second, 1))).toEqual(['new']);
    await Promise.all([first.close(), second.close()]);
  });

  test('refuses the commit of a member that has left, and of one that lost the partition', async () => {
    const [topic, output] = [newTopic({ partitions: 2 }), newTopic()];
    const log = await openWith([topic, output]);
    const groupId = `${topic.name}-group`;
    const a = ownership();
    const b = ownership();
    const first = await join(log, groupId, [topic], a.listener);
    await until(() => a.owned.size === 2, first);
    const second = await join(log, groupId, [topic], b.listener);
    await until(() => a.owned.size === 1 && b.owned.size === 1, first, second);
    const lost = Number([...b.owned][0]?.split(':')[1]);
    const commit: LogCommit = {
      ...emptyCommit,
      outputs: [produced(output, 'of a zombie')],
      offsets: [{ topic: topic.name, partition: lost, offset: 0n }],
    };
    expect(await codeOf(first.commit(commit))).toBe('STREAMS_TASK_MIGRATED');
    await first.close();
    expect(await codeOf(first.commit(commit))).toBe('STREAMS_TASK_MIGRATED');
    expect(await readAll(log, output)).toEqual([]);
    await second.close();
  });

  test('fences a member that does not let go, and fails its commit alone', async () => {
    const [topic, output] = [newTopic({ partitions: 2 }), newTopic()];
    const log = await openWith([topic, output], { rebalanceTimeoutMs: 50 });
    const groupId = `${topic.name}-group`;
    const zombie = await join(log, groupId, [topic], { onRevoked: () => new Promise(() => {}) });
    await log.append([0, 1].map((partition) => produced(topic, 'x', { partition })));
    await take(zombie, 2);
    const b = ownership();
    const second = await join(log, groupId, [topic], b.listener);
    await until(() => b.owned.size === 2, second);
    const offsets = [{ topic: topic.name, partition: 0, offset: 1n }];
    const [refused, accepted] = await Promise.allSettled([
      zombie.commit({ ...emptyCommit, outputs: [produced(output, 'zombie')], offsets }),
      log.append([produced(output, 'beside it')]),
    ]);
    expect(refused).toMatchObject({ reason: { code: 'STREAMS_TASK_MIGRATED' } });
    expect(accepted.status).toBe('fulfilled');
    expect(await codeOf(zombie.poll({ maxWaitMs: 0 }))).toBe('STREAMS_TASK_MIGRATED');
    expect(values(await readAll(log, output))).toEqual(['beside it']);
    await Promise.all([zombie.close(), second.close()]);
  });
}

/** What a member owns, as `topic:partition`. */
function ownership(): { readonly owned: Set<string>; readonly listener: RebalanceListener } {
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
async function until(condition: () => boolean, ...members: readonly GroupMember[]): Promise<void> {
  while (!condition()) {
    await Promise.all(members.map((member) => member.poll({ maxWaitMs: 5 })));
  }
}
