/** Ports for servers that may be stopped and started again at the same address. */
import { createServer, type Server } from 'node:net';

/**
 * Below the ports that Linux and macOS give to outgoing connections. A client that keeps trying the
 * port of a stopped server could be given that very port for its own end: it would then be connected
 * to itself, and the server could not come back.
 */
const lowest = 20_000;
const highest = 32_000;

/** Distinct ports of 127.0.0.1 on which nobody listens. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  try {
    const ports: number[] = [];
    while (ports.length < count) {
      const port = lowest + Math.floor(Math.random() * (highest - lowest));
      const server = await listen(port);
      if (server === undefined) continue;
      held.push(server);
      ports.push(port);
    }
    return ports;
  } finally {
    await Promise.all(held.map(close));
  }
}

/** Fails when somebody listens there already, whom we would take for the server that we start. */
export async function requireFree(port: number): Promise<void> {
  const server = await listen(port);
  if (server === undefined) throw new Error(`port ${port} of 127.0.0.1 is in use`);
  await close(server);
}

/** Undefined when the port is taken. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server): Promise<unknown> {
  return new Promise((done) => server.close(done));
}
