/** A lock between processes, for work that two of them must not do at once. */
import { readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 100;

/**
 * Waits until nobody else holds the lock, then works. A holder that died does not block; when two
 * waiters see that at the same moment both may work, so the work must also survive being doubled.
 */
export async function oneAtATime<T>(lock: string, work: () => Promise<T>): Promise<T> {
  while (!take(lock)) await sleep(pollMs);
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A symbolic link is made in one step, and its target says whose it is. */
function take(lock: string): boolean {
  try {
    symlinkSync(`${process.pid}`, lock);
    return true;
  } catch {
    if (isDead(holder(lock))) rmSync(lock, { force: true });
    return false;
  }
}

/** Undefined when it has just been given back. */
function holder(lock: string): number | undefined {
  try {
    return Number(readlinkSync(lock));
  } catch {
    return undefined;
  }
}

function isDead(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
