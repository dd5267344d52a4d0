/** A member as a test sees it: started, told, stopped, killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { MemberOptions, MemberReport, ToMember } from './member-messages.ts';

const program = join(import.meta.dirname, 'member-program.ts');

const silence: MemberReport = { state: 'created', tasks: [], restoredRecords: 0, standbys: [] };

export class MemberProcess {
  readonly #child: ChildProcess;
  #report = silence;

  /** What it prints goes to a file beside its state. */
  constructor(options: MemberOptions) {
    const log = openSync(`${options.stateDirectory}.log`, 'a');
    const args = ['--import', 'tsx', program, JSON.stringify(options)];
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', log, log, 'ipc'] });
    closeSync(log);
    this.#child.on('message', (report: MemberReport) => {
      this.#report = report;
    });
  }

  /** As it last told. */
  get report(): MemberReport {
    return this.#report;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** It writes down copies from now on. */
  letGo(): void {
    this.#child.send({ type: 'let go' } satisfies ToMember);
  }

  /** Commits, leaves the group, ends. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Nothing is flushed, nobody is told. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.hasEnded) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
    this.#report = { ...silence, state: 'ended' };
  }
}
