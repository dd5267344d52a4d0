/** The end of a record's way through a task: it becomes bytes for a topic. */
import { StreamsError } from '../errors.ts';
import type { ProducedRecord } from '../log/log.ts';
import { partitionFor } from '../log/partitioner.ts';
import type { StreamRecord } from '../record.ts';
import type { Serializer } from '../serde.ts';
import { type SinkNode, topicName } from '../topology/topology.ts';
import type { BoundSerdes } from './bound-serdes.ts';
import { noHeaders } from './compiled-nodes.ts';

export interface RecordSinkOptions {
  readonly applicationId: string;
  readonly serdes: BoundSerdes;
  readonly partitionCount: (topic: string) => number;
  readonly write: (record: ProducedRecord) => void;
}

/** Writes records to the topic of `node`. An absent value is a tombstone. */
export function recordSink(
  node: SinkNode,
  { applicationId, serdes, partitionCount, write }: RecordSinkOptions,
): (record: StreamRecord<unknown, unknown>) => void {
  const topic = topicName(node.topic, applicationId);
  const keys = serdes.of(node.key as Serializer<unknown>, topic, 'key');
  const values = serdes.of(node.value as Serializer<unknown>, topic, 'value');
  const { partitionedBy = (bytes: Uint8Array) => bytes } = keys;
  const partitions = partitionCount(topic);

  return ({ key, value, timestampMs, headers = noHeaders }) => {
    const keyBytes = encoded(keys, key, 'key', topic);
    const valueBytes = encoded(values, value, 'value', topic);
    // Hashed once, here: the log looks twice, when the record is checked and when it is committed.
    const partition =
      keyBytes === null ? undefined : partitionFor(partitionedBy(keyBytes), partitions);
    write({ topic, partition, key: keyBytes, value: valueBytes, timestampMs, headers });
  };
}

function encoded(
  serializer: Serializer<unknown>,
  value: unknown,
  part: 'key' | 'value',
  topic: string,
): Uint8Array | null {
  if (value === undefined || value === null) return null;
  try {
    return serializer.serialize(value);
  } catch (cause) {
    if (cause instanceof StreamsError) throw cause;
    const message = `cannot write a ${part} to '${topic}': ${String(cause)}`;
    throw new StreamsError('STREAMS_RECORD_UNENCODABLE', message, { cause });
  }
}
