/** Which failures of a stream thread pass by themselves. */
import { StreamsError } from '../errors.ts';

export function hasMigrated(error: unknown): boolean {
  return error instanceof StreamsError && error.code === 'STREAMS_TASK_MIGRATED';
}

export function mayPass(error: unknown): boolean {
  return hasMigrated(error) || (error instanceof StreamsError && error.retryable);
}

/** What may pass is tried again with everything else. */
export function unlessRetryable(error: unknown): void {
  if (!(error instanceof StreamsError && error.retryable)) throw error;
}
