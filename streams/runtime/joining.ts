/** Joins a group again and again while what keeps the member out may pass. */
import { performance } from 'node:perf_hooks';
import { StreamsError } from '../errors.ts';
import { type Backoff, pause } from './backoff.ts';

/** In a new cluster brokers make topics, and the coordinators of groups and transactions, only now. */
const firstJoinWithinMs = 120_000;

/**
 * What somebody has to mend is told at once, though another try might be worth it later; of a log that does
 * not answer it is told after two minutes.
 */
export function joinFirst(
  join: () => Promise<void>,
  backoff: Backoff,
  interrupt: AbortSignal,
): Promise<void> {
  const untilMs = performance.now() + firstJoinWithinMs;
  const isAway = (error: StreamsError) =>
    error.code === 'STREAMS_LOG_UNAVAILABLE' && error.retryable;
  return joinWhile(
    (error) => isAway(error) && performance.now() < untilMs,
    join,
    backoff,
    interrupt,
  );
}

/** As long as it takes. An interrupt is no failure. */
export async function joinAgain(
  join: () => Promise<void>,
  backoff: Backoff,
  interrupt: AbortSignal,
): Promise<void> {
  try {
    await joinWhile((error) => error.retryable, join, backoff, interrupt);
  } catch (error) {
    if (!interrupt.aborted) throw error;
  }
}

async function joinWhile(
  isWorthAnotherTry: (error: StreamsError) => boolean,
  join: () => Promise<void>,
  backoff: Backoff,
  interrupt: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await join();
      return;
    } catch (error) {
      if (!(error instanceof StreamsError && isWorthAnotherTry(error))) throw error;
      await pause(backoff.failed(), interrupt);
      if (interrupt.aborted) throw error;
    }
  }
}
