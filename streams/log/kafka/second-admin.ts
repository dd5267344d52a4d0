/** Asks brokers what the native client cannot be asked, through a client that is replaced when it is of no use any more. */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminClient, BrokerUnknown, openAdmin } from './admin-client.ts';
import type { KafkaConnection } from './connection-settings.ts';

/** A protocol's answer that no other try will change. */
interface Refusal {
  readonly apiCode?: number;
  readonly canRetry?: boolean;
  readonly errors?: readonly unknown[];
}

/**
 * A coordinator or a leader may be moving, a transaction may not be decided; and in a new cluster the
 * first group of all waits until there are coordinators.
 */
const patienceMs = 30_000;
const firstPauseMs = 10;
const longestPauseMs = 200;

/** A broker that dies at the wrong moment leaves a question without an answer for ever. */
const answerWithinMs = 5_000;

export class SecondAdmin {
  readonly #open: () => Promise<AdminClient>;
  readonly #answerWithinMs: number;
  #client: Promise<AdminClient> | undefined;
  #isClosed = false;

  constructor(
    connection: KafkaConnection,
    { open = () => openAdmin(connection), answerMs = answerWithinMs } = {},
  ) {
    this.#open = open;
    this.#answerWithinMs = answerMs;
  }

  /** Asks again for a while, unless the answer is a refusal. Throws what was thrown last. */
  async ask<T>(question: (client: AdminClient) => Promise<T>): Promise<T> {
    const untilMs = performance.now() + patienceMs;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      this.#client ??= this.#open();
      const client = this.#client;
      try {
        return await this.#answered(client, question);
      } catch (error) {
        const refusal = refusalIn(error);
        if (refusal !== undefined) throw refusal;
        if (errorsIn(error).some((one) => one instanceof BrokerUnknown)) this.#giveUp(client);
        if (this.#isClosed || performance.now() >= untilMs) throw error;
        await sleep(pauseMs);
      }
    }
  }

  /** What is in hand may end badly; the next question has a new client. */
  #giveUp(opening: Promise<AdminClient>): void {
    if (this.#client === opening) this.#client = undefined;
    void closed(opening);
  }

  /** Whoever does not answer is asked nothing any more. */
  async #answered<T>(
    opening: Promise<AdminClient>,
    question: (client: AdminClient) => Promise<T>,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#giveUp(opening);
        reject(new Error(`no answer from a broker within ${this.#answerWithinMs} ms`));
      }, this.#answerWithinMs);
    });
    try {
      return await Promise.race([opening.then(question), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Does not wait for a broker that does not answer. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#client === undefined) return;
    const enough = new AbortController();
    const late = sleep(this.#answerWithinMs, undefined, { signal: enough.signal });
    await Promise.race([closed(this.#client), late.catch(() => undefined)]);
    enough.abort();
  }
}

async function closed(opening: Promise<AdminClient>): Promise<void> {
  await opening.then((client) => client.close()).catch(() => undefined);
}

/** With the code of Kafka's protocol in the place where the native client has it. */
function refusalIn(error: unknown): (Error & { readonly code: number }) | undefined {
  for (const one of errorsIn(error)) {
    const { apiCode, canRetry, message } = one as Refusal & Error;
    if (apiCode === undefined || canRetry !== false) continue;
    return Object.assign(new Error(message, { cause: one }), { code: apiCode });
  }
  return undefined;
}

/** The error and all that it was made of. */
function errorsIn(error: unknown): readonly object[] {
  if (typeof error !== 'object' || error === null) return [];
  const { errors = [] } = error as Refusal;
  return [error, ...errors.flatMap(errorsIn)];
}
