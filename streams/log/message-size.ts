/** How large a record is to Kafka, which counts headers and its own framing too. */
import { StreamsError } from '../errors.ts';
import type { ProducedRecord } from './log.ts';

/** What Kafka adds to a record and its batch, at most, without headers. */
const overheadBytes = 100;

/** @throws StreamsError `STREAMS_RECORD_TOO_LARGE` @see max.message.bytes */
export function checkMessageSize(record: ProducedRecord, maxMessageBytes: number): void {
  const { topic, key, value, headers } = record;
  let bytes = overheadBytes + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) bytes += 10 + header.key.length * 3 + (header.value?.length ?? 0);
  if (bytes <= maxMessageBytes) return;
  throw new StreamsError(
    'STREAMS_RECORD_TOO_LARGE',
    `a record for '${topic}' has ${bytes} bytes with its headers, the topic takes ` +
      `${maxMessageBytes}: store what is large elsewhere and send its address, or raise ` +
      'max.message.bytes of the topic',
  );
}
