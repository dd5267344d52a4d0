/** Makes the client's native part in a folder of its own: downloads a prebuilt one, or compiles. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compilerEnvironment, missingForCompiling, stripSymbols } from './compiler.ts';
import { clientFolder, faultOf, installPackages } from './installed-client.ts';

/**
 * Hands the client to `keep` when it is made, then removes it: compiling leaves 300 MB behind.
 *
 * @param project the folder with the client's package.json and lockfile
 */
export function makeNative(
  project: string,
  options: { readonly compile: boolean; readonly keep: (client: string) => void },
): void {
  const workshop = mkdtempSync(join(tmpdir(), 'millrace-kafka-client-'));
  try {
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
      copyFileSync(join(project, file), join(workshop, file));
    }
    installPackages(workshop);
    if (options.compile || !download(workshop)) compile(workshop);
    options.keep(clientFolder(workshop));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** False when there is none for this machine, or it cannot be had from here. */
function download(workshop: string): boolean {
  console.log('kafka:install: looking for a prebuilt client');
  const { status } = nodePreGyp(workshop, ['install'], process.env);
  const fault = status === 0 ? faultOf(workshop) : 'it cannot be downloaded';
  if (fault === undefined) return true;
  console.log(`kafka:install: no prebuilt client: ${fault}`);
  rmSync(join(clientFolder(workshop), 'build'), { recursive: true, force: true });
  return false;
}

function compile(workshop: string): void {
  const missing = missingForCompiling();
  if (missing !== undefined) throw new Error(missing);
  console.log('kafka:install: compiling the client, which takes a few minutes');
  const args = ['install', '--build-from-source'];
  const { status, output } = nodePreGyp(workshop, args, compilerEnvironment());
  const fault = status === 0 ? faultOf(workshop) : lastLines(output);
  if (fault !== undefined) throw new Error(`the client was compiled in vain: ${fault}`);
  stripSymbols(join(clientFolder(workshop), 'build'));
}

/** What the client's own install script runs. */
function nodePreGyp(workshop: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const program = join(workshop, 'node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: clientFolder(workshop),
    env,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  return { status, output: `${stdout}${stderr}` };
}

function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-40).join('\n');
}
