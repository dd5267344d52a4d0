/**
 * Ids of commands and of what they make. With an Idempotency-Key they are derived from it, so that
 * the same request, sent again after a crash, is the same command, and its decider answers what it
 * answered before.
 */
import { createHash } from 'node:crypto';
import type { CommandId } from '#schemas/replies';

/** SHA-256 of the parts, 32 hexadecimal digits. No two lists of parts run into each other. */
export function digest(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, 32);
}

export function commandId(...parts: readonly string[]): CommandId {
  return `cmd_${digest(...parts)}` as CommandId;
}
