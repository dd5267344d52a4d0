/**
 * Answers that stay useful while a part of the shop is away: what could not be looked up is left
 * out and named in a header, so that nobody takes an answer for whole that is not.
 */
import type { FastifyReply } from 'fastify';
import { ViewError } from '#views/view';

const missingPartsHeader = 'millrace-missing-parts';

/** What `look` answers, or `undefined` while the part is away. */
export type AskPart = <T>(part: string, look: () => Promise<T>) => Promise<T | undefined>;

export function askingParts(reply: { header: FastifyReply['header'] }): AskPart {
  const missing = new Set<string>();
  return async (part, look) => {
    try {
      return await look();
    } catch (error) {
      if (!isAway(error)) throw error;
      missing.add(part);
      reply.header(missingPartsHeader, [...missing].join(', '));
      return undefined;
    }
  };
}

/** Whether the view cannot be read at the moment, whatever is asked. */
export function isAway(error: unknown): error is ViewError {
  return error instanceof ViewError && error.code === 'VIEW_UNAVAILABLE';
}
