/** What a program must have written, computed from its input without any engine. */

export interface ResultRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

export interface ExpectedResult {
  /**
   * Whether every record counts, or only the newest of each key: a cache may leave out what came
   * between, and tells nothing else. A key whose newest record is a tombstone does not count.
   */
  readonly compared: 'every-record' | 'newest-of-key';
  readonly records: Iterable<ResultRecord>;
}
