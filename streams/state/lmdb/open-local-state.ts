/**
 * Local state on disk: `<directory>/<application>/<task>/`, an LMDB environment for each task.
 *
 * One process has a directory; in it several threads may open it, each for tasks of its own.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamsError } from '../../errors.ts';
import type { DamagedState, LocalStateStorage, LocalTaskStorage } from '../local-state.ts';
import { type Holding, hold } from './holders.ts';
import { LmdbTaskStorage } from './lmdb-task-storage.ts';
import { takeTaskDirectory } from './task-directory.ts';

export interface LocalStateOptions {
  /** Made when it does not exist. Two processes cannot have the same one. @see state.dir */
  readonly directory: string;
  /** Told of state that was set aside; its task is restored from the changelogs. */
  readonly onDamaged?: (damaged: DamagedState) => void;
}

/** @throws StreamsError `STREAMS_STATE_LOCKED` (retryable) when another process has the directory. */
export async function openLocalState(options: LocalStateOptions): Promise<LocalStateStorage> {
  mkdirSync(options.directory, { recursive: true });
  const directory = realpathSync(options.directory);
  return new LmdbLocalState(directory, await holdAlone(directory), options);
}

/** Of two that come at once both may find the other there: they look again, each at its time. */
const attempts = 5;
const longestPauseMs = 40;

async function holdAlone(directory: string): Promise<Holding> {
  for (let attempt = 1; ; attempt++) {
    const holding = hold(directory);
    const owner = holding.others.find(({ isAlive, isThisProcess }) => isAlive && !isThisProcess);
    if (owner === undefined) {
      for (const other of holding.others) if (!other.isAlive) other.forget();
      return holding;
    }
    holding.release();
    if (attempt === attempts) {
      const message = `process ${owner.pid} has the state in '${directory}': give each its own`;
      throw new StreamsError('STREAMS_STATE_LOCKED', message, { retryable: true });
    }
    await sleep(Math.random() * longestPauseMs);
  }
}

class LmdbLocalState implements LocalStateStorage {
  readonly #directory: string;
  readonly #holding: Holding;
  readonly #onDamaged: LocalStateOptions['onDamaged'];
  readonly #open = new Set<LmdbTaskStorage>();

  constructor(directory: string, holding: Holding, options: LocalStateOptions) {
    this.#directory = directory;
    this.#holding = holding;
    this.#onDamaged = options.onDamaged;
  }

  async openTask(applicationId: string, taskId: string): Promise<LocalTaskStorage> {
    const directory = takeTaskDirectory(this.#pathOf(applicationId, taskId));
    const setAside = (reason: string) => {
      const setAsideTo = directory.setAside();
      this.#onDamaged?.({ applicationId, taskId, reason, setAsideTo });
    };
    const open = () => {
      const task = new LmdbTaskStorage(directory, () => void this.#open.delete(task));
      this.#open.add(task);
      return task;
    };
    try {
      if (directory.damage !== undefined) setAside(directory.damage);
      try {
        return open();
      } catch (error) {
        setAside(error instanceof Error ? error.message : String(error));
        return open();
      }
    } catch (cause) {
      directory.release();
      const message = `the state of task ${taskId} in '${this.#directory}' cannot be opened`;
      throw new StreamsError('STREAMS_STATE_UNAVAILABLE', message, { cause });
    }
  }

  tasks(applicationId: string): readonly string[] {
    const path = this.#pathOf(applicationId);
    if (!existsSync(path)) return [];
    return readdirSync(path).filter((name) => taskIdPattern.test(name));
  }

  async removeTask(applicationId: string, taskId: string): Promise<void> {
    const path = this.#pathOf(applicationId, taskId);
    if (!existsSync(path)) return;
    takeTaskDirectory(path); // With its name in it, so that nobody opens it meanwhile.
    rmSync(path, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((task) => task.close()));
    this.#holding.release();
  }

  #pathOf(applicationId: string, taskId?: string): string {
    const isLegal = /^[a-zA-Z0-9._-]+$/.test(applicationId) && !/^\.+$/.test(applicationId);
    if (!isLegal || (taskId !== undefined && !taskIdPattern.test(taskId))) {
      const message = `no directory can be named '${applicationId}', '${taskId ?? ''}'`;
      throw new StreamsError('STREAMS_CONFIG_INVALID', message);
    }
    return join(this.#directory, applicationId, taskId ?? '');
  }
}

const taskIdPattern = /^\d+_\d+$/;
