/** What compiling the client needs of the machine. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Need {
  readonly what: string;
  /** Debian's package. */
  readonly package: string;
  isThere(): boolean;
}

const needs: readonly Need[] = [
  tool('c++', 'build-essential'),
  tool('make', 'build-essential'),
  tool('python3', 'python3'),
  header('openssl/ssl.h', 'libssl-dev'),
  header('zlib.h', 'zlib1g-dev'),
  header('zstd.h', 'libzstd-dev'),
];

/** A message that names what is missing and how to get it; undefined when nothing is. */
export function missingForCompiling(): string | undefined {
  if (process.platform !== 'linux') {
    return 'there is no prebuilt client, and we know how to compile it on Linux only';
  }
  const missing = needs.filter((need) => !need.isThere());
  if (missing.length === 0) return undefined;
  const packages = new Set(missing.map((need) => need.package));
  return (
    `the client has to be compiled, and this machine has no ${list(missing)}. ` +
    `On Debian: apt-get install ${[...packages].join(' ')}`
  );
}

/**
 * librdkafka is linked with the libraries of this machine, since its default, to compile them all,
 * downloads their sources. Its build breaks when make is told to run jobs side by side.
 */
export function compilerEnvironment(): NodeJS.ProcessEnv {
  const { JOBS: _jobs, MAKEFLAGS: _flags, ...environment } = process.env;
  return { ...nodeHeaders(), ...environment, CKJS_LINKING: 'dynamic' };
}

/** A compiled library is ten times as large with the symbols that only a debugger reads. */
export function stripSymbols(build: string): void {
  const files = ['Release', 'deps'].flatMap((folder) =>
    readdirSync(join(build, folder)).map((name) => join(build, folder, name)),
  );
  const libraries = files.filter((file) => /\.node$|\.so\.\d+$/.test(file));
  spawnSync('strip', ['--strip-unneeded', ...libraries], { stdio: 'inherit' });
}

/** Node's headers, where they came with Node; node-gyp would download them. */
function nodeHeaders(): NodeJS.ProcessEnv {
  const prefix = dirname(dirname(process.execPath));
  const isThere = existsSync(join(prefix, 'include/node/node.h'));
  return isThere ? { npm_config_nodedir: prefix } : {};
}

function tool(name: string, debianPackage: string): Need {
  const isThere = () => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0;
  return { what: `\`${name}\``, package: debianPackage, isThere };
}

function header(name: string, debianPackage: string): Need {
  const input = `#include <${name}>\n`;
  const isThere = () => spawnSync('c++', ['-E', '-x', 'c++', '-'], { input }).status === 0;
  return { what: `<${name}>`, package: debianPackage, isThere };
}

function list(needed: readonly Need[]): string {
  return needed.map(({ what }) => what).join(', ');
}
