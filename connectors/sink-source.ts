/** Where the records of a sink come from: every partition, or this process's share of them. */
import type { GroupMember, Log, LogReader, TopicPartition } from '#streams';
import { type JoinedBatch, nameOf, type SinkProgress } from './sink-progress.ts';

export interface SinkSource {
  /** Batches that follow what the views have. Empty after a while without any. */
  poll(): Promise<readonly JoinedBatch[]>;
  /** Reads on from where the views stand, wherever reading was. */
  restart(): void;
  close(): Promise<void>;
}

const pollOptions = { maxRecords: 1_000, maxWaitMs: 1_000 };

/** Every partition: for the one process that feeds the views. */
export function readAll(log: Log, progress: SinkProgress): SinkSource {
  let reader: LogReader | undefined;
  progress.own(progress.partitions);
  return {
    async poll() {
      if (reader === undefined) {
        reader = log.openReader();
        reader.assign(progress.positions());
      }
      return progress.seen(await reader.poll(pollOptions));
    },
    restart() {
      reader?.assign(progress.positions());
    },
    async close() {
      const closing = reader;
      reader = undefined;
      await closing?.close();
    },
  };
}

export interface ShareOptions {
  readonly log: Log;
  readonly progress: SinkProgress;
  /** Processes with the same one share the partitions. */
  readonly groupId: string;
}

/**
 * The partitions that the group gives to this process. The group fences nothing here: what two
 * processes write for a moment is what each view takes once.
 */
export function readShare({ log, progress, groupId }: ShareOptions): SinkSource {
  const topics = [...new Set(progress.partitions.map(({ topic }) => topic))];
  const come = new Map<string, TopicPartition>();
  let member: GroupMember | undefined;

  const join = () =>
    log.joinGroup({
      groupId,
      topics,
      startFrom: 'earliest',
      listener: {
        async onAssigned(partitions) {
          for (const partition of partitions) come.set(nameOf(partition), partition);
        },
        async onRevoked(partitions) {
          for (const partition of partitions) come.delete(nameOf(partition));
          progress.disown(partitions);
        },
      },
    });

  /** The group begins anywhere; the views know where they stand. */
  const takeCome = async (joined: GroupMember): Promise<ReadonlySet<string>> => {
    if (come.size === 0) return new Set();
    await progress.reload();
    const taken = [...come.values()];
    come.clear();
    progress.own(taken);
    const names = new Set(taken.map(nameOf));
    for (const { offset, ...partition } of progress.positions()) {
      if (names.has(nameOf(partition))) joined.seek(partition, offset);
    }
    return names;
  };

  return {
    async poll() {
      member ??= await join();
      const batches = await member.poll(pollOptions);
      const taken = await takeCome(member);
      return progress.seen(batches.filter((batch) => !taken.has(nameOf(batch))));
    },
    restart() {
      for (const { offset, ...partition } of progress.positions()) member?.seek(partition, offset);
    },
    async close() {
      const closing = member;
      member = undefined;
      progress.disown(progress.partitions);
      await closing?.close();
    },
  };
}
