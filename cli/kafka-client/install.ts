/**
 * `npm run kafka:install`: puts the native Kafka client into `streams/log/kafka/client/`.
 *
 * npm installs its packages. Its native part comes from the user's cache; when it is not there, a
 * prebuilt one is downloaded, or it is compiled, and then kept.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  clientFolder,
  faultOf,
  installedVersion,
  installPackages,
  wantedVersion,
} from './installed-client.ts';
import { makeNative } from './make-native.ts';
import { type NativeCache, nativeCache } from './native-cache.ts';

const help = `npm run kafka:install [-- --compile]

  --compile  compile the client, even if one is installed, kept or to be downloaded`;

const project = fileURLToPath(new URL('../../streams/log/kafka/client', import.meta.url));

/** What was done, in words. */
function install(compile: boolean): string {
  const version = wantedVersion(project);
  if (!compile && installedVersion(project) === version && faultOf(project) === undefined) {
    return `the Kafka client ${version} is there already`;
  }
  const cache = nativeCache(version);
  installPackages(project);
  if (compile || !takeKept(cache)) {
    makeNative(project, { compile, keep: cache.keep });
    cache.restore(clientFolder(project));
  }
  const fault = faultOf(project);
  if (fault !== undefined) throw new Error(`the Kafka client is installed, but ${fault}`);
  return `the Kafka client ${version} is installed`;
}

/** False when nothing is kept, or it does not load any more: a library of the system has changed. */
function takeKept(cache: NativeCache): boolean {
  if (!cache.has()) return false;
  cache.restore(clientFolder(project));
  return faultOf(project) === undefined;
}

try {
  const { values } = parseArgs({
    options: { compile: { type: 'boolean', default: false }, help: { type: 'boolean' } },
  });
  console.log(values.help ? help : `kafka:install: ${install(values.compile)}`);
} catch (error) {
  console.error(`kafka:install: ${(error as Error).message}`);
  process.exitCode = 1;
}
