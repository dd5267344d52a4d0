/**
 * Stands between a client and a server on 127.0.0.1 and can make the network bad: slow, hung, cut.
 * What it has taken it delivers, in order, unless the connection is cut.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { freePorts } from './free-ports.ts';

/** Both ends of one connection. */
interface Way {
  readonly near: Socket;
  readonly far: Socket;
}

export class TcpProxy {
  /** How long bytes are under way in each direction, in milliseconds, of what is taken from now on. */
  delayMs = 0;
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #ways = new Set<Way>();
  #hung: { readonly ends: Promise<void>; readonly end: () => void } | undefined;

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((near) => this.#accept(near));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#ways.size;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** From now on nothing arrives on either side, and no connection breaks: as a host that hangs. */
  hang(): void {
    if (this.#hung !== undefined) return;
    let end = () => {};
    const ends = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#hung = { ends, end };
  }

  /** What was held up arrives, and all that comes after it. */
  goOn(): void {
    this.#hung?.end();
    this.#hung = undefined;
  }

  /** Breaks every connection, with what is under way. New ones are taken. */
  cut(): void {
    for (const way of this.#ways) {
      way.near.resetAndDestroy();
      way.far.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    this.goOn();
    this.cut();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #accept(near: Socket): void {
    const far = connect(this.#targetPort, '127.0.0.1');
    const way = { near, far };
    this.#ways.add(way);
    this.#forward(near, far);
    this.#forward(far, near);
    const end = () => {
      this.#ways.delete(way);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', () => {}); // It closes then.
      socket.on('close', end);
    }
  }

  #forward(from: Socket, to: Socket): void {
    let before: Promise<void> = Promise.resolve();
    from.on('data', (bytes) => {
      const atMs = performance.now() + this.delayMs;
      before = before.then(() => this.#arrive(to, bytes, atMs));
    });
  }

  async #arrive(to: Socket, bytes: Buffer, atMs: number): Promise<void> {
    const leftMs = atMs - performance.now();
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
    while (this.#hung !== undefined) await this.#hung.ends;
    if (!to.destroyed) to.write(bytes);
  }
}

/** A proxy on a free port, of `targetPort`. */
export async function openTcpProxy(targetPort: number): Promise<TcpProxy> {
  const [port = 0] = await freePorts(1);
  const proxy = new TcpProxy(targetPort);
  await proxy.listen(port);
  return proxy;
}
