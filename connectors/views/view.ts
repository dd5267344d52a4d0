/**
 * What every view has in common: a side that a sink writes, with positions in the log, and news for
 * readers who wait for their own write.
 */

/** One change of a key, in the order of the log. */
export interface Change<K, V> {
  readonly key: K;
  /** `null`: the key was deleted. */
  readonly value: V | null;
  readonly timestampMs: number;
  readonly offset: bigint;
}

/** Consecutive changes of one partition of one topic. */
export interface ChangeBatch<K, V> {
  readonly topic: string;
  readonly partition: number;
  readonly changes: readonly Change<K, V>[];
  /**
   * Up to where the topic was read before: every change from here to `nextOffset` that the log has is
   * in it. 0 where the log was read from its beginning.
   */
  readonly fromOffset: bigint;
  /** Where to read on when this batch is in. */
  readonly nextOffset: bigint;
}

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: bigint;
}

/** A view as its sink sees it. */
export interface ViewWriter<K, V> {
  readonly name: string;
  /** How many changes at once are best, when the view knows; more are only slower. */
  readonly preferredChanges?: number | undefined;
  /** Where to read on, for each partition that was ever written. */
  positions(): Promise<readonly Position[]>;
  /**
   * Applies the batches and their positions as one: all or nothing. A batch that was applied
   * before changes nothing, and an older change never overwrites a newer one of its key. One that
   * begins after the view's position, which is 0 where there is none, is refused: the view was rebuilt,
   * emptied or restored, and has not what is between.
   *
   * @throws SinkError `SINK_UNAVAILABLE` or `SINK_GAP` (retryable), or `SINK_REJECTED`.
   */
  apply(batches: readonly ChangeBatch<K, V>[]): Promise<void>;
  /**
   * Only of a view that may lose its rows, and answers no reader until they are back: all that the
   * log had when its positions were asked for is in, up to these. Told again from time to time.
   *
   * @throws SinkError `SINK_UNAVAILABLE`, or `SINK_GAP` when it is not.
   */
  caughtUp?(positions: readonly Position[]): Promise<void>;
}

/** A view as a service sees it. */
export interface ViewReader {
  /**
   * Calls `listener` after changes were applied by this process; a view fed elsewhere never calls,
   * so who waits must also look again from time to time. Answers the way to stop.
   */
  onApplied(listener: () => void): () => void;
}

/** One page of a list and where the next begins; `null` when there is none. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; stable while the list is written to. */
  readonly nextCursor: string | null;
}

export interface PageRequest {
  /** 1 to 100. */
  readonly limit: number;
  /** From the page before; `undefined` for the first. An unreadable one throws `ViewError`. */
  readonly cursor?: string | undefined;
}

export class ViewError extends Error {
  override readonly name = 'ViewError';
  readonly code: 'VIEW_CURSOR_INVALID' | 'VIEW_UNAVAILABLE' | 'VIEW_CONFLICT';

  constructor(code: ViewError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
