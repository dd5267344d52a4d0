/**
 * A log that is open in another thread of this process, where `serveLog` serves it: the whole
 * Log port. Closing it leaves the log itself open, and the port too.
 *
 * State that the log commits is read here directly, from the same memory, not over the port.
 */
import type { RecordMetadata } from '../../record.ts';
import type { SharedStateStorage } from '../../state/storage.ts';
import type {
  GroupMember,
  GroupOptions,
  Log,
  LogReader,
  ProducedRecord,
  TopicDescription,
  TopicPartition,
  TopicSpec,
} from '../log.ts';
import { KnownTopics } from './known-topics.ts';
import type { HostMethods, LogFacts, RemoteMethods } from './log-calls.ts';
import { packProduced } from './packed-records.ts';
import type { PortCalls } from './port-calls.ts';
import { RemoteMember, unlessGone } from './remote-member.ts';
import { RemotePolls } from './remote-polls.ts';

/**
 * `rebalanced`: told when partitions have come or gone, before the other members are.
 *
 * @throws StreamsError `STREAMS_LOG_CLOSED` when nobody serves the port.
 */
export async function openRemoteLog(
  host: PortCalls<HostMethods>,
  rebalanced: () => void = () => {},
): Promise<Log> {
  const members = new Map<number, RemoteMember>();
  host.answer({
    async onAssigned({ handle, partitions }) {
      await members.get(handle)?.assigned(partitions);
      rebalanced();
    },
    async keeps({ handle, partitions }) {
      return (await members.get(handle)?.keeps(partitions)) ?? [];
    },
    async onComing({ handle, partitions }) {
      await members.get(handle)?.coming(partitions);
    },
    async onLost({ handle, partitions }) {
      await members.get(handle)?.lost(partitions);
      rebalanced();
    },
    async onRevoked({ handle, partitions }) {
      await members.get(handle)?.revoked(partitions);
      rebalanced();
    },
  } satisfies RemoteMethods);
  const facts = await host.call('facts', undefined);
  return new RemoteLog(host, members, facts, await openState(facts));
}

async function openState({ stateElsewhere }: LogFacts): Promise<SharedStateStorage | undefined> {
  if (stateElsewhere === undefined) return undefined;
  const { openSharedState } = await import(stateElsewhere.module);
  return openSharedState(stateElsewhere.options);
}

class RemoteLog implements Log {
  readonly commitsState: boolean;
  readonly stateStorage?: SharedStateStorage;
  readonly maxRecordBytes?: number;
  readonly #host: PortCalls<HostMethods>;
  readonly #members: Map<number, RemoteMember>;
  readonly #topics: KnownTopics;
  readonly #readers = new Set<LogReader>();
  #handles = 0;
  #closing: Promise<void> | undefined;

  constructor(
    host: PortCalls<HostMethods>,
    members: Map<number, RemoteMember>,
    { commitsState, maxRecordBytes, topics }: LogFacts,
    state: SharedStateStorage | undefined,
  ) {
    this.commitsState = commitsState;
    if (maxRecordBytes !== undefined) this.maxRecordBytes = maxRecordBytes;
    if (state !== undefined) this.stateStorage = state;
    this.#host = host;
    this.#members = members;
    this.#topics = new KnownTopics(topics, maxRecordBytes);
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.#topics.learn(await this.#host.call('createTopics', topics));
  }

  async describeTopics(): Promise<readonly TopicDescription[]> {
    const topics = await this.#host.call('describeTopics', undefined);
    this.#topics.learn(topics);
    return topics;
  }

  async describeTopic(name: string): Promise<TopicDescription> {
    const topic = await this.#host.call('describeTopic', name);
    this.#topics.learn([topic]);
    return topic;
  }

  checkRecord(record: ProducedRecord): void {
    this.#topics.check(record);
  }

  append(records: readonly ProducedRecord[]): Promise<readonly RecordMetadata[]> {
    return this.#host.call('append', packProduced(records));
  }

  offsetForTime(partition: TopicPartition, timestampMs: number): Promise<bigint> {
    return this.#host.call('offsetForTime', { ...partition, timestampMs });
  }

  openReader(): LogReader {
    const handle = this.#handles++;
    this.#host.tell('openReader', { handle });
    const polls = new RemotePolls(this.#host, handle);
    const reader: LogReader = {
      assign: (partitions) => polls.reposition('assign', partitions),
      unassign: (partitions) => {
        polls.forget(partitions);
        this.#host.tell('unassign', { handle, partitions });
      },
      poll: (options) => polls.poll(options),
      close: () => {
        this.#readers.delete(reader);
        return this.#host.call('close', { handle }).catch(unlessGone);
      },
    };
    this.#readers.add(reader);
    return reader;
  }

  async joinGroup(options: GroupOptions): Promise<GroupMember> {
    const handle = this.#handles++;
    const member = new RemoteMember(options, {
      host: this.#host,
      handle,
      commitsState: this.commitsState,
      stateCommitted: () => this.stateStorage?.renew(),
      whenClosed: () => this.#members.delete(handle),
    });
    this.#members.set(handle, member); // Partitions may come before the answer.
    try {
      await member.join();
    } catch (error) {
      this.#members.delete(handle);
      throw error;
    }
    return member;
  }

  committed(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly (bigint | undefined)[]> {
    return this.#host.call('committed', { groupId, partitions });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const open = [...this.#members.values(), ...this.#readers];
    await Promise.all(open.map((one) => one.close()));
    await this.stateStorage?.close();
  }
}
