/**
 * Idempotency-Key: the same request, sent again, gets the same answer and is done once.
 *
 * Answers are stored for a day. Between the decision and the storing a crash can come: then the
 * repeated request runs again, its command has the same id (see `commandIdOf`), and the decider
 * answers what it answered before.
 */
import { createHmac } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandId } from '#schemas/replies';
import type { IdempotencyStore, StoredAnswer } from '#views/idempotency-store';
import type { ApiRequest } from './access.ts';
import { commandId, digest } from './command-ids.ts';
import type { Clock, Ids } from './dependencies.ts';
import { problem } from './problem.ts';

/** What a write does besides waiting for its decision and its view. */
const otherWorkMs = 2_000;

interface Claim {
  readonly scope: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly release: () => void;
}

interface Running {
  readonly fingerprint: string;
  readonly ended: Promise<void>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while this request is the one that answers its Idempotency-Key. */
    idempotency: Claim | undefined;
    /** Makes the ids of this request's commands. */
    commandSeed: string | undefined;
  }
}

export interface Idempotency {
  /** Answers from the store, refuses, or lets the request run. */
  begin(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined>;
  /** Stores the answer. */
  end(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void>;
}

export function idempotency(options: {
  readonly store: IdempotencyStore;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Keys the fingerprints: a body may hold a password, and a plain hash of one can be guessed. */
  readonly secret: string;
  /** How long a write may wait for its decision and its view; a duplicate waits longer. */
  readonly writeWithinMs: number;
}): Idempotency {
  const { store, clock, ids, secret, writeWithinMs } = options;
  const running = new Map<string, Running>();

  return {
    async begin(request, reply) {
      const key = keyOf(request);
      if (key === undefined) {
        request.commandSeed = ids.next();
        return undefined;
      }
      const scope = request.caller?.userId ?? `anyone:${request.method}:${request.url}`;
      const fingerprint = fingerprintOf(request, secret);
      const slot = digest(scope, key);

      const deadlineMs = performance.now() + writeWithinMs + otherWorkMs;
      for (let first = running.get(slot); first; first = running.get(slot)) {
        if (first.fingerprint !== fingerprint) throw reused();
        await endOf(first, deadlineMs);
      }
      // Claimed before the store is asked: nobody else may begin meanwhile.
      request.idempotency = { scope, key, fingerprint, release: claim(running, slot, fingerprint) };
      request.commandSeed = digest(scope, key, fingerprint);

      const stored = await store.get(scope, key);
      if (!stored) return undefined;
      release(request);
      if (stored.fingerprint !== fingerprint) throw reused();
      return replay(reply, stored);
    },

    async end(request, reply, payload) {
      const claimed = request.idempotency;
      if (!claimed) return;
      try {
        if (!isAnswer(reply.statusCode) || typeof payload !== 'string') return;
        const { scope, key, fingerprint } = claimed;
        const answer = { fingerprint, statusCode: reply.statusCode, body: payload };
        await store.save(scope, key, { ...answer, savedAtMs: clock.nowMs() });
      } catch (error) {
        // The effect is durable and the decider remembers it: the caller must hear the answer.
        request.log.error({ err: error }, 'the answer to an Idempotency-Key was not stored');
      } finally {
        release(request);
      }
    },
  };
}

/** The id of a command of this request; `purpose` tells several of one request apart. */
export function commandIdOf(request: ApiRequest, purpose: string): CommandId {
  return commandId(seedOf(request), purpose);
}

/** An id for what this request makes: derived from user and Idempotency-Key, else random. */
export function derivedId(request: ApiRequest, prefix: string): string {
  const key = request.idempotency;
  const seed = key ? digest(key.scope, key.key, prefix) : digest(seedOf(request), prefix);
  return `${prefix}_${seed.slice(0, 24)}`;
}

function seedOf(request: ApiRequest): string {
  if (request.commandSeed === undefined) {
    throw new Error(`${request.url}: a route that sends commands is not idempotent`);
  }
  return request.commandSeed;
}

function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,128}$/.test(key)) return key;
  const message = 'must be 1 to 128 visible ASCII characters';
  throw problem('invalid-request', `Idempotency-Key ${message}`, {
    extras: { errors: [{ path: 'headers/idempotency-key', message }] },
  });
}

function fingerprintOf(request: FastifyRequest, secret: string): string {
  const hmac = createHmac('sha256', secret);
  hmac.update(`${request.method} ${request.url}\n`);
  hmac.update(JSON.stringify(request.body ?? null));
  return hmac.digest('hex');
}

function claim(running: Map<string, Running>, slot: string, fingerprint: string): () => void {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  running.set(slot, { fingerprint, ended });
  return () => {
    running.delete(slot);
    end();
  };
}

function release(request: FastifyRequest): void {
  request.idempotency?.release();
  request.idempotency = undefined;
}

async function endOf(first: Running, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const detail = 'a request with this Idempotency-Key is still running; try again in a moment';
    const leftMs = Math.max(0, deadlineMs - performance.now());
    const refuse = () => reject(problem('request-in-progress', detail, { retryAfterS: 2 }));
    timer = setTimeout(refuse, leftMs);
  });
  try {
    await Promise.race([first.ended, late]);
  } finally {
    clearTimeout(timer);
  }
}

function replay(reply: FastifyReply, { statusCode, body }: StoredAnswer): FastifyReply {
  const type = statusCode < 400 ? 'application/json' : 'application/problem+json';
  reply.code(statusCode).header('idempotency-replayed', 'true');
  return reply.type(`${type}; charset=utf-8`).serializer(String).send(body);
}

/** A refusal is an answer; trouble here, or a refusal to work right now, is not. */
function isAnswer(statusCode: number): boolean {
  return statusCode < 500 && statusCode !== 429 && statusCode !== 401 && statusCode !== 403;
}

function reused(): Error {
  const detail =
    'each new request needs a new Idempotency-Key; this one was sent with other content';
  return problem('idempotency-key-reused', detail);
}
