/** The servers' files, fetched by Maven into `.cache/servers` and kept there by version. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { oneAtATime } from './one-at-a-time.ts';
import { repositoryRoot, serverSettings } from './server-settings.ts';

const cache = join(repositoryRoot, '.cache/servers');
const dependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

/** A folder with the jars of Kafka's broker and of all that it needs. */
export function kafkaJars(): Promise<string> {
  const { kafkaVersion: version } = serverSettings();
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
  const { apicurioVersion: version } = serverSettings();
  return fetchOnce(`apicurio-${version}`, (folder) => [
    `${dependencyPlugin}:unpack`,
    `-Dartifact=io.apicurio:apicurio-registry-app:${version}:tar.gz:all`,
    `-DoutputDirectory=${folder}`,
  ]);
}

/** A folder with the jars of Cassandra and of all that it needs. */
export function cassandraJars(): Promise<string> {
  const { cassandraVersion: version } = serverSettings();
  const pom = fileURLToPath(new URL('./cassandra/pom.xml', import.meta.url));
  return fetchOnce(`cassandra-${version}`, (folder) => [
    `${dependencyPlugin}:copy-dependencies`,
    `--file=${pom}`,
    '-DincludeScope=runtime',
    `-Dcassandra.version=${version}`,
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
    const workshop = mkdtempSync(`${complete}.partial-`);
    try {
      await runMaven(name, goal(join(workshop, 'files')), workshop);
      if (!existsSync(complete)) renameSync(join(workshop, 'files'), complete);
    } finally {
      rmSync(workshop, { recursive: true, force: true });
    }
  });
  return complete;
}

/** Where it runs must hold no pom.xml, which it would take for the project; it leaves marks there. */
async function runMaven(name: string, goal: readonly string[], cwd: string): Promise<void> {
  const options = ['--batch-mode', '--no-transfer-progress', '--quiet'];
  try {
    await promisify(execFile)('mvn', [...options, ...goal], { cwd });
  } catch (error) {
    const { code, stdout = '' } = error as { code?: unknown; stdout?: string };
    const remedy = code === 'ENOENT' ? 'install Maven (`mvn`) and a JDK' : stdout.trim();
    throw new Error(`cannot fetch ${name} from Maven Central: ${remedy}`, { cause: error });
  }
}
