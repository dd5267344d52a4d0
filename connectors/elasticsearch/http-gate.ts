/**
 * Stands between a process and Elasticsearch, and can hold or lose its requests one by one: what
 * two processes do to each other depends on which request comes between which.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request: it may be waited for, and is lost when this rejects. */
type Decision = (count: number) => Promise<void> | void;

export class HttpGate {
  readonly #target: string;
  readonly #server = createServer((incoming, outgoing) => void this.#take(incoming, outgoing));
  #decide: Decision = () => {};
  #count = 0;

  private constructor(target: string) {
    this.#target = target;
  }

  static async open(target: string): Promise<HttpGate> {
    const gate = new HttpGate(target);
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests since the last decision was set. */
  get count(): number {
    return this.#count;
  }

  /** Counts from 1. */
  decide(decision: Decision): void {
    this.#count = 0;
    this.#decide = decision;
  }

  /** Holds the request with this number, and all after it. */
  holdFrom(number: number): { readonly reached: Promise<void>; readonly release: () => void } {
    let reach = () => {};
    let release = () => {};
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.decide((count) => {
      if (count < number) return;
      reach();
      return released;
    });
    return { reached, release };
  }

  /** Loses the request with this number and all after it, as when the process dies before them. */
  loseFrom(number: number): void {
    this.decide((count) => {
      if (count >= number) throw new Error('lost');
    });
  }

  async close(): Promise<void> {
    this.decide(() => {});
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body: Buffer[] = [];
    for await (const part of incoming) body.push(part as Buffer);
    this.#count += 1;
    try {
      await this.#decide(this.#count);
    } catch {
      incoming.socket.destroy();
      return;
    }
    const { method, headers, url = '/' } = incoming;
    const forwarded = request(new URL(url, this.#target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => incoming.socket.destroy());
    forwarded.end(Buffer.concat(body));
  }
}
