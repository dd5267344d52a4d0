/** The servers' files, fetched by Maven into `.cache/servers` and kept there by version. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { oneAtATime } from './one-at-a-time.ts';
import { repositoryRoot, serverVersions } from './versions.ts';

const cache = join(repositoryRoot, '.cache/servers');
const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

/** A folder with the jars of Kafka's broker and of all that it needs. */
export function kafkaJars(): Promise<string> {
  const { KAFKA_VERSION: version } = serverVersions();
  const pom = fileURLToPath(new URL('./kafka/pom.xml', import.meta.url));
  return fetchOnce(`kafka-${version}`, (folder) => [
    `${dependencyPlugin}:copy-dependencies`,
    `--file=${pom}`,
    '-DincludeScope=runtime',
    `-Dkafka.version=${version}`,
    `-DoutputDirectory=${folder}`,
  ]);
}

/** A folder with Apicurio Registry as it is released; its `quarkus-run.jar` starts it. */
export function registryApplication(): Promise<string> {
  const { APICURIO_VERSION: version } = serverVersions();
  return fetchOnce(`apicurio-${version}`, (folder) => [
    `${dependencyPlugin}:unpack`,
    `-Dartifact=io.apicurio:apicurio-registry-app:${version}:tar.gz:all`,
    `-DoutputDirectory=${folder}`,
  ]);
}

/** A folder that is there is complete: it was fetched under another name. */
async function fetchOnce(
  name: string,
  goal: (folder: string) => readonly string[],
): Promise<string> {
  const complete = join(cache, name);
  if (existsSync(complete)) return complete;
  mkdirSync(cache, { recursive: true });
  await oneAtATime(`${complete}.lock`, async () => {
    if (existsSync(complete)) return;
    const partial = mkdtempSync(`${complete}.partial-`);
    try {
      await runMaven(name, goal(partial));
      if (!existsSync(complete)) renameSync(partial, complete);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  });
  return complete;
}

async function runMaven(name: string, goal: readonly string[]): Promise<void> {
  const options = ['--batch-mode', '--no-transfer-progress', '--quiet'];
  try {
    // In the cache, since a pom.xml of the current folder would be taken for the project.
    await promisify(execFile)('mvn', [...options, ...goal], { cwd: cache });
  } catch (error) {
    const { code, stdout = '' } = error as { code?: unknown; stdout?: string };
    const remedy = code === 'ENOENT' ? 'install Maven (`mvn`) and a JDK' : stdout.trim();
    throw new Error(`cannot fetch ${name} from Maven Central: ${remedy}`, { cause: error });
  }
}
