/** The shop as a process of its own, as `npm start` runs it: started, killed, started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface ShopOptions {
  readonly dataDirectory: string;
  /** Added to the environment, over the test's own settings. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What it plays of the shop. @defaultValue every role */
  readonly roles?: readonly string[];
  /** Where it listens. @defaultValue a free one */
  readonly port?: number;
  /** For Node itself, for instance `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
  /** How long to wait for `/readyz`. @defaultValue 120_000 */
  readonly readyWithinMs?: number;
}

export const admin = { email: 'admin@shop.example', password: 'correct-horse-battery' };

const command = join(import.meta.dirname, '../../cli/millrace.cjs');

export class ShopProcess {
  readonly #options: ShopOptions;
  #child: ChildProcess | undefined;
  #output = '';
  #hasToldReady = false;
  #port = 0;

  constructor(options: ShopOptions) {
    this.#options = options;
    this.#port = options.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** What the process printed, for the message of a failing test. */
  get output(): string {
    return this.#output;
  }

  get processId(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the shop is ready. The port stays the same over restarts. */
  async start(): Promise<void> {
    await this.#ready(await this.#spawn());
  }

  /** Starts it and kills it so soon, ready or not. */
  async startAndKill(afterMs: number): Promise<void> {
    await this.#spawn();
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await this.kill();
  }

  async #spawn(): Promise<ChildProcess> {
    const { nodeArguments = [], roles = [] } = this.#options;
    this.#port ||= await freePort();
    const child = spawn(process.execPath, [...nodeArguments, command, 'run', ...roles], {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        PORT: String(this.#port),
        MILLRACE_DATA: this.#options.dataDirectory,
        MILLRACE_ADMIN_EMAIL: admin.email,
        MILLRACE_ADMIN_PASSWORD: admin.password,
        ...this.#options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let told = '';
    this.#hasToldReady = false;
    const note = (chunk: Buffer) => {
      told += chunk.toString();
      this.#hasToldReady ||= told.includes('ready: http');
      this.#output = (this.#output + chunk.toString()).slice(-20_000);
    };
    child.stdout?.on('data', note);
    child.stderr?.on('data', note);
    return child;
  }

  /** As a power cut of the process: nothing is flushed, nobody is told. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** As an operator stops it: drains, commits, ends. Answers the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? 0;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  async #ready(child: ChildProcess): Promise<void> {
    const deadlineMs = Date.now() + (this.#options.readyWithinMs ?? 120_000);
    while (Date.now() < deadlineMs) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the shop ended before it was ready:\n${this.#output}`);
      // While this shop was down another process may have taken its port: only its own word counts.
      if (this.#hasToldReady) {
        const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
        if (answer?.ok) return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the shop was not ready in time:\n${this.#output}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
