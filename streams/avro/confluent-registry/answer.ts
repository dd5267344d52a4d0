/** What a registry's reply means. */
import { StreamsError } from '../../errors.ts';
import { refused, unavailable } from './refusals.ts';

export interface Reply {
  readonly status: number;
  readonly location: string | string[] | undefined;
  readonly text: string;
}

export interface Body {
  readonly [property: string]: unknown;
}

export type Answer =
  | { readonly kind: 'found'; readonly body: Body }
  /** What was asked for is not there; or it may not be, beside what is. */
  | { readonly kind: 'absent' | 'conflict'; readonly message: string };

/** The registry is in a mode in which nothing can be registered. */
const operationNotPermitted = 42_205;

export function answerOf(address: string, reply: Reply): Answer {
  const { status } = reply;
  const body = objectIn(reply.text);
  const message = messageOf(reply, body);
  if (status >= 200 && status < 300) {
    if (body !== undefined) return { kind: 'found', body };
    throw refused(address, `its answer is not of Confluent's API; ${whereItIs}`);
  }
  if (status >= 300 && status < 400) {
    throw refused(address, `it redirects to '${reply.location}': give that address instead`);
  }
  if (status === 401 || status === 403) throw forbidden(address, status, message);
  if (status === 404) {
    if (isAbsence(body)) return { kind: 'absent', message };
    throw refused(address, `it has no such address (404); ${whereItIs}`);
  }
  if (status === 409) return { kind: 'conflict', message };
  if (status === 422 && body?.error_code !== operationNotPermitted) {
    throw new StreamsError('STREAMS_SCHEMA_INVALID', `the registry at ${address} says: ${message}`);
  }
  const said = `it answers ${status}: ${message}`;
  throw isPassing(status) ? unavailable(address, said) : refused(address, said);
}

const whereItIs =
  "is it where the API begins? Confluent's has no path, Apicurio's is /apis/ccompat/v7";

function forbidden(address: string, status: number, message: string): StreamsError {
  const remedy =
    status === 401
      ? 'it does not know who asks: give `auth`, or correct it'
      : 'who asks may not do this: let it read and write subjects and schemas';
  return refused(address, `${remedy} (${status}: ${message})`);
}

/** 40401: no such subject; 40402: no such version; 40403: no such schema. A wrong path has 404. */
function isAbsence(body: Body | undefined): boolean {
  const code = body?.error_code;
  return typeof code === 'number' && Math.floor(code / 100) === 404;
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

const shownCharacters = 300;

function messageOf({ text }: Reply, body: Body | undefined): string {
  if (typeof body?.message === 'string') return body.message;
  return text.slice(0, shownCharacters).trim() || 'without a word';
}

function objectIn(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Body) : undefined;
  } catch {
    return undefined;
  }
}
