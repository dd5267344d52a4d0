/** The proxy's configuration for a machine without Docker: fixed addresses in the place of names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../server-settings.ts';

export const proxyConfigurationFile = join(repositoryRoot, 'serving/gateway/haproxy.cfg');

/** The backends of the configuration, which are named like the services of docker-compose.yml. */
export type Backend = 'serving' | 'inbound' | 'sandbox';

export interface ProxyPorts {
  /** Where the shop is. */
  readonly port: number;
  /** Where the proxy answers about itself. */
  readonly ownPort: number;
  /** Ports of this machine by backend; one without any has no server. */
  readonly servers: Readonly<Record<Backend, readonly number[]>>;
}

const template =
  /^( *)server-template (\S+?)- \d+ (\w+):\d+(.*?) resolvers docker init-addr none$/gm;

/** @throws Error naming the backend that has more servers here than the configuration allows for. */
export function proxyConfiguration({ port, ownPort, servers }: ProxyPorts): string {
  return readFileSync(proxyConfigurationFile, 'utf8')
    .replace(/^( *)bind :8080$/m, `$1bind 127.0.0.1:${port}`)
    .replace(/^( *)bind :8404$/m, `$1bind 127.0.0.1:${ownPort}`)
    .replace(template, (line, indent: string, name: string, service: Backend, options: string) => {
      const [, places] = /server-template \S+ (\d+)/.exec(line) ?? [];
      const ports = servers[service];
      if (ports.length > Number(places)) throw new Error(`${service} has ${places} places at most`);
      return ports
        .map((one, i) => `${indent}server ${name}-${i + 1} 127.0.0.1:${one}${options}`)
        .join('\n');
    });
}
