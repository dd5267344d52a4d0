/** An instance as seen from outside: started, killed, frozen, stopped, started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApplicationState } from '#streams';
import type { FromInstance, InstanceOptions, ToInstance } from './instance-messages.ts';

export interface InstanceSurroundings extends Omit<InstanceOptions, 'stateDirectory'> {
  /** Holds its state and what it prints. */
  readonly folder: string;
  /** Told when it ends or fails and nobody has asked it to. */
  readonly onFault: (fault: string) => void;
}

const program = join(import.meta.dirname, 'instance.ts');
/** Longer than a commit may take while a broker is away. */
const stopsWithinMs = 60_000;
const answersWithinMs = 10_000;
const lookMs = 100;

export class InstanceProcess {
  readonly name: string;
  readonly logFile: string;
  readonly #surroundings: InstanceSurroundings;
  readonly #stateDirectory: string;
  #child: ChildProcess | undefined;
  #state: ApplicationState | undefined;
  #isFrozen = false;
  /** The one that was asked to stop and has told that all is closed. */
  #hasEnded: ChildProcess | undefined;
  #answered: (answer: FromInstance) => void = () => {};
  starts = 0;

  constructor(surroundings: InstanceSurroundings) {
    const { name, folder } = surroundings;
    this.name = name;
    this.logFile = join(folder, `${name}.log`);
    this.#stateDirectory = join(folder, name);
    this.#surroundings = surroundings;
  }

  get isUp(): boolean {
    return this.#child !== undefined;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** As it last told; undefined when it does not run or has not told yet. */
  get state(): ApplicationState | undefined {
    return this.#state;
  }

  /** Does not wait for anything: ask for `state`. */
  start(): void {
    if (this.#child) throw new Error(`${this.name} runs already`);
    const { folder, ...options } = this.#surroundings;
    const { name, bootstrapServers, variant, withoutRebalanceCallback } = options;
    const argument: InstanceOptions = {
      ...{ name, bootstrapServers, variant, withoutRebalanceCallback },
      stateDirectory: this.#stateDirectory,
    };
    mkdirSync(folder, { recursive: true });
    const log = openSync(this.logFile, 'a');
    const args = ['--import', 'tsx', program, JSON.stringify(argument)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
    this.starts += 1;
    this.#child = child;
    child.on('message', (message: FromInstance) => this.#heard(child, message));
    child.once('exit', () => {
      if (this.#child !== child) return;
      this.#gone();
      this.#endedByItself(child);
    });
  }

  /** Nothing is flushed, nobody is told. What had ended by itself a moment before is a fault. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#gone();
    await ended(child, 'SIGKILL');
    if (child.signalCode !== 'SIGKILL') this.#endedByItself(child);
  }

  /** As a machine that stalls: it knows nothing of it afterwards. */
  freeze(): void {
    this.#isFrozen = true;
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#child?.kill('SIGCONT');
  }

  /** As an operator stops it: commits, leaves the group, ends. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const { onFault } = this.#surroundings;
    this.#gone();
    const late = new AbortController();
    const isInTime = await Promise.race([
      ended(child, 'SIGTERM').then(() => true),
      sleep(stopsWithinMs, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    if (!isInTime) {
      onFault(`${this.name} did not end ${stopsWithinMs} ms after it was asked to`);
      await ended(child, 'SIGKILL');
    } else if (
      child.exitCode !== 0 &&
      child.signalCode !== 'SIGTERM' &&
      !(child.signalCode === 'SIGKILL' && this.#hasEnded === child)
    ) {
      // By the signal itself it ends when it had not even begun to listen.
      onFault(
        `${this.name} was asked to stop and ended with ${child.signalCode ?? child.exitCode}`,
      );
    }
  }

  /** As a new disk. Only while it does not run. */
  forgetState(): void {
    rmSync(this.#stateDirectory, { recursive: true, force: true });
  }

  async isRunning(withinMs: number): Promise<boolean> {
    const untilMs = Date.now() + withinMs;
    while (this.#state !== 'running' && Date.now() < untilMs) await sleep(lookMs);
    return this.#state === 'running';
  }

  /** What its own stores say, by key; nothing while they cannot be read. */
  async counts(): Promise<ReadonlyMap<string, number>> {
    const answer = new Promise<FromInstance>((resolve) => {
      this.#answered = resolve;
    });
    this.#child?.send({ type: 'count' } satisfies ToInstance);
    const late = sleep(answersWithinMs, undefined, { ref: false });
    const said = await Promise.race([answer, late]);
    return new Map(said?.type === 'counts' ? said.counts : []);
  }

  #heard(child: ChildProcess, message: FromInstance): void {
    if (message.type === 'ended') this.#hasEnded = child;
    if (this.#child !== child) return;
    if (message.type === 'state') this.#state = message.state;
    else if (message.type === 'failed') {
      this.#surroundings.onFault(`${this.name} has failed: ${message.cause}`);
    } else if (message.type !== 'ended') this.#answered(message);
  }

  #endedByItself({ exitCode, signalCode }: ChildProcess): void {
    const how = signalCode === null ? `with ${exitCode}` : `by ${signalCode}, which nobody sent`;
    this.#surroundings.onFault(`${this.name} ended ${how}; see ${this.logFile}`);
  }

  #gone(): void {
    this.#child = undefined;
    this.#state = undefined;
    this.#isFrozen = false;
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}
