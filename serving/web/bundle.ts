/**
 * The browser's code: TypeScript and CSS bundled once a process, in memory, and compressed once.
 * Names carry a hash of the content, so a browser may keep a file for ever.
 */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build, type OutputFile } from 'esbuild';

export interface Asset {
  /** Below /assets/: `storefront-3F2A91C0.js`. */
  readonly name: string;
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly brotli: Buffer;
  readonly gzip: Buffer;
}

export type PageName = 'storefront' | 'dashboard';

export interface Bundle {
  readonly assets: ReadonlyMap<string, Asset>;
  /** The names of a page's script and style sheet. */
  readonly pages: Readonly<Record<PageName, { readonly script: string; readonly style: string }>>;
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

let bundled: Promise<Bundle> | undefined;

/** The same bundle each time it is asked for: the files do not change while the shop runs. */
export function bundle(): Promise<Bundle> {
  bundled ??= buildBundle();
  return bundled;
}

async function buildBundle(): Promise<Bundle> {
  const { outputFiles } = await build({
    absWorkingDir: FOLDER,
    entryPoints: {
      storefront: 'storefront/main.tsx',
      dashboard: 'dashboard/main.tsx',
      'storefront-style': 'storefront/styles/storefront.css',
      'dashboard-style': 'dashboard/dashboard.css',
    },
    entryNames: '[name]-[hash]',
    outdir: 'assets',
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
    // One place says how the browser's code compiles; the server's tsconfig does not.
    tsconfig: 'tsconfig.json',
  });
  const assets = new Map<string, Asset>();
  for (const file of outputFiles) {
    const asset = await assetOf(file);
    assets.set(asset.name, asset);
  }
  const named = (start: string, type: string): string => {
    const name = [...assets.keys()].find(
      (key) => key.startsWith(`${start}-`) && key.endsWith(type),
    );
    if (name === undefined) throw new Error(`the bundle has no ${start}${type}`);
    return name;
  };
  const page = (name: PageName) => ({
    script: named(name, '.js'),
    style: named(`${name}-style`, '.css'),
  });
  return { assets, pages: { storefront: page('storefront'), dashboard: page('dashboard') } };
}

async function assetOf(file: OutputFile): Promise<Asset> {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  return compressed(name, type, Buffer.from(file.contents));
}

/** Compressed as hard as can be: it is done once and sent many times. */
export async function compressed(name: string, type: string, plain: Buffer): Promise<Asset> {
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return {
    name,
    type,
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    plain,
    brotli: await promisify(brotliCompress)(plain, { params: quality }),
    gzip: await promisify(gzip)(plain, { level: constants.Z_BEST_COMPRESSION }),
  };
}
