/** Finds a Java that is new enough: servers differ in what they need, machines in what they have. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folders that hold one folder for each Java: Debian's and Fedora's, macOS's, SDKMAN's. */
const installations = [
  { folder: '/usr/lib/jvm', executable: 'bin/java' },
  { folder: '/Library/Java/JavaVirtualMachines', executable: 'Contents/Home/bin/java' },
  { folder: join(homedir(), '.sdkman/candidates/java'), executable: 'bin/java' },
];

/**
 * The path of a `java` of at least this major version, and of at most `maximum`. JAVA_HOME comes
 * first, then the one on the path, then whatever is installed.
 */
export function findJava(minimum: number, server: string, maximum?: number): string {
  for (const java of candidates()) {
    const version = majorVersion(java);
    if (version >= minimum && version <= (maximum ?? version)) return java;
  }
  const range = maximum === undefined ? `${minimum} or newer` : `${minimum} to ${maximum}`;
  throw new Error(
    `${server} needs Java ${range}, and there is none. Install a JDK, for instance ` +
      `openjdk-${maximum ?? minimum}-jre-headless on Debian, or set JAVA_HOME to one.`,
  );
}

/** As `findJava`, of one that can run a program from its source: the `jdk.compiler` is with it. */
export function findJdk(minimum: number, server: string): string {
  for (const java of candidates()) {
    if (majorVersion(java) >= minimum && hasCompiler(java)) return java;
  }
  throw new Error(
    `${server} needs a JDK ${minimum} or newer, with a compiler, and there is none. Install one, for ` +
      `instance default-jdk-headless on Debian, or set JAVA_HOME to one.`,
  );
}

function hasCompiler(java: string): boolean {
  const { stdout } = spawnSync(java, ['--list-modules'], { encoding: 'utf8' });
  return (stdout ?? '').includes('jdk.compiler');
}

function* candidates(): Generator<string> {
  const { JAVA_HOME: home } = process.env;
  if (home) yield join(home, 'bin/java');
  yield 'java';
  for (const { folder, executable } of installations) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder).sort()) yield join(folder, name, executable);
  }
}

/** 0 when it cannot be run. */
function majorVersion(java: string): number {
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
}
