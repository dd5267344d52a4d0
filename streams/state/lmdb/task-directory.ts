/**
 * The directory of one task's state: `state.mdb`, and a file for whoever has it open. Decides whether
 * what is there can be trusted; what cannot is moved to the directory beside it, `<task>.damaged`.
 *
 * State is not flushed to the disk at each commit: the changelogs are the record. So what a machine
 * leaves behind that went down with the state open may be torn, and nothing in the file would say so.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StreamsError } from '../../errors.ts';
import { faultOfEnvironment } from './environment-file.ts';
import { hold } from './holders.ts';

const environmentName = 'state.mdb';
/** Beside the environment, as lmdb names it: who reads and writes right now. */
const lockName = 'state.mdb-lock';
/** Written by a process that found the state broken while it used it. Says how. */
const markName = 'damaged';

export interface TaskDirectory {
  /** Of the environment. */
  readonly path: string;
  /** What was wrong with what was here, when something was. */
  readonly damage: string | undefined;
  /** Moves the environment away; a new one may be made in its place. Answers where it is. */
  setAside(): string;
  /** Whoever opens it next sets it aside. */
  markDamaged(reason: string): void;
  /** Nobody here has it open any more. What was written must be on disk. */
  release(): void;
}

/** @throws StreamsError `STREAMS_STATE_LOCKED` while it is open elsewhere. */
export function takeTaskDirectory(directory: string): TaskDirectory {
  mkdirSync(directory, { recursive: true });
  const { others, release } = hold(directory);
  if (others.some(({ isAlive }) => isAlive)) {
    release();
    throw lockedState(directory);
  }
  const path = environmentPath(directory);
  const markPath = join(directory, markName);
  const wasUp = others.every(({ isThisBoot }) => isThisBoot);
  const damage = existsSync(path) ? damageOf(path, markPath, wasUp) : undefined;
  return {
    path,
    damage,
    setAside() {
      const aside = `${directory}.damaged`;
      rmSync(aside, { recursive: true, force: true });
      mkdirSync(aside);
      renameSync(path, join(aside, environmentName));
      rmSync(join(directory, lockName), { force: true });
      rmSync(markPath, { force: true });
      for (const other of others) other.forget();
      return aside;
    },
    markDamaged: (reason) => writeFileSync(markPath, reason),
    release() {
      // They are gone, and what they wrote was flushed with what was written since.
      for (const other of others) other.forget();
      release();
    },
  };
}

export function environmentPath(directory: string): string {
  return join(directory, environmentName);
}

function lockedState(directory: string): StreamsError {
  const message = `the state in '${directory}' is open elsewhere`;
  return new StreamsError('STREAMS_STATE_LOCKED', message, { retryable: true });
}

function damageOf(path: string, markPath: string, wasUp: boolean): string | undefined {
  if (existsSync(markPath)) return readFileSync(markPath, 'utf8');
  if (!wasUp) return 'the machine went down while it was open';
  try {
    return faultOfEnvironment(path);
  } catch (error) {
    return String(error);
  }
}
