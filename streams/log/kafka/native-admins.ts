/**
 * Admins of the native client. One answers a single call at a time (1.10.1 holds an exclusive lock of the
 * handle meanwhile), and each call under way holds a thread of libuv's pool: so there are a few.
 */
import { kafkaCode, nativeCode } from './kafka-errors.ts';
import type { NativeAdmin } from './native-client.ts';

/** Of the threads of libuv's pool commits need most. */
const mostAtOnce = 4;

/**
 * A leader, or its epoch: an admin keeps an old one for minutes, whatever brokers say of it. A leader that
 * has gone for good it asks until the time of the call is over.
 */
const staleMetadata: ReadonlySet<number> = new Set([74, 75, kafkaCode.localTimedOut]);

export function isStale(error: unknown): boolean {
  return staleMetadata.has(nativeCode(error) ?? 0);
}

export class NativeAdmins {
  readonly #open: () => NativeAdmin;
  readonly #idle: NativeAdmin[] = [];
  readonly #waiting: (() => void)[] = [];
  #inUse = 0;
  /** Admins of before have known the cluster as it is no more. */
  #age = 0;
  #isClosed = false;

  constructor(open: () => NativeAdmin) {
    this.#open = open;
  }

  /**
   * `work` has an admin for itself. One that knew the cluster as it is no more is given up, and so is
   * everyone that is as old: whoever asks again asks one that knows nothing yet.
   */
  async use<T>(work: (admin: NativeAdmin) => Promise<T>): Promise<T> {
    while (this.#inUse >= mostAtOnce) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#inUse += 1;
    const age = this.#age;
    const admin = this.#idle.pop() ?? this.#open();
    try {
      return await work(admin);
    } catch (error) {
      if (isStale(error) && age === this.#age) this.#forget();
      throw error;
    } finally {
      this.#inUse -= 1;
      if (age === this.#age && !this.#isClosed) this.#idle.push(admin);
      else admin.disconnect();
      this.#waiting.shift()?.();
    }
  }

  /** Those who are asked answer before they end. */
  close(): void {
    this.#isClosed = true;
    this.#forget();
  }

  #forget(): void {
    this.#age += 1;
    for (const admin of this.#idle.splice(0)) admin.disconnect();
  }
}
