/**
 * A record that a sink cannot use: its bytes as they were, and headers that say why and where it
 * stood. Named as the library names those of its own dead letters, after KIP-1034.
 */
import { type ConsumedRecord, type ProducedRecord, StreamsError } from '#streams';
import { SinkError } from './sink-error.ts';

const headerPrefix = '__streams.errors.';

/** For ever: somebody has to look at each. */
export function deadLetterTopic(sink: string) {
  const name = `${sink}.dead-letters`;
  return { name, partitions: 1, cleanupPolicy: 'delete', retentionMs: -1 } as const;
}

export function deadLetterOf(
  sink: string,
  record: ConsumedRecord,
  origin: { readonly topic: string; readonly partition: number },
  error: Error,
): ProducedRecord {
  const known = error instanceof StreamsError || error instanceof SinkError;
  const facts: Record<string, string> = {
    code: known ? error.code : 'SINK_REJECTED',
    message: error.message,
    topic: origin.topic,
    partition: String(origin.partition),
    offset: String(record.offset),
    timestamp: String(record.timestampMs),
    sink,
  };
  // A dead letter that was replayed and failed again tells of its last failure only.
  const headers = record.headers.filter(({ key }) => !key.startsWith(headerPrefix));
  for (const [name, value] of Object.entries(facts)) {
    headers.push({ key: headerPrefix + name, value: Buffer.from(value) });
  }
  const { key, value, timestampMs } = record;
  return { topic: deadLetterTopic(sink).name, key, value, timestampMs, headers };
}
