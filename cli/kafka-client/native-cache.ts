/**
 * Where the client's native part is kept, by everything that it depends on: its own version, Node's
 * binary interface, the platform and the C library.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export interface NativeCache {
  readonly folder: string;
  has(): boolean;
  /** Puts what is kept into a client. */
  restore(client: string): void;
  /** Keeps what a client has. */
  keep(client: string): void;
}

/** What of the client's `build/` is needed to load it; librdkafka is beside it when it is shared. */
const kept = /^(Release|deps)$|^Release\/[^/]+\.node$|^deps\/librdkafka[^/]*\.so[^/]*$/;

export function nativeCache(clientVersion: string): NativeCache {
  const folder = join(cacheRoot(), 'millrace/kafka-client', machineKind(clientVersion));
  return {
    folder,
    has: () => existsSync(folder),
    restore: (client) => cpSync(folder, join(client, 'build'), copyOptions),
    keep(client) {
      mkdirSync(dirname(folder), { recursive: true });
      const partial = mkdtempSync(`${folder}.partial-`);
      const build = join(client, 'build');
      cpSync(build, partial, {
        ...copyOptions,
        filter: (path) => path === build || kept.test(path.slice(build.length + 1)),
      });
      rmSync(folder, { recursive: true, force: true });
      renameSync(partial, folder);
    },
  };
}

const copyOptions = { recursive: true, verbatimSymlinks: true, force: true } as const;

function cacheRoot(): string {
  const { XDG_CACHE_HOME: configured } = process.env;
  return configured || join(homedir(), '.cache');
}

function machineKind(clientVersion: string): string {
  const abi = process.versions.modules;
  return `${clientVersion}-node${abi}-${process.platform}-${process.arch}-${libc()}`;
}

function libc(): string {
  if (process.platform !== 'linux') return 'system';
  const { header } = process.report.getReport() as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  return header.glibcVersionRuntime === undefined ? 'musl' : `glibc${header.glibcVersionRuntime}`;
}
