/** What this thread knows of the topics of a log in another one: enough to check a record at once. */
import { StreamsError } from '../../errors.ts';
import { checkRecord } from '../in-process/record-rules.ts';
import type { ProducedRecord, TopicSpec } from '../log.ts';
import { checkMessageSize } from '../message-size.ts';
import type { KnownTopic } from './log-calls.ts';

export class KnownTopics {
  readonly #known = new Map<string, KnownTopic>();
  readonly #maxRecordBytes: number;

  constructor(topics: readonly KnownTopic[], maxRecordBytes = Number.POSITIVE_INFINITY) {
    this.#maxRecordBytes = maxRecordBytes;
    this.learn(topics);
  }

  /** Limits that were learnt stay: not everybody who tells of a topic tells of them. */
  learn(topics: readonly KnownTopic[]): void {
    for (const topic of topics) {
      this.#known.set(topic.name, { ...this.#known.get(topic.name), ...topic });
    }
  }

  /**
   * As `Log.checkRecord`. A topic that this thread has not heard of may be there all the same: the
   * log itself looks when the record is committed.
   */
  check(record: ProducedRecord): void {
    const known = this.#known.get(record.topic);
    if (known !== undefined) checkPartition(record, known);
    const keyRequired = known !== undefined && known.cleanupPolicy !== 'delete';
    checkRecord(record, keyRequired, this.#maxRecordBytes);
    if (known?.maxMessageBytes !== undefined) checkMessageSize(record, known.maxMessageBytes);
  }
}

function checkPartition({ topic, partition }: ProducedRecord, { partitions }: TopicSpec): void {
  if (partition === undefined) return;
  if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return;
  throw new StreamsError(
    'STREAMS_TOPIC_UNKNOWN',
    `'${topic}' has no partition ${partition}: it has 0 to ${partitions - 1}`,
  );
}
