/** What a record must be to be written: checked before anything of its commit is. */
import { StreamsError } from '../../errors.ts';
import type { ProducedRecord } from '../log.ts';

/** The year 73,000: beyond it the arithmetic on timestamps would lose milliseconds. */
const largestTimestampMs = 2 ** 51;

/** Counted apart, so that the dead letter of the largest record, which says why, still fits. */
const maxHeaderBytes = 1024 * 1024;

export function checkRecord(
  record: ProducedRecord,
  keyRequired: boolean,
  maxRecordBytes: number,
): void {
  const { topic, key, value, timestampMs, headers } = record;
  if (!Number.isInteger(timestampMs) || timestampMs < -1 || timestampMs > largestTimestampMs) {
    throw new StreamsError(
      'STREAMS_RECORD_INVALID',
      `a record for '${topic}' has the timestamp ${timestampMs}: give whole milliseconds since 1970`,
    );
  }
  if (keyRequired && key === null) {
    throw new StreamsError(
      'STREAMS_RECORD_INVALID',
      `a record for '${topic}' has no key, which a compacted topic needs to know what it replaces`,
    );
  }
  const sizeBytes = (key?.length ?? 0) + (value?.length ?? 0);
  if (sizeBytes > maxRecordBytes) {
    throw new StreamsError(
      'STREAMS_RECORD_TOO_LARGE',
      `a record for '${topic}' has ${sizeBytes} bytes, the log takes ${maxRecordBytes}: store what ` +
        'is large elsewhere and send its address, or raise maxRecordBytes',
    );
  }
  let headerBytes = 0;
  for (const header of headers) headerBytes += header.key.length + (header.value?.length ?? 0);
  if (headerBytes > maxHeaderBytes) {
    throw new StreamsError(
      'STREAMS_RECORD_TOO_LARGE',
      `a record for '${topic}' has headers of ${headerBytes} bytes, the log takes ${maxHeaderBytes}`,
    );
  }
}
