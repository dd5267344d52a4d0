import type { TopicPartition } from './log.ts';

/** The same for the same partition: a key for maps, and how it is told to people. */
export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}
