/** A shop in a directory of its own, for a command that tries to break it; and how such a command ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ShopClient } from '../journey/shop-client.ts';
import { admin, ShopProcess } from '../journey/shop-process.ts';
import { type Profile, type ShopServers, startShopServers } from '../servers/shop-servers.ts';

export interface ChaosShop {
  readonly shop: ShopProcess;
  readonly dataDirectory: string;
  /** For other commands of `millrace`, on the data of this shop. */
  readonly environment: Readonly<Record<string, string>>;
  readonly servers: ShopServers;
}

export const sandboxSecret = 'a-secret-that-only-this-test-knows';

/** Small, so that starting it again and again costs little. */
const settings = {
  MILLRACE_DEMO_ITEMS: '100',
  // People of a test come from one address.
  MILLRACE_SIGN_INS_PER_MINUTE: '1000000',
  MILLRACE_SANDBOX_SECRET: sandboxSecret,
};

export interface ChaosOptions {
  /** @defaultValue `'embedded'` */
  readonly profile?: Profile;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Runs `attempt` against a new shop, with servers of its own if its profile needs any. Its directory is removed when all went well, and named when
 * not. Prints the last line, `N passed, N failed`, and sets the exit code.
 */
export async function inChaos(
  name: string,
  { profile = 'embedded', environment = {} }: ChaosOptions,
  attempt: (chaos: ChaosShop) => Promise<{ readonly passed: number; readonly failed: number }>,
): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), `millrace-${name}-`));
  const servers = await startShopServers(profile);
  const all = { ...settings, ...servers.environment, ...environment };
  // Its servers start on the same machine, and have not warmed up.
  const readyWithinMs = profile === 'cluster' ? 300_000 : 120_000;
  const shop = new ShopProcess({ dataDirectory, environment: all, readyWithinMs });
  let result = { passed: 0, failed: 1 };
  try {
    await shop.start();
    const own = { ...servers.environment, MILLRACE_DATA: dataDirectory };
    result = await attempt({ shop, dataDirectory, environment: own, servers });
  } catch (error) {
    console.error(error);
    console.error(`the shop printed:\n${shop.output}`);
  }
  await shop.kill();
  await servers.stop();
  if (result.failed === 0) rmSync(dataDirectory, { recursive: true, force: true });
  else console.log(`the data is kept in ${dataDirectory}`);
  console.log(`${result.passed} passed, ${result.failed} failed`);
  process.exitCode = result.failed === 0 ? 0 : 1;
}

export async function signedInAdmin(shop: ShopProcess): Promise<ShopClient> {
  const client = new ShopClient(shop.url);
  await client.signIn(admin.email, admin.password);
  return client;
}
