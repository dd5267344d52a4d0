/** The topics of a cluster: made when they are missing, checked when they are there, remembered. */
import { StreamsError } from '../../errors.ts';
import type { TopicDescription, TopicPartition, TopicSpec } from '../log.ts';
import { checkTopicSpecs, checkTopicsMatch } from '../topic-rules.ts';
import type { KafkaClients } from './kafka-clients.ts';
import { kafkaCode, kafkaError, nativeCode } from './kafka-errors.ts';
import { isStale } from './native-admins.ts';
import {
  answer,
  type NativeAdmin,
  type NativeListedOffset,
  type NativeTopicDescription,
} from './native-client.ts';
import type { TopicConfig, TopicConfigs } from './topic-configs.ts';

export interface KnownTopic extends TopicSpec {
  readonly maxMessageBytes: number;
}

/**
 * `end` is behind everything that is written, `settled` before the first transaction that is not
 * decided yet.
 */
type TimedPartition = TopicPartition & {
  readonly at: 'beginning' | 'end' | 'settled' | number;
};

const callTimeoutMs = 10_000;
/** Of what changes nothing, and can be asked again. */
const askTimeoutMs = 5_000;
/** A new topic, and one whose leader moved, is not known to every broker at once. */
const settleTimeoutMs = 120_000;
const settlePauseMs = 50;
/** How long a topic may be unknown to one broker after another has made it. */
const spreadTimeoutMs = 2_000;
/** Partitions of one request. */
const mostAtOnce = 5_000;

const notYet: ReadonlySet<number> = new Set([5, 6, 7, 9, 13, 14, 15, 16, 78, -156, -185, -195]);

export class KafkaTopics {
  readonly #clients: KafkaClients;
  readonly #configs: TopicConfigs;
  readonly #replicationFactor: number;
  readonly #known = new Map<string, KnownTopic>();

  constructor(clients: KafkaClients, configs: TopicConfigs, replicationFactor: number) {
    this.#clients = clients;
    this.#configs = configs;
    this.#replicationFactor = replicationFactor;
  }

  /** As it was when it was last asked for; `undefined`: never asked for. */
  known(name: string): KnownTopic | undefined {
    return this.#known.get(name);
  }

