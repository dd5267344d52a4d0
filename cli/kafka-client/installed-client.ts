/** The client as npm lays it out in its folder, without its native part, and whether it loads. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const packageName = '@confluentinc/kafka-javascript';

/** What Millrace uses of librdkafka; a client that was compiled without would fail much later. */
const neededFeatures = ['ssl', 'sasl_plain', 'sasl_scram', 'gzip', 'snappy', 'lz4', 'zstd'];

/** The version that the project asks for. */
export function wantedVersion(project: string): string {
  const { dependencies } = readJson(join(project, 'package.json'));
  return dependencies[packageName];
}

/** Undefined when none is installed. */
export function installedVersion(project: string): string | undefined {
  const file = join(clientFolder(project), 'package.json');
  return existsSync(file) ? readJson(file).version : undefined;
}

export function clientFolder(project: string): string {
  return join(project, 'node_modules', packageName);
}

/**
 * The packages only. Install scripts differ between versions of npm in whether they run; what the
 * client's would do is done by us.
 */
export function installPackages(project: string): void {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { error, status } = spawnSync('npm', args, {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (error || status !== 0) throw new Error(`npm ci failed in ${project}`, { cause: error });
}

/** Undefined when the client loads and has all that we need, else what is wrong. */
export function faultOf(project: string): string | undefined {
  if (!existsSync(join(clientFolder(project), 'build'))) return 'it is not there';
  const program = 'console.log(require(process.argv[1]).features.join())';
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['-e', program, clientFolder(project)],
    { encoding: 'utf8' },
  );
  if (status !== 0)
    return (
      stderr
        .trim()
        .split('\n')
        .find((line) => /Error/.test(line)) ?? stderr
    );
  const features = stdout.trim().split(',');
  const missing = neededFeatures.filter((feature) => !features.includes(feature));
  return missing.length === 0 ? undefined : `it was compiled without ${missing.join(', ')}`;
}

function readJson(file: string) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
