/** The driver's errors, said as the ports of views say them. */
import cassandra from 'cassandra-driver';
import { rangeOf, SinkError } from '../sink-error.ts';
import { type ChangeBatch, ViewError } from '../views/view.ts';

const { errors, types } = cassandra;

/** What a node says of a statement that it will never take. The code is that of any invalid request. */
const neverTaken =
  /longer than maximum|too large|exceeds the failure threshold|may not be empty|larger than the maximum/i;

/** A table that was dropped: its generation is not live any more. */
export function isMissingTable(error: unknown): boolean {
  return (
    isInvalid(error) && /(table|keyspace) \S+ does not exist|unconfigured table/.test(error.message)
  );
}

/** Only what a record is to blame for is a rejection: a wrong one would leave records out. */
export function sinkErrorOf(
  error: unknown,
  view: string,
  batches: readonly ChangeBatch<unknown, unknown>[],
): SinkError {
  if (error instanceof SinkError) return error;
  const rejected = isInvalid(error) && neverTaken.test(error.message);
  const what = batches.length > 0 ? `take ${batches.map(rangeOf).join(', ')}` : 'say where it is';
  return new SinkError(
    rejected ? 'SINK_REJECTED' : 'SINK_UNAVAILABLE',
    `view '${view}' cannot ${what}: ${reasonOf(error)}`,
    error,
  );
}

export function viewErrorOf(error: unknown, view: string): ViewError {
  if (error instanceof ViewError) return error;
  return new ViewError(
    'VIEW_UNAVAILABLE',
    `view '${view}' cannot be read: ${reasonOf(error)}`,
    error,
  );
}

/** An answer within `limitMs`, or `VIEW_UNAVAILABLE`. Whatever else fails is that too. */
export async function readWithin<T>(
  limitMs: number,
  view: string,
  read: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    const error = new Error(`no answer within ${limitMs} ms`);
    timer = setTimeout(() => reject(error), limitMs);
  });
  try {
    return await Promise.race([read(), tooLate]);
  } catch (error) {
    throw viewErrorOf(error, view);
  } finally {
    clearTimeout(timer);
  }
}

function isInvalid(error: unknown): error is Error {
  return error instanceof errors.ResponseError && error.code === types.responseErrorCodes.invalid;
}

/** Without the stack that the driver puts into its message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof errors.NoHostAvailableError)) return error.message;
  const tried = Object.entries((error.innerErrors ?? {}) as Record<string, unknown>);
  const reasons = tried.map(([node, reason]) => `${node}: ${reasonOf(reason)}`);
  return reasons.length > 0 ? reasons.join('; ') : 'no node can be reached';
}