  /** Of all that were asked for, as they were then. @see max.message.bytes */
  get smallestLimitBytes(): number {
    const limits = [...this.#known.values()].map(({ maxMessageBytes }) => maxMessageBytes);
    return Math.min(...limits);
  }

  /** Looks anew at topics whose settings may have changed. */
  async refresh(names: readonly string[]): Promise<void> {
    await this.#look(names);
  }

  /** @throws StreamsError `STREAMS_TOPIC_UNKNOWN` */
  async require(name: string): Promise<KnownTopic> {
    const held = this.#known.get(name);
    if (held !== undefined) return held;
    const [topic] = await this.#look([name]);
    if (topic === undefined) throw unknownTopic(name);
    return topic;
  }

  async create(topics: readonly TopicSpec[]): Promise<void> {
    checkTopicSpecs(topics);
    const names = [...new Set(topics.map(({ name }) => name))];
    const before = new Map((await this.#look(names)).map((topic) => [topic.name, topic]));
    checkTopicsMatch(topics, (name) => before.get(name));
    const missing = topics.filter(({ name }) => !before.has(name));
    if (missing.length === 0) return;
    await Promise.all(missing.map((topic) => this.#create(topic)));
    await this.#settled(missing);
    // Somebody else may have made one meanwhile, in another way.
    const after = new Map((await this.#look(names)).map((topic) => [topic.name, topic]));
    checkTopicsMatch(topics, (name) => after.get(name));
  }

  /** A topic of the driver's own, which may grow when a topology does. */
  async createAtLeast(name: string, partitions: number): Promise<void> {
    const [held] = await this.#look([name]);
    if (held === undefined) {
      return this.create([{ name, partitions, cleanupPolicy: 'delete', retentionMs: -1 }]);
    }
    if (held.partitions >= partitions) return;
    await this.#untilSettled(`add partitions to '${name}'`, () =>
      this.#clients.admins.use((admin) =>
        answer((callback) => admin.createPartitions(name, partitions, callTimeoutMs, callback)),
      ),
    );
    await this.#settled([{ ...held, partitions }]);
  }

  async describe(name: string): Promise<TopicDescription> {
    const [topic] = await this.#look([name]);
    if (topic === undefined) throw unknownTopic(name);
    const [description] = await this.#withOffsets([topic]);
    return description as TopicDescription;
  }

  /** Kafka's own, `__consumer_offsets` and the like, are left out. */
  async describeAll(): Promise<readonly TopicDescription[]> {
    const names = await this.#untilSettled('list topics', () => this.#clients.topicNames());
    const own = names.filter((name) => !name.startsWith('__')).sort();
    return this.#withOffsets(await this.#look(own));
  }

  /** As the cluster knows them now, whether they are there or not, with what may be done with them. */
  describeNow(names: readonly string[]): Promise<readonly NativeTopicDescription[]> {
    return this.#describe(names, true);
  }

  /** The first offset, the next one, or the first at or after a time. All of one kind. */
  async offsets(
    partitions: readonly TimedPartition[],
    unknownForMs = spreadTimeoutMs,
  ): Promise<readonly bigint[]> {
    const found: bigint[] = [];
    for (let at = 0; at < partitions.length; at += mostAtOnce) {
      found.push(...(await this.#offsets(partitions.slice(at, at + mostAtOnce), unknownForMs)));
    }
    return found;
  }

  async #offsets(
    partitions: readonly TimedPartition[],
    unknownForMs: number,
  ): Promise<readonly bigint[]> {
    const { OffsetSpec } = this.#clients.native;
    const wanted = partitions.map(({ topic, partition, at }) => {
      const latest = OffsetSpec.LATEST;
      const named = { beginning: OffsetSpec.EARLIEST, end: latest, settled: latest };
      return { topic, partition, offset: typeof at === 'number' ? new OffsetSpec(at) : named[at] };
    });
    const isolationLevel = partitions.some(({ at }) => at === 'end') ? 0 : 1;
    const limits = { timeout: askTimeoutMs, isolationLevel };
    const names = [...new Set(partitions.map(({ topic }) => topic))];
    return this.#untilSettled(
      'find offsets',
      (isFirst) =>
        this.#clients.admins.use(async (admin) => {
          // What the client holds for unknown it forgets only when it is asked for it by name.
          if (!isFirst) await describedBy(admin, names);
          const answers = await answer<readonly NativeListedOffset[]>((callback) =>
            admin.listOffsets(wanted, limits, callback),
          );
          return offsetsIn(answers, partitions);
        }),
      unknownForMs,
    );
  }

  async #withOffsets(topics: readonly KnownTopic[]): Promise<readonly TopicDescription[]> {
    const all = topics.flatMap(({ name, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
    );
    if (all.length === 0) return topics.map((topic) => ({ ...topic, offsets: [] }));
    const [beginnings, ends] = await Promise.all([
      this.offsets(all.map((partition) => ({ ...partition, at: 'beginning' as const }))),
      this.offsets(all.map((partition) => ({ ...partition, at: 'end' as const }))),
    ]);
    let next = 0;
    return topics.map(({ name, partitions, cleanupPolicy, retentionMs }) => ({
      name,
      partitions,
      cleanupPolicy,
      retentionMs,
      offsets: Array.from({ length: partitions }, () => {
        const bounds = { beginning: beginnings[next] as bigint, end: ends[next] as bigint };
        next += 1;
        return bounds;
      }),
    }));
  }

  /** Those of the named topics that exist, as they are now. */
  async #look(names: readonly string[]): Promise<readonly KnownTopic[]> {
    if (names.length === 0) return [];
    const described = await this.#untilSettled('describe topics', () => this.#describe(names));
    const there = described.filter(isThere);
    const configs = await this.#configs.of(there.map(({ name }) => name));
    const topics = there.map(({ name, partitions }) => {
      const config = configs.get(name) as TopicConfig;
      return { name, partitions: partitions.length, ...config };
    });
    for (const topic of topics) this.#known.set(topic.name, topic);
    return topics;
  }

  async #create(topic: TopicSpec): Promise<void> {
    const config = {
      'cleanup.policy': topic.cleanupPolicy,
      'retention.ms': String(topic.retentionMs),
      'message.timestamp.type': 'CreateTime',
    };
    try {
      await this.#clients.admins.use((admin) =>
        answer((callback) =>
          admin.createTopic(
            {
              topic: topic.name,
              num_partitions: topic.partitions,
              replication_factor: this.#replicationFactor,
              config,
            },
            callTimeoutMs,
            callback,
          ),
        ),
      );
    } catch (error) {
      if (nativeCode(error) === kafkaCode.topicExists) return;
      throw kafkaError(`cannot create the topic '${topic.name}'`, error);
    }
  }

  /** Waits until each new topic has a leader for every partition. */
  async #settled(topics: readonly TopicSpec[]): Promise<void> {
    const all = topics.flatMap(({ name, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
    );
    const ends = all.map((partition) => ({ ...partition, at: 'end' as const }));
    await this.offsets(ends, settleTimeoutMs);
  }

  #describe(
    names: readonly string[],
    includeAuthorizedOperations = false,
  ): Promise<readonly NativeTopicDescription[]> {
    return this.#clients.admins.use((admin) =>
      describedBy(admin, names, includeAuthorizedOperations),
    );
  }

