/**
 * The record that stands for one that could not be read or processed: its bytes as they were, and
 * headers that say what happened and where it came from. Names begin as in KIP-1034.
 */
import { StreamsError, type StreamsErrorCode } from '../errors.ts';
import type { ConsumedRecord, ProducedRecord, TopicPartition } from '../log/log.ts';
import type { Header } from '../record.ts';

export const deadLetterHeaderPrefix = '__streams.errors.';

export interface Failure {
  readonly error: unknown;
  /** The node that failed: the source when the record could not be read. */
  readonly node: string;
  readonly applicationId: string;
}

export function deadLetter(
  topic: string,
  record: ConsumedRecord,
  origin: TopicPartition,
  failure: Failure,
): ProducedRecord {
  const { error, node, applicationId } = failure;
  const facts: Record<string, string> = {
    code: errorCode(error),
    message: messageOf(error),
    topic: origin.topic,
    partition: String(origin.partition),
    offset: String(record.offset),
    timestamp: String(record.timestampMs),
    application: applicationId,
    node,
  };
  // A dead letter that was replayed and failed again tells of its last failure only.
  const headers: Header[] = record.headers.filter(
    ({ key }) => !key.startsWith(deadLetterHeaderPrefix),
  );
  for (const [name, value] of Object.entries(facts)) {
    headers.push({ key: deadLetterHeaderPrefix + name, value: Buffer.from(value) });
  }
  const { key, value, timestampMs } = record;
  return { topic, key, value, timestampMs, headers };
}

/** The letter without the headers that the record came with, and why; for when they are too large. */
export function withoutOwnHeaders(letter: ProducedRecord, why: unknown): ProducedRecord {
  const headers = letter.headers.filter(({ key }) => key.startsWith(deadLetterHeaderPrefix));
  const value = Buffer.from(`left out: ${messageOf(why)}`);
  return { ...letter, headers: [...headers, { key: `${deadLetterHeaderPrefix}headers`, value }] };
}

function errorCode(error: unknown): StreamsErrorCode {
  return error instanceof StreamsError ? error.code : 'STREAMS_RECORD_FAILED';
}

const faultsOfRecords: ReadonlySet<string> = new Set<StreamsErrorCode>([
  'STREAMS_RECORD_UNDECODABLE',
  'STREAMS_RECORD_UNENCODABLE',
  'STREAMS_RECORD_INVALID',
  'STREAMS_RECORD_TOO_LARGE',
]);

/** Whether an error is the record's own, so that going on without the record is right. */
export function isFaultOfRecord(error: unknown): boolean {
  if (!(error instanceof StreamsError)) return true;
  return !error.retryable && faultsOfRecords.has(error.code);
}

/** A message may quote what was wrong, which may be large. */
const longestMessage = 2_000;

/** Errors of another realm (Node's own, inside a test's sandbox) are no instances of our Error. */
function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  const text = typeof message === 'string' ? message : String(error);
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}
