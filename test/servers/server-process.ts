/**
 * One server as a process: started until it is ready, stopped, killed, started again.
 *
 * It never outlives the process that started it, however that ends. A server is the leader of its
 * own process group, and beside it runs a watchdog: a shell that reads a pipe of which we hold the
 * other end. When we are gone the pipe ends, and the watchdog kills the group.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerCommand {
  /** What messages call it. */
  readonly name: string;
  readonly executable: string;
  readonly args: readonly string[];
  /** Added to our own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** @defaultValue our own */
  readonly workingDirectory?: string;
  /** Takes what the server prints; a start appends. */
  readonly logFile: string;
  /** Asked again and again until it says yes. `log` is what was printed since this start. */
  readonly isReady: (log: string) => boolean | Promise<boolean>;
  /** After which a stop becomes a kill. @defaultValue 15_000 */
  readonly stopTimeoutMs?: number;
  /** Removed when we end without having stopped the server: a folder that nobody else knows. */
  readonly temporaryFolder?: string | undefined;
}

/** A busy machine with two cores starts three JVMs at once. */
const startTimeoutMs = 180_000;
/** Longer than a broker needs to hand over its partitions. */
const defaultStopTimeoutMs = 15_000;
const pollMs = 50;

/** `kill -s KILL --` is how every shell understands a group; dash takes no `--` after `-KILL`. */
const watchdogScript = `
while read -r _; do :; done
kill -s KILL -- "-$1" 2>/dev/null
[ -z "$2" ] || rm -rf -- "$2"
`;

interface Running {
  readonly pid: number;
  readonly watchdog: ChildProcess;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
}

export class ServerProcess {
  readonly #command: ServerCommand;
  #running: Running | undefined;

  constructor(command: ServerCommand) {
    this.#command = command;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /**
   * Resolves when the server is ready. Fails with the end of its log when it ends before, or is not
   * ready in time; it does not run then.
   */
  async start(): Promise<void> {
    const { name, logFile } = this.#command;
    if (this.#running) throw new Error(`${name} runs already`);
    mkdirSync(dirname(logFile), { recursive: true });
    const begin = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    const printed = () => readFileSync(logFile).subarray(begin).toString();

    this.#running = await this.#launch();
    const deadline = Date.now() + startTimeoutMs;
    while (!(await this.#command.isReady(printed()))) {
      if (!this.#running) throw new Error(`${name} ended at its start:\n${tail(printed())}`);
      if (Date.now() > deadline) {
        await this.kill();
        throw new Error(`${name} is not ready after ${startTimeoutMs} ms:\n${tail(printed())}`);
      }
      await sleep(pollMs);
    }
  }

  /** Asks it to end, and kills it when it does not in time. Does nothing when it does not run. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    const limitMs = this.#command.stopTimeoutMs ?? defaultStopTimeoutMs;
    signalGroup(running.pid, 'SIGTERM');
    const timeout = new AbortController();
    await Promise.race([
      running.ended,
      sleep(limitMs, undefined, { signal: timeout.signal }).catch(() => {}),
    ]);
    timeout.abort();
    await this.kill();
  }

  /** As a crash of the machine would: no chance to say goodbye. Resolves when it has ended. */
  async kill(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    signalGroup(running.pid, 'SIGKILL');
    await running.ended;
  }

  async #launch(): Promise<Running> {
    const { executable, args, environment, workingDirectory, logFile } = this.#command;
    const log = openSync(logFile, 'a');
    const child = spawn(executable, args, {
      detached: true,
      cwd: workingDirectory,
      env: { ...process.env, ...environment },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const { pid } = child;
    if (pid === undefined) {
      throw await new Promise<Error>((resolve) => child.once('error', resolve));
    }
    const watchdog = this.#watch(pid);
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => {
        watchdog.kill('SIGKILL');
        this.#running = undefined;
        resolve();
      });
    });
    return { pid, watchdog, ended };
  }

  #watch(pid: number): ChildProcess {
    const args = ['-c', watchdogScript, 'watchdog', `${pid}`, this.#command.temporaryFolder ?? ''];
    const watchdog = spawn('/bin/sh', args, {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    watchdog.unref();
    return watchdog;
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

function tail(log: string): string {
  return log.trimEnd().split('\n').slice(-40).join('\n');
}
