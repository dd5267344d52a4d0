/** Taps: reading any topic of the log as JSON. The port behind the tap routes. */

export interface TapRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly timestampMs: number;
  readonly key: unknown;
  /** `null`: a tombstone. */
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string | null>>;
}

export type TapStart =
  | 'earliest'
  | 'latest'
  | { readonly timeMs: number }
  | { readonly offset: bigint };

export interface TapRequest {
  readonly topic: string;
  readonly from: TapStart;
  /** True: ends where the topic ended when the tap was opened; false: follows it. */
  readonly untilNow: boolean;
  /** Only records of this key. */
  readonly key?: string | undefined;
  readonly limit?: number | undefined;
  /** Ends the tap. */
  readonly signal: AbortSignal;
}

export interface TapTopic {
  readonly name: string;
  readonly partitions: number;
  readonly cleanupPolicy: string;
  readonly records: number;
}

export interface Taps {
  topics(): Promise<readonly TapTopic[]>;
  /** Records as they are pulled, each partition in order. @throws Problem `topic-unknown` */
  read(request: TapRequest): AsyncGenerator<TapRecord, void, undefined>;
}
