/** A program that runs apart: started, listened to, told to end, or killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { EngineCommand } from './engines.ts';
import { type ProcessFigures, processFigures } from './process-figures.ts';

/** One line that a program wrote: what happened, when, and figures of its own. */
export interface EngineEvent {
  readonly event: string;
  readonly atMs: number;
  readonly [figure: string]: string | number;
}

const endsWithinMs = 90_000;
const shownOnFailure = 4_000;

export class EngineProcess {
  readonly startedMs = Date.now();
  readonly #child: ChildProcess;
  readonly #events: EngineEvent[] = [];
  readonly #ended: Promise<void>;
  #errors = '';
  #hasEnded = false;
  #told = false;
  #waiting: (() => void)[] = [];

  constructor({ command, directory }: EngineCommand, options: Readonly<Record<string, unknown>>) {
    const [program = '', ...first] = command;
    const named = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    this.#child = spawn(program, [...first, ...named], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('the program has no output');
    createInterface({ input: stdout }).on('line', (line) => this.#take(line));
    stderr.on('data', (chunk) => {
      this.#errors = (this.#errors + chunk).slice(-shownOnFailure);
    });
    this.#ended = new Promise((resolve) => {
      const end = () => {
        this.#hasEnded = true;
        this.#wake();
        resolve();
      };
      this.#child.once('exit', end);
      this.#child.once('error', (error) => {
        this.#errors += error.message;
        end();
      });
    });
  }

  /** As of now, with all children. */
  get figures(): ProcessFigures {
    return processFigures(this.#child.pid as number);
  }

  /** The first event that `wanted` accepts, past or to come; rejects when the program ends first. */
  async event(wanted: (event: EngineEvent) => boolean): Promise<EngineEvent> {
    while (true) {
      const found = this.#events.find(wanted);
      if (found !== undefined) return found;
      if (this.#hasEnded) throw this.#failure('ended too early');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  named(name: string): Promise<EngineEvent> {
    return this.event(({ event }) => event === name);
  }

  /** Rejects when the program ends before it is told to: race it against what is waited for. */
  async untilFailure(): Promise<never> {
    await this.#ended;
    if (this.#told) return new Promise<never>(() => undefined);
    throw this.#failure('ended by itself');
  }

  /** Lets it commit, leave its group and end. */
  async terminate(): Promise<void> {
    this.#told = true;
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), endsWithinMs);
    await this.#ended;
    clearTimeout(late);
    if (this.#child.signalCode === 'SIGKILL') throw this.#failure('did not end when told to');
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#told = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #take(line: string): void {
    if (!line.startsWith('{')) return;
    this.#events.push(JSON.parse(line) as EngineEvent);
    this.#wake();
  }

  #wake(): void {
    for (const look of this.#waiting.splice(0)) look();
  }

  #failure(what: string): Error {
    const { spawnfile, exitCode, signalCode } = this.#child;
    return new Error(`${spawnfile} ${what} (${signalCode ?? exitCode}):\n${this.#errors}`);
  }
}
