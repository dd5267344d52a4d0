/** Asks again when the shop is busy: after the pause that its `Retry-After` names. */

/** A longer pause is for the shopper to wait, not for the page. */
const LONGEST_MS = 10_000;
const MOST_TRIES = 3;

export interface Patience {
  /** Resolves after so many milliseconds; rejects when nobody waits any more. */
  readonly wait: (pauseMs: number) => Promise<void>;
  /** Called before each pause. */
  readonly told: (pauseMs: number) => void;
}

/** Only for what may be repeated: a read, or a write under an idempotency key. */
export async function patiently(
  ask: () => Promise<Response>,
  { wait, told }: Patience,
): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask();
    const pauseMs = answer.status === 503 ? pauseOf(answer.headers.get('retry-after')) : undefined;
    if (pauseMs === undefined || pauseMs > LONGEST_MS || tries === MOST_TRIES) return answer;
    told(pauseMs);
    await wait(pauseMs);
  }
}

/** Seconds only: a date would need the browser's clock to be right. */
export function pauseOf(retryAfter: string | null): number | undefined {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter)
    ? Number(retryAfter) * 1_000
    : undefined;
}

/** `setTimeout` that ends with the signal. */
export function pause(pauseMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, pauseMs);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
