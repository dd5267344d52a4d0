/** What was answered to a request with an Idempotency-Key, for 24 hours. */

export interface StoredAnswer {
  /** SHA-256 of method, path and body, hex: another request under the same key is refused. */
  readonly fingerprint: string;
  readonly statusCode: number;
  readonly body: string;
  readonly savedAtMs: number;
}

export interface IdempotencyStore {
  /** `scope` is the user, or the route for anonymous requests. */
  get(scope: string, key: string): Promise<StoredAnswer | undefined>;
  save(scope: string, key: string, answer: StoredAnswer): Promise<void>;
  deleteBefore(savedAtMs: number): Promise<number>;
}

/** The store as the process that opened it has it. */
export interface OpenIdempotencyStore extends IdempotencyStore {
  /** Saves what is waiting first. */
  close(): Promise<void>;
}
