/**
 * Somebody who sends one command at a time and remembers which one has not been answered. When the
 * shop is killed, that one may have happened or not; sent again with its key, it must count once.
 */
import type { Random } from '../../cli/demo/random.ts';
import {
  type Answer,
  type HttpProblem,
  NoAnswer,
  type ShopClient,
} from '../journey/shop-client.ts';

export interface Command {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly key: string;
  /** The statuses and codes that the book expects: `201`, `409 out-of-stock`. */
  readonly answers: readonly string[];
  /** Enters into the book what was acknowledged. */
  readonly settle: (answer: Answer<unknown>) => void | Promise<void>;
}

/** Counted over all actors of a run. */
export interface Tally {
  acknowledged: number;
  refused: number;
  askedAgain: number;
}

/** Answers that are no decision: the same request is sent again. */
const notNow = new Set(['503', '409 request-in-progress']);
const askAgainAfterMs = 100;

export class Actor {
  readonly client: ShopClient;
  readonly random: Random;
  readonly faults: string[] = [];
  readonly #name: string;
  readonly #tally: Tally;
  readonly #askAgainAtMost: number;
  #pending: Command | undefined;
  #keys = 0;

  constructor(options: {
    readonly name: string;
    readonly client: ShopClient;
    readonly random: Random;
    readonly tally: Tally;
    /** How often a command is sent that is not decided now. @defaultValue 100 */
    readonly askAgainAtMost?: number | undefined;
  }) {
    this.#name = options.name;
    this.client = options.client;
    this.random = options.random;
    this.#tally = options.tally;
    this.#askAgainAtMost = options.askAgainAtMost ?? 100;
  }

  /** Sent, and not answered before the shop was killed. */
  get pending(): Command | undefined {
    return this.#pending;
  }

  nextKey(): string {
    this.#keys += 1;
    return `${this.#name}-${this.#keys}`;
  }

  /** @throws NoAnswer when the shop is gone; the command is pending then. */
  async perform(command: Command): Promise<void> {
    this.#pending = command;
    const { method, path, body, key } = command;
    for (let tries = 1; ; tries++) {
      const answer = await this.client.send<{ code?: string } | null>(method, path, body, {
        'idempotency-key': key,
      });
      const told = tellOf(answer);
      if (isNotNow(told) && tries < this.#askAgainAtMost) {
        this.#tally.askedAgain += 1;
        await pause();
        continue;
      }
      if (answer.status < 400) this.#tally.acknowledged += 1;
      else this.#tally.refused += 1;
      if (!command.answers.includes(told))
        this.fault(`${method} ${path} ${key} answered ${told}: ${JSON.stringify(answer.body)}`);
      await command.settle(answer);
      this.#pending = undefined;
      return;
    }
  }

  /** Sends again what has not been answered. */
  async resume(): Promise<void> {
    if (this.#pending) await this.perform(this.#pending);
  }

  /** Steps until told to stop, or until the shop is gone. */
  async run(stop: AbortSignal, step: () => Promise<void>): Promise<void> {
    while (!stop.aborted) {
      try {
        await this.resume();
        await step();
      } catch (error) {
        if (error instanceof NoAnswer) return;
        if (isNotNow(String((error as HttpProblem).status))) await pause();
        else return this.fault(String(error));
      }
    }
  }

  fault(what: string): void {
    this.faults.push(`${this.#name}: ${what}`);
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, askAgainAfterMs));
}

function tellOf({ status, body }: Answer<{ code?: string } | null>): string {
  return status < 400 ? String(status) : `${status} ${body?.code ?? 'without a code'}`;
}

function isNotNow(told: string): boolean {
  return notNow.has(told) || told.startsWith('503');
}
