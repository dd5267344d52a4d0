/** What a decider's reply means over HTTP. */
import type { CommandReply } from '#schemas/replies';
import { refusal } from './problem.ts';

/** The reply, when it is an acceptance. @throws Problem with the decider's code when it is not. */
export function decided(reply: CommandReply): CommandReply {
  if (reply.outcome === 'accepted') return reply;
  const extras = extrasOf(reply.details);
  const detail = reply.message ?? 'the shop refused this';
  throw refusal(reply.code ?? 'refused', detail, { extras });
}

/** Faults of fields are `errors`, as when a request is not well-formed; the rest are `lines`. */
function extrasOf(details: CommandReply['details']): Record<string, unknown> {
  if (details.length === 0) return {};
  if (details.every(({ field, reason }) => field !== undefined && reason !== undefined)) {
    return { errors: details.map(({ field, reason }) => ({ path: field, message: reason })) };
  }
  return { lines: details.map(withNumbers) };
}

/** Details are text in the log; in JSON a number is a number. */
function withNumbers(detail: Readonly<Record<string, string>>): Record<string, unknown> {
  const entries = Object.entries(detail).map(([name, value]) => {
    return [name, numeric.has(name) && /^-?\d{1,15}$/.test(value) ? Number(value) : value];
  });
  return Object.fromEntries(entries);
}

const numeric = new Set(['requested', 'available', 'onHand', 'reserved', 'version', 'delta']);
