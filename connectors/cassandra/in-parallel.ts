/** Many statements at once, but not more than a cluster takes well. */

/** What is to be done before a time, so that nothing of it comes long after others have gone on. */
export interface Deadline {
  /** Of `performance.now()`. */
  readonly atMs: number;
}

/**
 * Runs `work` on each of `inputs`, so many at a time. After a failure, or past the deadline, begins none
 * any more, waits for those under way, and throws the first failure.
 */
export async function inParallel<T>(
  inputs: readonly T[],
  options: { readonly concurrency: number; readonly deadline: Deadline },
  work: (input: T) => Promise<void>,
): Promise<void> {
  const { concurrency, deadline } = options;
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < inputs.length && failures.length === 0) {
      const input = inputs[next++] as T;
      try {
        if (performance.now() > deadline.atMs) throw new Error('the batch took too long');
        await work(input);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, inputs.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
