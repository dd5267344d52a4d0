/** What is in `.env` at the root: the servers' versions and ports, which docker compose reads too. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

export interface ServerSettings {
  readonly kafkaVersion: string;
  readonly apicurioVersion: string;
  readonly cassandraVersion: string;
  /** For `npm run servers`; tests take free ports. */
  readonly kafkaPort: number;
  readonly registryPort: number;
  readonly cassandraPort: number;
}

export function serverSettings(): ServerSettings {
  const text = readFileSync(`${repositoryRoot}.env`, 'utf8');
  const setting = (name: string) => {
    const value = new RegExp(`^${name}=(\\S+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`.env says nothing of ${name}`);
    return value;
  };
  return {
    kafkaVersion: setting('KAFKA_VERSION'),
    apicurioVersion: setting('APICURIO_VERSION'),
    cassandraVersion: setting('CASSANDRA_VERSION'),
    kafkaPort: Number(setting('KAFKA_PORT')),
    registryPort: Number(setting('REGISTRY_PORT')),
    cassandraPort: Number(setting('CASSANDRA_PORT')),
  };
}
