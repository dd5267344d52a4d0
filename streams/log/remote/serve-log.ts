/**
 * Serves a log to one other thread: `openRemoteLog` at the other end of the port is the log there.
 *
 *   thread with the log                          another thread
 *   log ◀── serveLog ◀───── MessagePort ─────▶ openRemoteLog ──▶ an application
 *
 * The log itself stays where it was opened, and may be served to many.
 */
import { StreamsError } from '../../errors.ts';
import type { GroupMember, Log, LogReader, TopicSpec } from '../log.ts';
import type { HostMethods, KnownTopic, RemoteMethods } from './log-calls.ts';
import { packBatches, unpackCommit } from './packed-records.ts';
import type { PortCalls } from './port-calls.ts';

export interface ServedLog {
  /**
   * Ends what the other thread has opened: its readers are closed, its members leave their groups
   * and commit nothing more. Also happens when the other side of the port closes.
   */
  close(): Promise<void>;
  /** Whether partitions of its members are being taken away, or may have been. */
  readonly isLosing: boolean;
}

/** A reader or member that the other thread has opened. */
interface Opened {
  readonly source: LogReader | GroupMember;
  epoch: number;
  /** What could not be answered at once: the next poll fails with it. */
  failure: { readonly error: unknown } | undefined;
}

/** `processName`: what the members of all threads of one application have in common. */
export function serveLog(
  log: Log,
  remote: PortCalls<RemoteMethods>,
  processName?: string,
): ServedLog {
  return new Served(log, remote, processName);
}

class Served implements ServedLog {
  readonly #log: Log;
  readonly #processName: string | undefined;
  readonly #opened = new Map<number, Opened>();
  readonly #remote: PortCalls<RemoteMethods>;
  /** Revokes and losses that the other thread has not answered. */
  #taking = 0;
  #closing: Promise<void> | undefined;

  constructor(log: Log, remote: PortCalls<RemoteMethods>, processName: string | undefined) {
    this.#log = log;
    this.#processName = processName;
    this.#remote = remote;
    remote.answer({ ...this.#topics(), ...this.#sources() } satisfies HostMethods);
    remote.whenClosed(() => void this.close());
  }

  get isLosing(): boolean {
    const sources = [...this.#opened.values()].map(({ source }) => source as Partial<GroupMember>);
    return this.#taking > 0 || sources.some(({ isAlive }) => isAlive === false);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#remote.close(); // A rebalance that waits for the other thread fails, and goes on.
    const sources = [...this.#opened.values()].map(({ source }) => source.close());
    this.#opened.clear();
    await Promise.allSettled(sources);
  }

  #topics() {
    const log = this.#log;
    return {
      facts: async () => {
        const { commitsState, maxRecordBytes, stateElsewhere } = log;
        const described = await log.describeTopics();
        const topics = described.map(({ offsets, ...spec }) => this.#known(spec));
        return { commitsState, maxRecordBytes, stateElsewhere, topics };
      },
      createTopics: async (topics) => {
        await log.createTopics(topics);
        return topics.map((topic) => this.#known(topic));
      },
      describeTopics: () => log.describeTopics(),
      describeTopic: (name) => log.describeTopic(name),
      append: async (packed) => log.append(unpackCommit(packed).outputs),
      offsetForTime: ({ timestampMs, ...partition }) => log.offsetForTime(partition, timestampMs),
      committed: ({ groupId, partitions }) => log.committed(groupId, partitions),
    } satisfies Partial<HostMethods>;
  }

  #known(topic: TopicSpec): KnownTopic {
    const maxMessageBytes = this.#log.maxMessageBytes?.(topic.name);
    return maxMessageBytes === undefined ? topic : { ...topic, maxMessageBytes };
  }

  #sources() {
    return {
      openReader: ({ handle }) => this.#keep(handle, readerOf(this.#log)),
      joinGroup: async ({ handle, options }) => {
        const listener = {
          onAssigned: (partitions) => this.#remote.call('onAssigned', { handle, partitions }),
          onRevoked: (partitions) => this.#take('onRevoked', { handle, partitions }),
          onLost: (partitions) => this.#take('onLost', { handle, partitions }),
          keeps: (partitions) => this.#remote.call('keeps', { handle, partitions }),
          onComing: (partitions) => this.#remote.call('onComing', { handle, partitions }),
        } satisfies RemoteListener;
        const named = this.#processName === undefined ? {} : { processName: this.#processName };
        const member = await this.#log.joinGroup({ ...options, ...named, listener });
        if (this.#closing === undefined) this.#keep(handle, member);
        else await member.close(); // The other thread went while it joined.
      },
      assign: ({ handle, partitions, epoch }) =>
        this.#attempt(handle, (opened) => {
          (opened.source as LogReader).assign(partitions);
          opened.epoch = epoch;
        }),
      unassign: ({ handle, partitions }) =>
        this.#attempt(handle, ({ source }) => (source as LogReader).unassign(partitions)),
      seek: ({ handle, partitions, epoch }) =>
        this.#attempt(handle, (opened) => {
          for (const { offset, ...partition } of partitions) {
            (opened.source as GroupMember).seek(partition, offset);
          }
          opened.epoch = epoch;
        }),
      pause: ({ handle, partitions }) =>
        this.#attempt(handle, ({ source }) => (source as GroupMember).pause(partitions)),
      resume: ({ handle, partitions }) =>
        this.#attempt(handle, ({ source }) => (source as GroupMember).resume(partitions)),
      poll: async ({ handle, options }) => {
        const opened = this.#find(handle);
        const { failure } = opened;
        opened.failure = undefined;
        if (failure !== undefined) throw failure.error;
        const batches = await opened.source.poll(options);
        return { ...packBatches(batches), epoch: opened.epoch };
      },
      commit: async ({ handle, ...packed }) =>
        (this.#find(handle).source as GroupMember).commit(unpackCommit(packed)),
      peers: async ({ handle }) => (this.#find(handle).source as GroupMember).peers?.(),
      ready: ({ handle, partitions }) =>
        this.#attempt(handle, ({ source }) => (source as GroupMember).ready?.(partitions)),
      close: async ({ handle }) => {
        const opened = this.#opened.get(handle);
        this.#opened.delete(handle);
        await opened?.source.close();
      },
    } satisfies Partial<HostMethods>;
  }

  async #take(
    how: 'onRevoked' | 'onLost',
    what: Parameters<RemoteMethods['onLost']>[0],
  ): Promise<void> {
    this.#taking += 1;
    try {
      await this.#remote.call(how, what);
    } finally {
      this.#taking -= 1;
    }
  }

  #keep(handle: number, source: LogReader | GroupMember): void {
    this.#opened.set(handle, { source, epoch: 0, failure: undefined });
  }

  #find(handle: number): Opened {
    const opened = this.#opened.get(handle);
    if (opened !== undefined) return opened;
    throw new StreamsError('STREAMS_LOG_CLOSED', 'the reader is closed');
  }

  #attempt(handle: number, work: (opened: Opened) => void): void {
    const opened = this.#opened.get(handle);
    if (opened === undefined) return; // It was closed meanwhile.
    try {
      work(opened);
    } catch (error) {
      opened.failure ??= { error };
    }
  }
}

/** Nobody waits for a reader to be opened: what hinders it is told when it is polled. */
function readerOf(log: Log): LogReader {
  try {
    return log.openReader();
  } catch (error) {
    const poll = () => Promise.reject(error);
    return { assign() {}, unassign() {}, poll, async close() {} };
  }
}

type RemoteListener = Parameters<Log['joinGroup']>[0]['listener'];
