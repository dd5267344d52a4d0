/** A shop of many processes behind a proxy, on servers of its own. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { admin, ShopProcess } from '../journey/shop-process.ts';
import { freePorts } from '../servers/free-ports.ts';
import { type ProxyServer, startProxy } from '../servers/proxy/start-proxy.ts';
import { type ShopServers, startShopServers } from '../servers/shop-servers.ts';

/** Processes by role: two where one is to take over from the other. */
export type FleetRoles = Readonly<Record<string, number>>;

export interface FleetMember {
  readonly role: string;
  /** `serving-2` */
  readonly name: string;
  readonly process: ShopProcess;
}

const command = join(import.meta.dirname, '../../cli/millrace.cjs');

/** The proxy asks every 300 ms and believes the second no. */
const drainMs = 1_500;

const settings = {
  MILLRACE_TOKEN_SECRET: 'one-secret-for-every-process-of-this-fleet',
  MILLRACE_SANDBOX_SECRET: 'another-secret-for-every-process-of-it',
  MILLRACE_DRAIN_MS: `${drainMs}`,
  MILLRACE_PROXIES: '1',
  MILLRACE_DECIDE_WITHIN_MS: '15000',
  MILLRACE_DEMO_ITEMS: '100',
  // People of a test come from one address.
  MILLRACE_SIGN_INS_PER_MINUTE: '1000000',
  MILLRACE_RECONCILIATION_GRACE_MS: '5000',
  MILLRACE_KAFKA_SESSION_TIMEOUT_MS: '6000',
};

/** Each is some seconds of processor time: more at once would only slow each other. */
const startedTogether = 3;

export class ShopFleet {
  readonly members: readonly FleetMember[];
  readonly #servers: ShopServers;
  readonly #proxy: ProxyServer;
  readonly #directory: string;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(parts: {
    readonly members: readonly FleetMember[];
    readonly servers: ShopServers;
    readonly proxy: ProxyServer;
    readonly directory: string;
    readonly environment: Readonly<Record<string, string>>;
  }) {
    this.members = parts.members;
    this.#servers = parts.servers;
    this.#proxy = parts.proxy;
    this.#directory = parts.directory;
    this.#environment = parts.environment;
  }

  /** Resolves when every process is ready and the demo data can be found. */
  static async start(roles: FleetRoles): Promise<ShopFleet> {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-fleet-'));
    const servers = await told('the servers are ready', () => startShopServers('cluster'));
    const names = Object.entries(roles).flatMap(([role, count]) =>
      Array.from({ length: count }, (_, i) => ({ role, name: `${role}-${i + 1}` })),
    );
    const ports = await freePorts(names.length);
    const portsOf = (role: string) => ports.filter((_, i) => names[i]?.role === role);
    const proxy = await startProxy({
      serving: portsOf('serving'),
      inbound: portsOf('inbound'),
      sandbox: portsOf('sandbox'),
    });
    const environment = { ...settings, ...servers.environment, MILLRACE_SHOP_URL: proxy.url };
    const members = names.map(({ role, name }, i) => {
      const process = new ShopProcess({
        dataDirectory: join(directory, name),
        port: ports[i] as number,
        roles: [role],
        environment,
      });
      return { role, name, process };
    });
    const fleet = new ShopFleet({ members, servers, proxy, directory, environment });
    try {
      await told('migrated', () => fleet.millrace('migrate'));
      await told(`${members.length} processes are ready`, () => fleet.#startAll());
      await told('the demo data is in', () => fleet.millrace('demo'));
    } catch (error) {
      await fleet.stop({ keepsData: true });
      throw error;
    }
    return fleet;
  }

  /** Of the proxy. */
  get url(): string {
    return this.#proxy.url;
  }

  /** Answers what the command prints. @throws what it printed too when it ends with another code than 0. */
  async millrace(...words: readonly string[]): Promise<string> {
    const env = {
      ...process.env,
      NODE_OPTIONS: '',
      ...this.#environment,
      MILLRACE_DATA: join(this.#directory, 'command'),
      MILLRACE_ADMIN_EMAIL: admin.email,
      MILLRACE_ADMIN_PASSWORD: admin.password,
    };
    const { stdout } = await promisify(execFile)(process.execPath, [command, ...words], { env });
    return stdout;
  }

  async #startAll(): Promise<void> {
    const waiting = [...this.members];
    const startNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await next.process.start();
    };
    await Promise.all(Array.from({ length: startedTogether }, startNext));
  }

  /** Ends everything that it started. */
  async stop({ keepsData }: { readonly keepsData: boolean }): Promise<void> {
    await Promise.all(this.members.map((member) => member.process.kill()));
    await this.#proxy.stop();
    await this.#servers.stop();
    if (!keepsData) rmSync(this.#directory, { recursive: true, force: true });
    else console.log(`the data is kept in ${this.#directory}`);
  }
}

/** Of a start that takes minutes. */
async function told<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await work();
  console.log(`${what} (${Math.round((performance.now() - startedMs) / 1_000)} s)`);
  return result;
}
