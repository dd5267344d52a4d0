/** The error of every sink. Its code says what the runner does: retry, or the dead letters. */

export type SinkErrorCode =
  | 'SINK_UNAVAILABLE'
  | 'SINK_REJECTED'
  /** The view has read further than the log goes: it was made from another log. */
  | 'SINK_AHEAD_OF_LOG';

export class SinkError extends Error {
  override readonly name = 'SinkError';
  readonly code: SinkErrorCode;
  readonly retryable: boolean;

  constructor(code: SinkErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = code === 'SINK_UNAVAILABLE';
  }
}
