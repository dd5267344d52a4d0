/** Passwords, hashed with scrypt. A hash carries its own parameters, so they can be raised later. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { problem } from '../problem.ts';

export interface Passwords {
  hash(password: string): Promise<string>;
  /** `undefined`, for an unknown user, takes as long as a wrong password. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

const blockSize = 8;
const parallelism = 1;
const hashBytes = 32;
/**
 * A hash takes a thread of libuv's pool for some 100 ms and 32 MiB. Two of the four threads stay
 * free, for files and name lookups: sign-ups must not starve the shop.
 */
const concurrency = 2;
const queueLimit = 200;

/** @param cost log2 of scrypt's N; memory is 1 KiB times N. */
export function passwords({ cost = 15 }: { readonly cost?: number | undefined } = {}): Passwords {
  const inTurn = turnstile(concurrency, queueLimit);
  // Compared with when there is no such user; nobody knows its password.
  let decoy: Promise<string> | undefined;

  const hash = async (password: string): Promise<string> => {
    const salt = randomBytes(16);
    const derived = await inTurn(() => derive(password, salt, cost));
    return ['scrypt', cost, salt.toString('base64url'), derived.toString('base64url')].join('$');
  };

  return {
    hash,
    async verify(password, stored) {
      decoy ??= hash(randomBytes(16).toString('hex'));
      const [, storedCost, salt, expected] = (stored ?? (await decoy)).split('$');
      if (!storedCost || !salt || !expected) throw new Error('a password hash is not readable');
      const saltBytes = Buffer.from(salt, 'base64url');
      const derived = await inTurn(() => derive(password, saltBytes, Number(storedCost)));
      const equal = timingSafeEqual(derived, Buffer.from(expected, 'base64url'));
      return equal && stored !== undefined;
    },
  };
}

function derive(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  const N = 2 ** cost;
  // Node refuses to use more than 32 MiB unless told; scrypt needs 128 * N * r bytes and a little.
  const options = { N, r: blockSize, p: parallelism, maxmem: 256 * N * blockSize };
  // The same letters typed on another keyboard may be other code points.
  const normalised = password.normalize('NFKC');
  return new Promise((resolve, reject) => {
    scrypt(normalised, salt, hashBytes, options, (error, derived) => {
      if (error) reject(error);
      else resolve(derived);
    });
  });
}

/** Lets at most `width` run at once and `waiting` wait. @throws Problem `too-busy` */
function turnstile(width: number, waiting: number) {
  const queue: (() => void)[] = [];
  let running = 0;

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < width) running += 1;
    else if (queue.length >= waiting) {
      throw problem('too-busy', 'too many people are signing in', { retryAfterS: 5 });
    } else await new Promise<void>((resolve) => queue.push(resolve));

    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
