/** The error of every sink. Its code says what the runner does: retry, or the dead letters. */
import type { ChangeBatch } from './views/view.ts';

export type SinkErrorCode =
  | 'SINK_UNAVAILABLE'
  | 'SINK_REJECTED'
  /** The view stands before the batch: it must be read again from the view's own position. */
  | 'SINK_GAP'
  /** The view has read further than the log goes: it was made from another log. */
  | 'SINK_AHEAD_OF_LOG';

export class SinkError extends Error {
  override readonly name = 'SinkError';
  readonly code: SinkErrorCode;
  readonly retryable: boolean;

  constructor(code: SinkErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = code === 'SINK_UNAVAILABLE' || code === 'SINK_GAP';
  }
}

/** What a view that stands at `position` says to a batch that begins after it. */
export function gap(
  view: string,
  batch: ChangeBatch<unknown, unknown>,
  position: bigint,
): SinkError {
  return new SinkError(
    'SINK_GAP',
    `view '${view}' stands at offset ${position} and cannot take ${rangeOf(batch)}: it was rebuilt, ` +
      'emptied or restored meanwhile, and is read on from where it stands',
  );
}

/** Names the offsets of a batch. */
export function rangeOf({
  topic,
  partition,
  fromOffset,
  nextOffset,
}: ChangeBatch<unknown, unknown>): string {
  return `${topic}-${partition} from offset ${fromOffset} to ${nextOffset}`;
}
