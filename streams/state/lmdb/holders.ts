/**
 * Who has a directory open: a file for each, whose name says which process it is and in which boot of
 * the machine. A process that is killed leaves its file behind; whoever comes next sees that it is
 * gone, and whether the machine has been up ever since. A thread that is ended by force cannot be told
 * from one that lives: whoever has ended it says so.
 *
 * A file is made before the others are looked at, so of two that come together at least one sees the
 * other: both may be refused, never both be let in.
 */
import {
  closeSync,
  type Dirent,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { identityOf, isAlive, isThisBoot } from '../../process-identity.ts';

export interface Holder {
  readonly pid: number;
  readonly isThisProcess: boolean;
  /** Its thread, and its process. */
  readonly isAlive: boolean;
  /** False: the machine was restarted since, with the directory open. */
  readonly isThisBoot: boolean;
  /** Deletes its file. Only of one that is gone. */
  forget(): void;
}

export interface Holding {
  /** As of when the directory was taken. */
  readonly others: readonly Holder[];
  release(): void;
}

const prefix = 'open.';
/** Behind the name of a file whose thread has ended, in a process that goes on. */
const endedMark = '.ended';
let holdings = 0;

/** The directory must exist. What the file says is on disk when this returns. */
export function hold(directory: string): Holding {
  const name = `${nameOfThread(threadId)}${++holdings}`;
  const path = join(directory, name);
  writeFileSync(path, '');
  syncDirectory(directory);
  const others = readdirSync(directory).filter((other) => other.startsWith(prefix));
  return {
    others: others.filter((other) => other !== name).map((other) => holderOf(directory, other)),
    release() {
      rmSync(path, { force: true });
      syncDirectory(directory);
    },
  };
}

/**
 * A thread of this process has ended: what it had open, in a directory or below, others may open now.
 * Its files stay until somebody has flushed what it wrote, for the machine may go down before.
 */
export function markThreadEnded(directory: string, thread: number): void {
  const prefixOfThread = nameOfThread(thread);
  for (const entry of entriesIn(directory)) {
    const { name } = entry;
    const path = join(directory, name);
    if (entry.isDirectory()) markThreadEnded(path, thread);
    else if (name.startsWith(prefixOfThread) && !name.endsWith(endedMark)) {
      renameSync(path, path + endedMark);
    }
  }
}

/** Another thread may delete a directory meanwhile. */
function entriesIn(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function nameOfThread(thread: number): string {
  const identity = identityOf(process.pid).replaceAll(' ', '.');
  return `${prefix}${identity}.${thread}-`;
}

function holderOf(directory: string, name: string): Holder {
  const [pid = '', started = '', boot = ''] = name.slice(prefix.length).split('.');
  return {
    pid: Number(pid),
    isThisProcess: `${pid} ${started} ${boot}` === identityOf(process.pid),
    isAlive: !name.endsWith(endedMark) && isAlive(`${pid} ${started} ${boot}`),
    isThisBoot: isThisBoot(boot),
    forget: () => rmSync(join(directory, name), { force: true }),
  };
}

/** A file's name is on disk when its directory is. Windows has no such call, and needs none. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
