/** The record that a piece of work is done for: what metadata tell of, and what failure is blamed on. */
import type { ConsumedRecord, TopicPartition } from '../log/log.ts';

export interface Origin {
  readonly record: ConsumedRecord;
  readonly input: TopicPartition;
}
