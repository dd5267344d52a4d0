/**
 * The process, or the thread, of the tests of local state: opens a task, writes to it for ever, and
 * says what is in it; or says why it could not.
 *
 *   node --import tsx state-writer.ts <directory> <task> [entries of a transaction]
 */
import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { StreamsError } from '../../errors.ts';
import { openLocalState } from './index.ts';

const [, , directory, taskId, entries = '1'] = process.argv;
if (directory === undefined || taskId === undefined) throw new Error('give directory and task');

try {
  const storage = await openLocalState({ directory });
  await write(await storage.openTask('app', taskId));
} catch (error) {
  say(error instanceof StreamsError ? error.code : String(error));
}

/** Each write is some entries more, of any size, so that some need pages of their own. */
async function write(task: Awaited<ReturnType<Opened['openTask']>>): Promise<never> {
  for (let count = task.positions.get('log') ?? 0n; ; count++) {
    const value = Buffer.alloc(Number((count * 37n) % 9_000n), Number(count % 256n));
    const total = Buffer.from(`${count + 1n}`);
    const writes = [{ store: 'total', key: Buffer.from('total'), value: total }];
    for (let entry = 0; entry < Number(entries); entry++) {
      const key = Buffer.from(entry === 0 ? `key ${count % 500n}` : `entry ${entry}`);
      writes.push({ store: 'rows', key, value: entry === 0 ? value : total });
    }
    await task.apply(writes, new Map([['log', count + 1n]]));
    say(`${count + 1n}`);
  }
}

/** Synchronous, so that a kill cannot take back what was said. */
function say(what: string): void {
  try {
    if (parentPort !== null) parentPort.postMessage(what);
    else writeSync(1, `${what}\n`);
  } catch (error) {
    // Nobody reads fast enough: what comes next says more.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}

type Opened = Awaited<ReturnType<typeof openLocalState>>;
