/**
 * The LMDB environment of a task, as its owner and those who read it in other threads open it. One
 * that several threads of a process have open is the same one to LMDB: the last to close it closes it.
 */
import { open, type RootDatabase } from 'lmdb';
import { asBuffer } from '../../bytes.ts';
import { rowKey } from '../state-rows.ts';

export type Environment = RootDatabase<Uint8Array, Uint8Array>;

/** The number of the store whose rows say what is in the environment. */
export const aboutItself = 0;
export const storePrefix = 'store ';

/**
 * Address space, not memory and not disk. It grows by itself, but each time the old map stays in
 * place beside the new one: a larger beginning saves most of that.
 */
const firstMapBytes = 1024 ** 3;

export function openEnvironment(path: string): Environment {
  return open<Uint8Array, Uint8Array>({
    path,
    encoding: 'binary',
    keyEncoding: 'binary',
    noSync: true,
    overlappingSync: false,
    eventTurnBatching: false,
    // A batch is written when all of it is there. lmdb would begin sooner, and wait for the rest for
    // ever, with the write lock, when the thread is ended meanwhile.
    batchStartThreshold: Number.MAX_SAFE_INTEGER,
    mapSize: firstMapBytes,
  } as Parameters<typeof open>[0] & { path: string });
}

/** Lets go of them when the last has been taken, or the caller leaves its loop. */
export function* rowsOf(
  environment: Environment,
  { from, to }: { readonly from: Buffer; readonly to: Buffer },
): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
  const bounds = { start: asKey(from), end: asKey(to) };
  for (const { key, value } of environment.getRange(bounds)) yield [key, value];
}

/** Where the number of a store stands. */
export function storeRow(store: string): Buffer {
  return rowKey(aboutItself, Buffer.from(storePrefix + store));
}

/** lmdb's types do not know that keys may be bytes of any kind. */
export function asKey(bytes: Uint8Array): Buffer {
  return asBuffer(bytes);
}
