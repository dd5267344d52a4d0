/** Asks the page itself what is wrong with it: the checks of page/faults.ts run inside it. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';

let compiled: Promise<string> | undefined;

/** Every fault of the page as it is now, in words; none when it is good. */
export async function faultsOf(page: Page): Promise<string[]> {
  compiled ??= compile();
  const faults = await page.evaluate<string[]>(`${await compiled};pageFaults.faultsInPage()`);
  return faults.map((fault) => `${new URL(page.url()).pathname}: ${fault}`);
}

async function compile(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page/faults.ts', import.meta.url))],
    bundle: true,
    format: 'iife',
    globalName: 'pageFaults',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}
