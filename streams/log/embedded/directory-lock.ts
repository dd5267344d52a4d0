/**
 * One process owns a directory: it holds a lock file with its pid and the time it started, so that
 * neither the file of a killed process nor a pid that is used again is taken for an owner.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StreamsError } from '../../errors.ts';
import { identityOf, isAlive } from '../../process-identity.ts';

/** Directories that this process holds: its own file would look as if it were stale. */
const held = new Set<string>();

/** How often to look again when somebody else takes over the same stale lock. */
const attempts = 10;

/** @throws StreamsError `STREAMS_LOG_LOCKED` when another process, or this one, has it open. */
export function lockDirectory(directory: string): { release(): void } {
  const path = join(directory, 'owner.lock');
  if (held.has(directory)) throw locked(directory, `process ${process.pid} (this one)`);
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (tryCreate(path)) {
      held.add(directory);
      return {
        release() {
          if (held.delete(directory)) rmSync(path, { force: true });
        },
      };
    }
    const owner = read(path);
    if (owner === undefined) continue; // Released meanwhile.
    if (isAlive(owner)) throw locked(directory, `process ${owner.split(' ')[0]}`);
    setAside(path, owner);
  }
  throw locked(directory, 'another process, which is just starting');
}

/** Written beside and then linked, so that nobody sees a lock without its owner's name in it. */
function tryCreate(path: string): boolean {
  const whole = `${path}.new-${process.pid}`;
  writeFileSync(whole, identityOf(process.pid));
  try {
    linkSync(whole, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Renaming is atomic: of two that find the lock stale, one moves it. The other may move a new one. */
function setAside(path: string, stale: string): void {
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // Somebody else did.
  }
  if (read(aside) === stale) rmSync(aside, { force: true });
  else renameSync(aside, path); // It was not stale any more: give it back.
}

function locked(directory: string, owner: string): StreamsError {
  return new StreamsError(
    'STREAMS_LOG_LOCKED',
    `the log in '${directory}' is open in ${owner}: stop it first, or open the log with readOnly`,
    { retryable: true },
  );
}
