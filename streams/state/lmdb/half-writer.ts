/**
 * The thread of a test: commits one transaction, and stops for ever in the middle of handing over the
 * next one, which is large.
 */
import { parentPort } from 'node:worker_threads';
import type { StateWrite } from '../../log/log.ts';
import { openLocalState } from './index.ts';

const [, , directory = ''] = process.argv;
const storage = await openLocalState({ directory });
const task = await storage.openTask('app', '0_0');

const writesOf = (value: string): StateWrite[] =>
  Array.from({ length: 5_000 }, (_, i) => {
    return { store: 'rows', key: Buffer.from(`entry ${i}`), value: Buffer.from(value) };
  });
await task.apply(writesOf('whole'), new Map([['log', 1n]]));

const half = writesOf('half');
let isBeingWritten = false;
half[Symbol.iterator] = function* (this: StateWrite[]) {
  for (let i = 0; i < this.length; i++) {
    // Looked at once for the names of the stores, then written.
    if (isBeingWritten && i === 4_000) stopForEver();
    yield this[i] as StateWrite;
  }
  isBeingWritten = true;
} as () => ArrayIterator<StateWrite>;
await task.apply(half, new Map([['log', 2n]]));

function stopForEver(): void {
  parentPort?.postMessage('in the middle');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