  /** A broker that does not know yet is asked again for a while. */
  async #untilSettled<T>(
    what: string,
    ask: (isFirst: boolean) => Promise<T>,
    unknownForMs = spreadTimeoutMs,
  ): Promise<T> {
    const sinceMs = performance.now();
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await ask(isFirst);
      } catch (error) {
        const code = nativeCode(error) ?? 0;
        const isUnknown = code === kafkaCode.unknownTopic;
        const isEarly = isStale(error) || notYet.has(code);
        const patienceMs = isUnknown ? unknownForMs : isEarly ? settleTimeoutMs : 0;
        if (performance.now() - sinceMs >= patienceMs) throw kafkaError(`cannot ${what}`, error);
        await new Promise((resolve) => setTimeout(resolve, settlePauseMs));
      }
    }
  }
}

function describedBy(
  admin: NativeAdmin,
  names: readonly string[],
  includeAuthorizedOperations = false,
): Promise<readonly NativeTopicDescription[]> {
  const options = { timeout: askTimeoutMs, includeAuthorizedOperations };
  return answer((callback) => admin.describeTopics(names, options, callback));
}

/**
 * In the order asked. A leader that is new may answer without an error and without an offset.
 *
 * @throws NativeError also then: it is to be asked again.
 */
function offsetsIn(
  answers: readonly NativeListedOffset[],
  partitions: readonly TimedPartition[],
): readonly bigint[] {
  const fault = answers.find(({ error }) => error !== undefined && error.code !== 0);
  if (fault?.error !== undefined) throw fault.error;
  const byName = new Map(answers.map((one) => [`${one.topic}-${one.partition}`, one.offset]));
  return partitions.map(({ topic, partition, at }) => {
    const offset = byName.get(`${topic}-${partition}`);
    const isLaterThanAll = offset === -1 && typeof at === 'number';
    if (offset !== undefined && (offset >= 0 || isLaterThanAll)) return BigInt(offset);
    const message = `'${topic}' partition ${partition} has no leader that knows its offsets`;
    throw Object.assign(new Error(message), { code: kafkaCode.offsetNotAvailable });
  });
}

function isThere({ error, partitions }: NativeTopicDescription): boolean {
  return (error === undefined || error.code === 0) && partitions.length > 0;
}

export function unknownTopic(name: string): StreamsError {
  return new StreamsError('STREAMS_TOPIC_UNKNOWN', `no topic '${name}'`);
}
