/** A client of the shop that keeps count of what it was answered, and of what must never be answered. */
import { type Answer, NoAnswer, ShopClient } from '../journey/shop-client.ts';

/** What all clients of a run were answered since it was last taken. */
export interface Answers {
  answered: number;
  /** 503, properly said. */
  refused: number;
  /** Of the refusals of requests that were made once the server was known to be away. */
  slowestRefusalMs: number;
  readonly faults: string[];
}

/** Answers of 503 that were no refusal at once: they are about a command that was taken. */
const slowByNature = new Set(['not-decided-in-time', 'not-shown-in-time']);
const refusedWithinMs = 2_000;
const answeredWithinMs = 12_000;

export class AnswersWatch {
  #answers = none();
  /**
   * Since when the shop knows that something is away, of `performance.now()`; `undefined` while nothing is.
   * Who asks before may have to wait for what does not come.
   */
  knownAwaySinceMs: number | undefined;

  take(): Answers {
    const taken = this.#answers;
    this.#answers = none();
    return taken;
  }

  note(request: string, answer: Answer<string>, startedMs: number): void {
    const nowMs = performance.now();
    const tookMs = Math.round(nowMs - startedMs);
    const { status, body, headers } = answer;
    const fault = (what: string) => this.#answers.faults.push(`${request} ${what}: ${body}`);
    if (tookMs > answeredWithinMs) fault(`was answered ${status} after ${tookMs} ms`);
    if (status !== 503) {
      this.#answers.answered += 1;
      if (status >= 500) fault(`was answered ${status}`);
      return;
    }
    this.#answers.refused += 1;
    const code = codeOf(body);
    if (code === undefined || headers['retry-after'] === undefined)
      fault('was refused without a code or Retry-After');
    if (startedMs < (this.knownAwaySinceMs ?? Number.POSITIVE_INFINITY)) return;
    if (slowByNature.has(code ?? '')) return;
    this.#answers.slowestRefusalMs = Math.max(this.#answers.slowestRefusalMs, tookMs);
    if (tookMs > refusedWithinMs) fault(`was refused after ${tookMs} ms`);
  }

  noteNone(request: string, error: NoAnswer): void {
    this.#answers.faults.push(`${request} was not answered: ${error.message}`);
  }
}

export class WatchedClient extends ShopClient {
  readonly #watch: AnswersWatch;

  constructor(url: string, watch: AnswersWatch) {
    super(url);
    this.#watch = watch;
  }

  override async sendText(
    ...[method, path, body, headers]: Parameters<ShopClient['sendText']>
  ): Promise<Answer<string>> {
    const startedMs = performance.now();
    try {
      const answer = await super.sendText(method, path, body, headers);
      this.#watch.note(`${method} ${path}`, answer, startedMs);
      return answer;
    } catch (error) {
      if (error instanceof NoAnswer) this.#watch.noteNone(`${method} ${path}`, error);
      throw error;
    }
  }
}

function none(): Answers {
  return { answered: 0, refused: 0, slowestRefusalMs: 0, faults: [] };
}

function codeOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { code?: string }).code;
  } catch {
    return undefined;
  }
}
