/** What a task hands out at a commit: all of it becomes durable, or none of it. */
import type { ProducedRecord, StateWrite, TopicPartition } from '../log/log.ts';

export interface TaskCommit {
  readonly taskId: string;
  /** Records for sinks, repartition topics and the dead-letter topic, in the order written. */
  readonly outputs: readonly ProducedRecord[];
  /** Next offset to read of each input that moved. */
  readonly offsets: readonly (TopicPartition & { readonly offset: bigint })[];
  /** For the state storage. */
  readonly writes: readonly StateWrite[];
  /** For the changelog topics; empty unless the task was asked for changelogs. */
  readonly changelog: readonly ProducedRecord[];
  /** Input records since the last commit. */
  readonly consumed: number;
}

export function isEmptyCommit(commit: TaskCommit): boolean {
  const { outputs, offsets, writes, changelog } = commit;
  return outputs.length + offsets.length + writes.length + changelog.length === 0;
}
