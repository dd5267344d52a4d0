/** Calls to the API: tokens, guests, idempotency keys, patience, problems as one kind of error. */
import { announce } from './announce.tsx';
import { patiently, pause } from './patience.ts';
import { isGuest, type Session, session } from './session.ts';
import type { ProblemBody } from './wire.ts';

/** The shop said no, or could not be reached (`offline`). */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(body.detail || body.title);
    this.body = body;
  }

  get code(): string {
    return this.body.code;
  }
}

interface CallOptions {
  readonly body?: unknown;
  /** Repeating a call with the same key does its work once. */
  readonly key?: string;
  /** `visitor`: become a guest when nobody is signed in. Reads need no more than `anyone`. */
  readonly as?: 'anyone' | 'visitor';
  readonly signal?: AbortSignal;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Renewed when less than this is left, so that a token does not end on its way. */
const RENEW_BEFORE_MS = 30_000;

/** @throws Refused */
export async function call<Answer>(
  method: Method,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const current = await freshSession(options.as === 'visitor');
  const answer = await send(method, path, options, current?.accessToken);
  const isStale = answer.status === 401 && current !== null;
  if (!isStale) return read<Answer>(answer);

  const renewed = await renew(current);
  if (renewed === null && options.as === 'visitor') {
    const guest = await freshSession(true);
    return read<Answer>(await send(method, path, options, guest?.accessToken));
  }
  return read<Answer>(await send(method, path, options, renewed?.accessToken));
}

/** Sets up the session of a new guest, or of the member who signs in. */
export async function openSession(body: object): Promise<Session> {
  const opened = await read<Session>(await send('POST', '/v1/sessions', { body }, undefined));
  session.set(opened);
  return opened;
}

/** 128 random bits. Not `randomUUID`, which browsers keep from pages that are not https. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

let opening: Promise<Session> | undefined;
let renewing: Promise<Session | null> | undefined;

async function freshSession(orGuest: boolean): Promise<Session | null> {
  const current = session.get();
  if (current !== null) {
    const leftMs = Date.parse(current.expiresAt) - Date.now();
    const usable = leftMs > RENEW_BEFORE_MS ? current : await renew(current);
    if (usable !== null) return usable;
  }
  if (!orGuest) return null;
  opening ??= openSession({ guest: true }).finally(() => {
    opening = undefined;
  });
  return opening;
}

/** A refresh token works once, so calls at the same time share one renewal. */
function renew(stale: Session): Promise<Session | null> {
  renewing ??= renewOnce(stale).finally(() => {
    renewing = undefined;
  });
  return renewing;
}

async function renewOnce(stale: Session): Promise<Session | null> {
  const current = session.get();
  // Another tab was faster.
  if (current !== null && current.accessToken !== stale.accessToken) return current;
  if (isGuest(stale)) {
    session.set(null);
    return null;
  }
  const body = { refreshToken: stale.refreshToken };
  const answer = await send('POST', '/v1/sessions/refresh', { body }, undefined);
  if (answer.status === 401) {
    session.set(null);
    return null;
  }
  const renewed = await read<Session>(answer);
  session.set(renewed);
  return renewed;
}

async function send(
  method: Method,
  path: string,
  options: CallOptions,
  token: string | undefined,
): Promise<Response> {
  const headers = new Headers({ accept: 'application/json' });
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (options.key !== undefined) headers.set('idempotency-key', options.key);
  if (options.body !== undefined) headers.set('content-type', 'application/json');
  const body = options.body === undefined ? null : JSON.stringify(options.body);
  const ask = () => fetch(path, { method, headers, body, signal: options.signal ?? null });
  const isRepeatable = method === 'GET' || options.key !== undefined;
  try {
    return await (isRepeatable ? patiently(ask, patience(options.signal)) : ask());
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Refused({
      code: 'offline',
      status: 0,
      title: 'The shop cannot be reached',
      detail: 'Check the connection, then try again. Nothing was lost.',
    });
  }
}

function patience(signal?: AbortSignal) {
  const told = (pauseMs: number) =>
    announce(`The shop is busy. Trying again in ${pauseMs / 1_000} s …`);
  return { told, wait: (pauseMs: number) => pause(pauseMs, signal) };
}

async function read<Answer>(answer: Response): Promise<Answer> {
  const text = await answer.text();
  const body: unknown = isJson(answer) && text !== '' ? JSON.parse(text) : undefined;
  if (answer.ok) return body as Answer;
  throw new Refused(
    (body as ProblemBody | undefined) ?? {
      code: `http-${answer.status}`,
      status: answer.status,
      title: 'The shop gave no proper answer',
      detail: 'Try again in a moment.',
    },
  );
}

function isJson(answer: Response): boolean {
  return (answer.headers.get('content-type') ?? '').includes('json');
}
