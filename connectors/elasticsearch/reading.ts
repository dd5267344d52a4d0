/** One read of a service: several requests, one deadline, and another try where that can help. */
import type { Client, TransportRequestOptions } from '@elastic/elasticsearch';
import { ViewError } from '../views/view.ts';
import { isBrokenConnection, isGone, viewErrorOf } from './troubles.ts';

/** Asks as part of one read; what it asks for shares the time that the read has. */
export type Ask = <T>(
  request: (client: Client, options: TransportRequestOptions) => Promise<T>,
) => Promise<T>;

export type Read = <T>(what: string, work: (ask: Ask) => Promise<T>) => Promise<T>;

/**
 * A view that was built anew takes its old indices with it, and a server that was started again its
 * connections: both are there when asked once more.
 */
const mostTries = 3;

/** What fails is a `ViewError` `VIEW_UNAVAILABLE`, at the latest after `timeoutMs`. */
export function reading(client: Client, timeoutMs: number): Read {
  return async (what, work) => {
    const deadlineMs = performance.now() + timeoutMs;
    const ask: Ask = (request) => {
      const requestTimeout = Math.floor(deadlineMs - performance.now());
      if (requestTimeout < 1) {
        throw new ViewError('VIEW_UNAVAILABLE', `${what} cannot be read within ${timeoutMs} ms`);
      }
      return request(client, { requestTimeout });
    };
    for (let tries = 1; ; tries += 1) {
      try {
        return await work(ask);
      } catch (error) {
        const mayHelp = isGone(error) || isBrokenConnection(error);
        if (!mayHelp || tries === mostTries || performance.now() > deadlineMs) {
          throw viewErrorOf(error, what);
        }
      }
    }
  };
}
