/** Session consistency: waits until a view shows what was decided, so that the next read sees it. */
import type { ViewReader } from '#views/view';
import { isAway } from './partial-answer.ts';
import { problem } from './problem.ts';

/** A view fed by another process sends no news: then this is how often it is looked at. */
const pollIntervalMs = 25;
/** A view that was away for so long is not waited for: its server was killed, and does not just blink. */
const awayAtMostMs = 1_500;

export interface ShownOptions<T> {
  readonly view: ViewReader;
  readonly look: () => Promise<T>;
  /** Whether what was looked at holds the write. */
  readonly shows: (seen: T) => boolean;
  readonly timeoutMs: number;
}

/**
 * What `look` answers as soon as `shows` holds.
 *
 * @throws Problem `not-shown-in-time`: the write has its effect all the same.
 */
export async function whenShown<T>(options: ShownOptions<T>): Promise<T> {
  const { view, look, shows, timeoutMs } = options;
  const startedMs = performance.now();
  const first = await seenBy(look);
  if (first && shows(first.seen)) return first.seen;
  let readMs = first ? performance.now() : startedMs;

  let wake = (): void => {};
  let news = false;
  const stop = view.onApplied(() => {
    news = true;
    wake();
  });
  const deadlineMs = performance.now() + timeoutMs;
  try {
    for (;;) {
      // News that came while looking is looked at: it may be about this very write.
      news = false;
      const now = await seenBy(look);
      if (now && shows(now.seen)) return now.seen;
      if (now) readMs = performance.now();
      const giveUpMs = Math.min(deadlineMs, readMs + awayAtMostMs);
      const leftMs = giveUpMs - performance.now();
      if (leftMs <= 0) throw notShown(Math.round(performance.now() - startedMs));
      if (!news) await pause(Math.min(pollIntervalMs, leftMs), (resume) => (wake = resume));
    }
  } finally {
    stop();
  }
}

/** A view that cannot be read at the moment shows nothing, and may in another. */
async function seenBy<T>(look: () => Promise<T>): Promise<{ readonly seen: T } | undefined> {
  try {
    return { seen: await look() };
  } catch (error) {
    if (isAway(error)) return undefined;
    throw error;
  }
}

function notShown(waitedMs: number): Error {
  const detail =
    `the change was decided and is durable, but no view showed it within ${waitedMs} ms; ` +
    'read it in a moment, or repeat the request with the same Idempotency-Key';
  return problem('not-shown-in-time', detail, { retryAfterS: 1 });
}

function pause(ms: number, onWake: (resume: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    onWake(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
