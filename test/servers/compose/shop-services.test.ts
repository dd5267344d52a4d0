/** The shop in docker-compose.yml: every role a service, the proxy in front, and who watches. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { rolesOf } from '../../../cli/run/roles.ts';
import { sinkNames } from '../../../cli/run/sinks.ts';
import { topologyNames } from '../../../cli/run/topologies.ts';
import { type ProblemCode, statusOf } from '../../../serving/problem.ts';
import { proxyConfigurationFile } from '../proxy/proxy-configuration.ts';
import { repositoryRoot } from '../server-settings.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly string[];
  readonly container_name?: string;
  readonly stop_grace_period?: string;
  readonly mem_limit?: string;
  readonly healthcheck?: { readonly test?: readonly string[] };
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
}

const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8');
const { services, configs } = parse(read('docker-compose.yml'), { merge: true }) as ComposeFile;
const ofShop = Object.entries(services).filter(([, { build }]) => build !== undefined);
const roles = ofShop.filter(([, { command }]) => command?.[0] === 'run');
const proxy = readFileSync(proxyConfigurationFile, 'utf8');

/** Words for several topologies or sinks at once, as `millrace run` explains them. */
function everyRole(): string[] {
  try {
    rolesOf(['none of them'], { topologies: [], sinks: [] });
  } catch (error) {
    const [, told = ''] = /there are (.*);/.exec((error as Error).message) ?? [];
    return told.split(', ');
  }
  throw new Error('a role that is none was taken');
}

test('every role of `millrace run` is a service of its name', () => {
  expect(roles.map(([name]) => name).sort()).toEqual(everyRole().sort());
  const names = { topologies: topologyNames, sinks: sinkNames };
  for (const [name, { command = [] }] of roles) {
    expect(command).toEqual(['run', name]);
    expect(() => rolesOf(command.slice(1), names)).not.toThrow();
  }
});

test('there may be as many of a role as one likes, and only the proxy is reached from outside', () => {
  for (const [, service] of ofShop) {
    expect(service.container_name).toBeUndefined();
    expect(service.ports).toBeUndefined();
  }
  expect(services.proxy?.ports).toHaveLength(1);
});

test('roles wait for the databases to be of this version, and are asked whether they are ready', () => {
  for (const [, { depends_on, healthcheck }] of roles) {
    expect(depends_on?.migrate?.condition).toBe('service_completed_successfully');
    expect(healthcheck?.test?.join(' ')).toContain('/readyz');
  }
});

test('a role has more time to end than it takes to drain and to be ended by force', () => {
  const endsByForceS = 20 + 2;
  for (const [, { stop_grace_period = '0s', environment }] of roles) {
    const drainS = Number(environment?.MILLRACE_DRAIN_MS) / 1_000;
    expect(Number(stop_grace_period.replace('s', ''))).toBeGreaterThan(drainS + endsByForceS);
  }
});

test('the README explains every variable that a role is given', () => {
  const readme = read('README.md');
  const given = ofShop.flatMap(([, { environment = {} }]) => Object.keys(environment));
  expect([...new Set(given)].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test('no secret is written where everybody has it', () => {
  const text = read('docker-compose.yml');
  for (const secret of [
    'MILLRACE_TOKEN_SECRET',
    'MILLRACE_SANDBOX_SECRET',
    'MILLRACE_ADMIN_PASSWORD',
  ])
    expect(text).toContain(`${secret}: \${${secret}:?`);
});

test('the proxy sends to services that exist, at the port they listen on', () => {
  const targets = [...proxy.matchAll(/server-template \S+ \d+ (\w+):(\d+) /g)];
  expect(targets.map(([, name]) => name)).toEqual(['serving', 'inbound', 'sandbox']);
  for (const [, name = '', port] of targets)
    expect(`${services[name]?.environment?.PORT}`).toBe(port);
});

test('what the proxy says itself is a problem as the shop says it', () => {
  const told = [...proxy.matchAll(/http-error status (\d+) .* string '(.*)'/g)];
  expect(told).toHaveLength(3);
  for (const [, status, body = ''] of told) {
    const { code, ...problem } = JSON.parse(body) as { code: ProblemCode; status: number };
    expect(`${statusOf(code)} ${problem.status}`).toBe(`${status} ${status}`);
  }
});

test('every role is watched', () => {
  const prometheus = parse(configs.prometheus?.content ?? '') as {
    scrape_configs: { dns_sd_configs?: { names: string[]; port: number }[] }[];
  };
  const [watched] = prometheus.scrape_configs.flatMap(({ dns_sd_configs = [] }) => dns_sd_configs);
  expect(watched?.names.toSorted()).toEqual(roles.map(([name]) => name).sort());
  expect(watched?.port).toBe(services.serving?.environment?.PORT);
});

test('the dashboard shows measures that there are', () => {
  const shown = read('serving/gateway/grafana-dashboard.json').match(/millrace_\w+/g) ?? [];
  expect(shown.length).toBeGreaterThan(0);
  const measured = `${read('cli/run/metrics-text.ts')}${read('cli/run/operations.ts')}`;
  const unknown = shown.filter((name) => !measured.includes(`'${name.replace('millrace_', '')}'`));
  expect(unknown).toEqual([]);
});
