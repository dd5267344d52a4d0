/** The shop under test: one that runs already, or one of its own in a new directory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admin, ShopProcess } from '../journey/shop-process.ts';
import { type Profile, startShopServers } from '../servers/shop-servers.ts';
import type { Stage } from './scenario.ts';

export interface OpenShop {
  readonly baseUrl: string;
  readonly admin: Stage['admin'];
  close(): Promise<void>;
}

/** Enough for every search of the scenarios to find several items, and soon ready. */
const items = 800;

/**
 * BASE_URL names a shop that runs, with MILLRACE_ADMIN_EMAIL and MILLRACE_ADMIN_PASSWORD for the
 * dashboard; it is left running.
 */
export async function openShop(profile: Profile): Promise<OpenShop> {
  const { BASE_URL, MILLRACE_ADMIN_EMAIL, MILLRACE_ADMIN_PASSWORD } = process.env;
  if (BASE_URL !== undefined) {
    const email = MILLRACE_ADMIN_EMAIL ?? admin.email;
    const password = MILLRACE_ADMIN_PASSWORD ?? admin.password;
    const baseUrl = BASE_URL.replace(/\/+$/, '');
    return { baseUrl, admin: { email, password }, close: async () => {} };
  }
  const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-browser-'));
  const servers = await startShopServers(profile);
  const environment = { MILLRACE_DEMO_ITEMS: String(items), ...servers.environment };
  const shop = new ShopProcess({ dataDirectory, environment });
  const close = async () => {
    await shop.stop();
    await servers.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  try {
    await shop.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { baseUrl: shop.url, admin, close };
}
