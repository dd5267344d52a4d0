/** What this thread knows of the topics of a log in another one: enough to check a record at once. */
import { StreamsError } from '../../errors.ts';
import { checkRecord } from '../in-process/record-rules.ts';
import type { ProducedRecord, TopicSpec } from '../log.ts';

export class KnownTopics {
  readonly #specs = new Map<string, TopicSpec>();
  readonly #maxRecordBytes: number;

  constructor(topics: readonly TopicSpec[], maxRecordBytes = Number.POSITIVE_INFINITY) {
    this.#maxRecordBytes = maxRecordBytes;
    this.learn(topics);
  }

  learn(topics: readonly TopicSpec[]): void {
    for (const topic of topics) this.#specs.set(topic.name, topic);
  }

  /**
   * As `Log.checkRecord`. A topic that this thread has not heard of may be there all the same: the
   * log itself looks when the record is committed.
   */
  check(record: ProducedRecord): void {
    const spec = this.#specs.get(record.topic);
    if (spec !== undefined) checkPartition(record, spec);
    const keyRequired = spec !== undefined && spec.cleanupPolicy !== 'delete';
    checkRecord(record, keyRequired, this.#maxRecordBytes);
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
