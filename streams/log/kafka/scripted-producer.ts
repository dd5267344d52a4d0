/** For tests: a native producer that answers as it is told, and the clients that make it. */
import type { KafkaClients } from './kafka-clients.ts';
import type { NativeProducer } from './native-client.ts';

type Callback = (error: unknown, value?: unknown) => void;
type Listener = (...values: unknown[]) => void;

/** An error as the client gives it. */
export function nativeError(code: number, more: object = {}): Error {
  return Object.assign(new Error(`code ${code}`), { code }, more);
}

export class ScriptedProducer {
  /** What was asked of any producer made, in order. */
  readonly calls: string[] = [];
  /** Errors of the next calls, by name; a call without one succeeds. */
  readonly failures = new Map<string, unknown[]>();
  /** Calls that are never answered, by name, each once. */
  readonly forgotten = new Set<string>();
  /** Answers what was forgotten, after all. */
  remember: () => void = () => {};
  /** What handing over a record throws. */
  refusesToProduce: unknown;
  /** Whether the brokers take what is produced: else it waits. */
  delivers = true;
  #waiting: unknown[] = [];
  readonly #listeners = new Map<string, Listener>();

  get clients(): KafkaClients {
    const producer = async () => {
      this.calls.push('made');
      return this as unknown as NativeProducer;
    };
    return { producer, batchBytes: 1_000, tellTrouble: () => {} } as unknown as KafkaClients;
  }

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, listener);
  }

  emit(event: string, ...values: unknown[]): void {
    this.#listeners.get(event)?.(...values);
  }

  produce(topic: string, _partition: number, ...rest: unknown[]): void {
    this.calls.push(`produce ${topic}`);
    if (this.refusesToProduce !== undefined) throw this.refusesToProduce;
    const opaque = rest[3];
    if (this.delivers)
      setImmediate(() => this.emit('delivery-report', null, { opaque, offset: 7 }));
    else this.#waiting.push(opaque);
  }

  /** The time of what waits is over. */
  expire(): void {
    for (const opaque of this.#waiting.splice(0))
      this.emit('delivery-report', nativeError(-192), { opaque, offset: -1 });
  }

  poll(): void {}
  setPollInBackground(): void {}

  getMetadata(_options: object, callback: Callback): void {
    this.#answer('getMetadata', callback);
  }
  initTransactions(_timeoutMs: number, callback: Callback): void {
    this.#answer('initTransactions', callback);
  }
  beginTransaction(callback: Callback): void {
    this.#answer('beginTransaction', callback);
  }
  sendOffsetsToTransaction(...values: unknown[]): void {
    this.#answer('sendOffsetsToTransaction', values.at(-1) as Callback);
  }
  commitTransaction(_timeoutMs: number, callback: Callback): void {
    this.#answer('commitTransaction', callback);
  }
  abortTransaction(_timeoutMs: number, callback: Callback): void {
    this.#answer('abortTransaction', callback);
  }
  disconnect(callback: Callback): void {
    this.#answer('disconnect', callback);
  }

  #answer(name: string, callback: Callback): void {
    this.calls.push(name);
    if (this.forgotten.delete(name)) {
      this.remember = () => callback(null);
      return;
    }
    const failure = this.failures.get(name)?.shift();
    setImmediate(() => callback(failure ?? null));
  }
}
