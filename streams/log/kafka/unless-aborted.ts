/** Ends a wait early, without ending what is waited for. */
import { once } from 'node:events';

/**
 * What `work` gives or throws, unless `signal` is aborted before: then the signal's reason is thrown. Leaves no
 * listener behind.
 */
export async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  work: Promise<T>,
): Promise<T> {
  if (signal === undefined) return work;
  work.catch(() => undefined); // Nobody may be waiting for it any more when it fails.
  signal.throwIfAborted();
  const over = new AbortController();
  const aborted = once(signal, 'abort', { signal: over.signal }).then(() => {
    throw signal.reason;
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    aborted.catch(() => undefined);
    over.abort();
  }
}
