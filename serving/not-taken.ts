/** What to say when the log did not take a record: that nothing was changed only if that is certain. */
import { StreamsError } from '#streams';
import { type Problem, problem } from './problem.ts';

export function notTaken(topic: string, cause: unknown): Problem {
  if (cause instanceof StreamsError && cause.code === 'STREAMS_OUTCOME_UNKNOWN') {
    const detail =
      `the log has not said whether it took a record for '${topic}', which may still take effect. ` +
      'Repeat the request with the same Idempotency-Key: it is done once';
    return problem('not-decided-in-time', detail, { retryAfterS: 2, cause });
  }
  const detail = `the log did not take a record for '${topic}'; nothing was changed`;
  return problem('log-unavailable', detail, { retryAfterS: 2, cause });
}
