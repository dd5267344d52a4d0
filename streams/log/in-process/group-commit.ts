/**
 * Group commit: whatever is asked for while one transaction is being flushed goes together into the
 * next. A lone request starts at once; under load a flush is shared by everybody who waits.
 */
import { StreamsError } from '../../errors.ts';
import type { OrderedStorage } from './ordered-storage.ts';
import type { WriteTransaction } from './write-transaction.ts';

interface Request {
  /** Adds its writes. Throws before the first of them, and then fails alone. */
  readonly prepare: (transaction: WriteTransaction) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Beyond this a transaction is closed and the rest waits: keeps latency and memory bounded. */
const transactionBytes = 16 * 1024 * 1024;

export class GroupCommit {
  readonly #storage: OrderedStorage;
  readonly #begin: () => WriteTransaction;
  #waiting: Request[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(storage: OrderedStorage, begin: () => WriteTransaction) {
    this.#storage = storage;
    this.#begin = begin;
  }

  /** Resolves when what `prepare` wrote is durable and visible. */
  submit(prepare: (transaction: WriteTransaction) => void): Promise<void> {
    if (this.#closed) {
      return Promise.reject(new StreamsError('STREAMS_LOG_CLOSED', 'the log is closed'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ prepare, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Takes no more requests; resolves when the last one is settled. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // Requests of the same turn share the first transaction too.
    while (this.#waiting.length > 0) await this.#flush();
    this.#running = undefined;
  }

  async #flush(): Promise<void> {
    const transaction = this.#begin();
    const accepted: Request[] = [];
    let taken = 0;
    for (const request of this.#waiting) {
      if (transaction.sizeBytes > transactionBytes) break;
      taken += 1;
      try {
        request.prepare(transaction);
        accepted.push(request);
      } catch (error) {
        request.reject(error);
      }
    }
    this.#waiting.splice(0, taken);

    try {
      await this.#storage.write(transaction.finish());
    } catch (cause) {
      transaction.aborted();
      const error = new StreamsError('STREAMS_LOG_UNAVAILABLE', 'the log could not be written', {
        cause,
        retryable: true,
      });
      for (const request of accepted) request.reject(error);
      return;
    }
    transaction.committed();
    for (const request of accepted) request.resolve();
  }
}
