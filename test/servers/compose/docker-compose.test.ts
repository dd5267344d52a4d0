/** docker-compose.yml: whole by the specification, and the same servers as without Docker. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { elasticsearchSettings } from '../elasticsearch/elasticsearch-settings.ts';
import { clusterProperties } from '../kafka/kafka-properties.ts';
import { mysqlArguments, mysqlSettings, mysqlUser } from '../mysql/mysql-settings.ts';
import { redisSettings } from '../redis/redis-settings.ts';
import { registrySettings } from '../registry/registry-settings.ts';
import { repositoryRoot } from '../server-settings.ts';

interface Service {
  readonly image: string;
  readonly ports?: readonly string[];
  readonly environment: Readonly<Record<string, string | number>>;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly mem_limit?: string;
}

interface ComposeFile {
  readonly services: Readonly<
    Record<'kafka' | 'registry' | 'mysql' | 'elasticsearch' | 'redis', Service>
  >;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8');
const text = read('docker-compose.yml');
const compose = parse(text, { merge: true }) as ComposeFile;
const services = Object.entries(compose.services);
const variables = Object.fromEntries(
  [...read('.env').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
);

/** What only a container has to be told: who it is, where it listens, where its disk is. */
const containerSettings = [
  'KAFKA_NODE_ID',
  'KAFKA_PROCESS_ROLES',
  'KAFKA_LISTENERS',
  'KAFKA_ADVERTISED_LISTENERS',
  'KAFKA_LISTENER_SECURITY_PROTOCOL_MAP',
  'KAFKA_INTER_BROKER_LISTENER_NAME',
  'KAFKA_CONTROLLER_LISTENER_NAMES',
  'KAFKA_CONTROLLER_QUORUM_VOTERS',
  'KAFKA_LOG_DIRS',
  'KAFKA_HEAP_OPTS',
];

describe('by the compose specification', () => {
  const { $schema: _dialect, ...schema } = JSON.parse(
    read('test/servers/compose/compose-spec.json'),
  );
  const isValid = new Ajv({ strict: false, validateFormats: false }).compile(schema);

  test('it is whole', () => {
    isValid(compose);
    expect(isValid.errors).toBeNull();
  });

  test('it would not be with a misspelt word', () => {
    const { kafka } = compose.services;
    expect(isValid({ services: { kafka: { ...kafka, helthcheck: {} } } })).toBe(false);
  });
});

test('versions and ports come from .env, and each of them is used', () => {
  const used = [...text.matchAll(/\$\{([A-Z_]+)(?::\?[^}]+)?\}/g)].map(([, name]) => name);
  expect(new Set(used)).toEqual(new Set(Object.keys(variables)));
  for (const [, { image }] of services) expect(image).toMatch(/:\$\{[A-Z]+_VERSION\}$/);
});

/** The client of a server may have the version of the server. */
const withoutClients = (file: string) =>
  file === 'package.json' ? read(file).replace(/"@elastic\/elasticsearch": .*/, '') : read(file);

test('no version of a server is written anywhere else', () => {
  const places = ['test/servers', 'docker-compose.yml', 'package.json', 'cli', '.ci'];
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', ...places];
  const files = execFileSync('git', list, { cwd: repositoryRoot }).toString().trim().split('\n');
  const versions = Object.entries(variables).filter(
    ([name]) => name.endsWith('_VERSION') && name !== 'MILLRACE_VERSION',
  );
  const repeats = files.filter((file) =>
    versions.some(([, version]) => withoutClients(file).includes(`${version}`)),
  );
  expect(repeats).toEqual([]);
});

test.each(services)(
  '%s says when it is healthy, how much memory it may take, and is open to this machine only',
  (_name, service) => {
    expect(service.healthcheck).toBeDefined();
    expect(service.mem_limit).toBeDefined();
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  },
);

test('what has to survive is on a volume that is declared', () => {
  const mounted = services.flatMap(([, { volumes = [] }]) => volumes);
  const named = mounted.filter((mount) => !mount.startsWith('.'));
  expect(named.map((mount) => mount.split(':')[0]).sort()).toEqual(
    Object.keys(compose.volumes).sort(),
  );
  const { KAFKA_LOG_DIRS: data } = compose.services.kafka.environment;
  expect(compose.services.kafka.volumes).toEqual([`kafka:${data}`]);
});

test('Kafka has the properties that it has without Docker', () => {
  const { CLUSTER_ID: _id, ...environment } = compose.services.kafka.environment;
  const shared = Object.entries(environment)
    .filter(([name]) => !containerSettings.includes(name))
    .map(([name, value]) => [
      name.replace('KAFKA_', '').toLowerCase().replaceAll('_', '.'),
      `${value}`,
    ]);
  expect(Object.fromEntries(shared)).toEqual(clusterProperties(1));
});

test('the registry has the settings that it has without Docker', () => {
  expect(compose.services.registry.environment).toMatchObject(registrySettings);
});

test('MySQL has the settings and the user that it has without Docker', () => {
  const { command, environment } = compose.services.mysql;
  expect(command).toEqual(mysqlArguments(mysqlSettings));
  expect(environment).toMatchObject({
    MYSQL_DATABASE: mysqlUser.database,
    MYSQL_USER: mysqlUser.user,
    MYSQL_PASSWORD: mysqlUser.password,
  });
});

test('Redis has the settings that it has without Docker', () => {
  const said = Object.entries(redisSettings).flatMap(([name, value]) => [`--${name}`, value]);
  expect(compose.services.redis.command).toEqual(['redis-server', ...said]);
});

test('Elasticsearch has the settings that it has without Docker', () => {
  expect(compose.services.elasticsearch.environment).toMatchObject(elasticsearchSettings);
});
