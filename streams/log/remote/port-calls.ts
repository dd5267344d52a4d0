/**
 * Calls over a MessagePort, in both directions. What one side sends arrives in the order it was sent;
 * each call is answered once, in any order.
 *
 * A body or an answer with `bytes` hands that buffer over: it is not copied, and gone here.
 */
import { types } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import { StreamsError } from '../../errors.ts';
import { type PackedError, packError, unpackError } from './packed-error.ts';

type Message =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly body: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: PackedError };

/** What a side answers: methods of one argument. */
// biome-ignore lint/suspicious/noExplicitAny: each method has its own argument and answer.
export type Methods = { readonly [method: string]: (body: any) => unknown };

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class PortCalls<Theirs extends Methods> {
  readonly #port: MessagePort;
  readonly #ours = new Map<string, (body: never) => unknown>();
  readonly #whenClosed: (() => void)[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #closed = false;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (message: Message) => this.#receive(message));
    port.once('close', () => this.close());
  }

  /** Answers these calls from now on; the other side must not ask before it may know. */
  answer(methods: Methods): void {
    for (const [name, method] of Object.entries(methods)) this.#ours.set(name, method);
  }

  /** The other side has ended, or this one was closed. */
  whenClosed(listener: () => void): void {
    this.#whenClosed.push(listener);
  }

  /** @throws StreamsError `STREAMS_LOG_CLOSED` when the other side ends before it has answered. */
  call<M extends keyof Theirs & string>(
    method: M,
    body: Parameters<Theirs[M]>[0],
  ): Promise<Awaited<ReturnType<Theirs[M]>>> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(otherSideEnded());
      const id = this.#calls++;
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#send({ kind: 'call', id, method, body }, body);
    });
  }

  /** Waits for no answer. The method must not fail: there is nobody to tell. */
  tell<M extends keyof Theirs & string>(method: M, body: Parameters<Theirs[M]>[0]): void {
    if (!this.#closed) this.#send({ kind: 'call', id: unanswered, method, body }, body);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#port.close();
    for (const { reject } of this.#waiting.values()) reject(otherSideEnded());
    this.#waiting.clear();
    for (const listener of this.#whenClosed) listener();
  }

  #receive(message: Message): void {
    if (this.#closed) return;
    if (message.kind === 'call') {
      void this.#answer(message.id, message.method, message.body);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(unpackError(message.error));
  }

  async #answer(id: number, method: string, body: unknown): Promise<void> {
    try {
      const value = await this.#ours.get(method)?.(body as never);
      if (id !== unanswered && !this.#closed) this.#send({ kind: 'answer', id, value }, value);
    } catch (error) {
      if (id === unanswered) throw error;
      if (!this.#closed) this.#send({ kind: 'failure', id, error: packError(error) }, undefined);
    }
  }

  #send(message: Message, content: unknown): void {
    const { bytes } = (content ?? {}) as { bytes?: unknown };
    this.#port.postMessage(message, types.isArrayBuffer(bytes) ? [bytes] : []);
  }
}

/** The id of a call that nobody waits for. */
const unanswered = -1;

function otherSideEnded(): StreamsError {
  return new StreamsError('STREAMS_LOG_CLOSED', 'the thread at the other end of the port is gone');
}
