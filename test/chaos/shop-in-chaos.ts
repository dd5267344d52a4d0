/** A shop in a directory of its own, for a command that tries to break it; and how such a command ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ShopClient } from '../journey/shop-client.ts';
import { admin, ShopProcess } from '../journey/shop-process.ts';

export interface ChaosShop {
  readonly shop: ShopProcess;
  readonly dataDirectory: string;
}

export const sandboxSecret = 'a-secret-that-only-this-test-knows';

/** Small, so that starting it again and again costs little. */
const settings = {
  MILLRACE_DEMO_ITEMS: '100',
  // People of a test come from one address.
  MILLRACE_SIGN_INS_PER_MINUTE: '1000000',
  MILLRACE_SANDBOX_SECRET: sandboxSecret,
};

/**
 * Runs `attempt` against a new shop. Its directory is removed when all went well, and named when
 * not. Prints the last line, `N passed, N failed`, and sets the exit code.
 */
export async function inChaos(
  name: string,
  environment: Readonly<Record<string, string>>,
  attempt: (chaos: ChaosShop) => Promise<{ readonly passed: number; readonly failed: number }>,
): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), `millrace-${name}-`));
  const shop = new ShopProcess({ dataDirectory, environment: { ...settings, ...environment } });
  let result = { passed: 0, failed: 1 };
  try {
    await shop.start();
    result = await attempt({ shop, dataDirectory });
  } catch (error) {
    console.error(error);
    console.error(`the shop printed:\n${shop.output}`);
  }
  await shop.kill();
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
