/** Every error the library throws. The code is stable; the message is for people. */

export type StreamsErrorCode =
  | 'STREAMS_CONFIG_INVALID'
  | 'STREAMS_TOPOLOGY_INVALID'
  | 'STREAMS_STORE_UNKNOWN'
  | 'STREAMS_STORE_UNAVAILABLE'
  | 'STREAMS_STATE_LOCKED'
  | 'STREAMS_STATE_UNAVAILABLE'
  | 'STREAMS_RECORD_UNDECODABLE'
  | 'STREAMS_RECORD_UNENCODABLE'
  | 'STREAMS_RECORD_FAILED'
  | 'STREAMS_SCHEMA_INVALID'
  | 'STREAMS_SCHEMA_INCOMPATIBLE'
  | 'STREAMS_SCHEMA_UNKNOWN'
  | 'STREAMS_REGISTRY_UNAVAILABLE'
  | 'STREAMS_REGISTRY_REFUSED'
  | 'STREAMS_TASK_MIGRATED'
  | 'STREAMS_TASK_FAILED'
  | 'STREAMS_THREAD_FAILED'
  | 'STREAMS_TOPIC_INVALID'
  | 'STREAMS_TOPIC_MISMATCH'
  | 'STREAMS_TOPIC_UNKNOWN'
  | 'STREAMS_OFFSET_OUT_OF_RANGE'
  | 'STREAMS_LOG_CLOSED'
  | 'STREAMS_LOG_CORRUPT'
  | 'STREAMS_LOG_LOCKED'
  | 'STREAMS_LOG_READ_ONLY'
  | 'STREAMS_RECORD_INVALID'
  | 'STREAMS_RECORD_TOO_LARGE'
  | 'STREAMS_LOG_UNAVAILABLE'
  | 'STREAMS_LOG_REFUSED'
  | 'STREAMS_OUTCOME_UNKNOWN'
  | 'STREAMS_TOPOLOGY_MISMATCH'
  | 'STREAMS_CLIENT_MISSING';

/** Match on `code`, or on `retryable`; what to do about each code is in docs/errors.md. */
export class StreamsError extends Error {
  override readonly name = 'StreamsError';
  readonly code: StreamsErrorCode;
  /** Whether the same call can succeed later without a change to code or data. */
  readonly retryable: boolean;

  constructor(
    code: StreamsErrorCode,
    message: string,
    options: { cause?: unknown; retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
