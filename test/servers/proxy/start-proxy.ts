/** The proxy in front of a shop of many processes, from Debian's package, with the configuration of docker-compose.yml. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../free-ports.ts';
import { ServerProcess } from '../server-process.ts';
import { type ProxyPorts, proxyConfiguration } from './proxy-configuration.ts';

const executable = 'haproxy';

export interface ProxyServer {
  /** Where the shop is. */
  readonly url: string;
  /** Where the proxy answers about itself: `/healthz`, `/metrics`. */
  readonly ownUrl: string;
  stop(): Promise<void>;
}

/**
 * Resolves when it listens, which says nothing of the servers behind it.
 *
 * @throws Error that says what to install, or with the end of its log.
 */
export async function startProxy(servers: ProxyPorts['servers']): Promise<ProxyServer> {
  await requireInstalled();
  const [port = 0, ownPort = 0] = await freePorts(2);
  const directory = mkdtempSync(join(tmpdir(), 'millrace-proxy-'));
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(file, proxyConfiguration({ port, ownPort, servers }));
  const ownUrl = `http://127.0.0.1:${ownPort}`;
  const server = new ServerProcess({
    name: 'HAProxy',
    executable,
    args: ['-db', '-f', file],
    logFile: join(directory, 'haproxy.log'),
    // 503 as long as nobody is ready behind it.
    isReady: () =>
      fetch(`${ownUrl}/healthz`).then(
        () => true,
        () => false,
      ),
    temporaryFolder: directory,
  });
  const stop = async () => {
    await server.kill();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, ownUrl, stop };
}

async function requireInstalled(): Promise<void> {
  try {
    await promisify(execFile)(executable, ['-v']);
  } catch (error) {
    throw new Error(`there is no '${executable}': install Debian's package haproxy`, {
      cause: error,
    });
  }
}
