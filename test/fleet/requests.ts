/**
 * Every request of a load, with what became of it. A strict load retries nothing: what fails is told. A
 * stubborn one asks again, with the same key, as a client does that lost its answer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, ShopClient } from '../journey/shop-client.ts';

export interface Asked {
  readonly what: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly tookMs: number;
  /** Why it counts as failed. */
  readonly failure: string | undefined;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly key?: string;
  /** What is a good answer. */
  readonly wants: number;
}

/** It failed, and nobody asks again. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
}

const askAgainAfterMs = 200;
const askAgainForMs = 60_000;

export class Requests {
  readonly all: Asked[] = [];
  readonly #isStubborn: boolean;

  constructor({ isStubborn }: { readonly isStubborn: boolean }) {
    this.#isStubborn = isStubborn;
  }

  /** @throws RequestFailed */
  async ask<T>(client: ShopClient, request: Request): Promise<T> {
    const { method, path, body, key, wants } = request;
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const send = () => client.send<T>(method, path, body, headers);
    return (await this.sent(`${method} ${path}`, wants, send)).body;
  }

  /** @throws RequestFailed */
  async sent<T>(what: string, wants: number, send: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const untilMs = performance.now() + askAgainForMs;
    for (;;) {
      const answer = await this.#once(what, wants, send);
      if (typeof answer !== 'string') return answer;
      if (!this.#isStubborn || performance.now() > untilMs)
        throw new RequestFailed(`${what}: ${answer}`);
      await delay(askAgainAfterMs);
    }
  }

  /** Of something that is no single request: a stream. */
  note(asked: Asked): void {
    this.all.push(asked);
  }

  async #once<T>(
    what: string,
    wants: number,
    send: () => Promise<Answer<T>>,
  ): Promise<Answer<T> | string> {
    const atMs = Date.now();
    const result = await send().catch((error: unknown) => String(error));
    const failure =
      typeof result === 'string'
        ? result
        : result.status === wants
          ? undefined
          : `answered ${result.status} ${JSON.stringify(result.body)}`;
    this.all.push({ what, atMs, tookMs: Date.now() - atMs, failure });
    return failure ?? (result as Answer<T>);
  }
}
