/** A member of a group of a log in another thread. */
import { StreamsError } from '../../errors.ts';
import type {
  GroupMember,
  GroupOptions,
  GroupPeer,
  LogCommit,
  PollOptions,
  RecordBatch,
  TopicPartition,
} from '../log.ts';
import { nameOf } from '../partition-name.ts';
import type { HostMethods } from './log-calls.ts';
import { packCommit } from './packed-records.ts';
import type { PortCalls } from './port-calls.ts';
import { RemotePolls } from './remote-polls.ts';

export interface MemberSurroundings {
  readonly host: PortCalls<HostMethods>;
  readonly handle: number;
  readonly commitsState: boolean;
  /** State may have been committed: what is read from now on must show it. */
  readonly stateCommitted: () => void;
  readonly whenClosed: () => void;
}

export class RemoteMember implements GroupMember {
  readonly #options: GroupOptions;
  readonly #log: MemberSurroundings;
  readonly #polls: RemotePolls;
  readonly #owned = new Set<string>();
  #closing: Promise<void> | undefined;

  constructor(options: GroupOptions, log: MemberSurroundings) {
    this.#options = options;
    this.#log = log;
    this.#polls = new RemotePolls(log.host, log.handle, (partition) =>
      this.#owned.has(nameOf(partition)),
    );
  }

  async join(): Promise<void> {
    const { listener, ...options } = this.#options;
    await this.#log.host.call('joinGroup', { handle: this.#log.handle, options });
  }

  /** Their last owner may have committed state. */
  async assigned(partitions: readonly TopicPartition[]): Promise<void> {
    this.#log.stateCommitted();
    for (const partition of partitions) this.#owned.add(nameOf(partition));
    await this.#options.listener.onAssigned(partitions);
  }

  async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    for (const partition of partitions) this.#owned.delete(nameOf(partition));
    this.#polls.forget(partitions);
    await this.#options.listener.onRevoked(partitions);
  }

  async lost(partitions: readonly TopicPartition[]): Promise<void> {
    for (const partition of partitions) this.#owned.delete(nameOf(partition));
    this.#polls.forget(partitions);
    const { listener } = this.#options;
    await (listener.onLost?.(partitions) ?? listener.onRevoked(partitions));
  }

  async keeps(partitions: readonly TopicPartition[]): Promise<readonly TopicPartition[]> {
    return (await this.#options.listener.keeps?.(partitions)) ?? [];
  }

  async coming(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#options.listener.onComing?.(partitions);
  }

  async poll(options: PollOptions): Promise<readonly RecordBatch[]> {
    return this.#polls.poll(options);
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#polls.pause(partitions);
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#polls.resume(partitions);
  }

  seek(partition: TopicPartition, offset: bigint): void {
    this.#polls.reposition('seek', [{ ...partition, offset }]);
  }

  async commit(commit: LogCommit): Promise<void> {
    if (this.#closing !== undefined) throw hasLeft(this.#options.groupId);
    const { host, handle, commitsState, stateCommitted } = this.#log;
    await host.call('commit', { handle, ...packCommit(commit, commitsState) });
    stateCommitted();
  }

  ready(partitions: readonly TopicPartition[]): void {
    const { host, handle } = this.#log;
    host.tell('ready', { handle, partitions });
  }

  async peers(): Promise<readonly GroupPeer[]> {
    const { host, handle } = this.#log;
    return (await host.call('peers', { handle })) ?? [];
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { host, handle, whenClosed } = this.#log;
    await host.call('close', { handle }).catch(unlessGone);
    whenClosed();
  }
}

/** With the thread that has the log, its members have gone too. */
export function unlessGone(error: unknown): void {
  if (!(error instanceof StreamsError && error.code === 'STREAMS_LOG_CLOSED')) throw error;
}

function hasLeft(groupId: string): StreamsError {
  const message = `nothing was committed: this member has left group '${groupId}'`;
  return new StreamsError('STREAMS_TASK_MIGRATED', message);
}
