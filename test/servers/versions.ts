/** The servers' versions: one list, in `.env` at the root, which docker compose reads by itself. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

export type ServerVersion = 'KAFKA_VERSION' | 'APICURIO_VERSION';

export function serverVersions(): Readonly<Record<ServerVersion, string>> {
  const text = readFileSync(`${repositoryRoot}.env`, 'utf8');
  return {
    KAFKA_VERSION: versionIn(text, 'KAFKA_VERSION'),
    APICURIO_VERSION: versionIn(text, 'APICURIO_VERSION'),
  };
}

function versionIn(text: string, name: ServerVersion): string {
  const version = new RegExp(`^${name}=(\\S+)$`, 'm').exec(text)?.[1];
  if (version === undefined) throw new Error(`.env names no ${name}`);
  return version;
}
