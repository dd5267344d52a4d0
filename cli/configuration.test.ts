import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withProfile } from './command.ts';
import { readConfiguration } from './configuration.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-configuration-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('needs no servers unless it is told to use a cluster', () => {
  expect(readConfiguration({}).cluster).toBeUndefined();
  // Of no interest then, even when it is wrong.
  expect(readConfiguration({ MILLRACE_KAFKA_REPLICATION: 'x' }).cluster).toBeUndefined();
});

test('looks for a cluster where docker compose and npm run servers put it', () => {
  const { cluster } = readConfiguration({ MILLRACE_PROFILE: 'cluster' });
  expect(cluster?.kafka).toEqual({
    bootstrapServers: '127.0.0.1:9092',
    replicationFactor: -1,
    sessionTimeoutMs: 10_000,
  });
  expect(cluster?.registry.url).toBe('http://127.0.0.1:8081/apis/ccompat/v7');
});

test('reads how to reach a cluster and who the shop is there', () => {
  const ca = join(directory, 'ca.pem');
  writeFileSync(ca, 'PEM');
  const { cluster } = readConfiguration({
    MILLRACE_PROFILE: 'cluster',
    MILLRACE_KAFKA: 'a:9092,b:9092',
    MILLRACE_KAFKA_TLS_CA: ca,
    MILLRACE_KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    MILLRACE_KAFKA_SASL_USERNAME: 'shop',
    MILLRACE_KAFKA_SASL_PASSWORD: 'secret',
    MILLRACE_KAFKA_REPLICATION: '3',
    MILLRACE_KAFKA_SESSION_TIMEOUT_MS: '6000',
    MILLRACE_INSTANCE_ID: 'shop-1',
    MILLRACE_REGISTRY: 'https://registry:8081',
    MILLRACE_REGISTRY_USERNAME: 'reader',
    MILLRACE_REGISTRY_PASSWORD: 'word',
    MILLRACE_VIEWS: 'files',
  });
  const sasl = { mechanism: 'SCRAM-SHA-512', username: 'shop', password: 'secret' };
  expect(cluster).toEqual({
    kafka: {
      bootstrapServers: 'a:9092,b:9092',
      security: { tls: { ca: 'PEM' }, sasl },
      replicationFactor: 3,
      sessionTimeoutMs: 6_000,
      instanceId: 'shop-1',
    },
    registry: {
      url: 'https://registry:8081',
      auth: { username: 'reader', password: 'word' },
    },
  });
});

test('reads where the databases of a cluster are, and names what is no address without showing it', () => {
  const environment = {
    MILLRACE_PROFILE: 'cluster',
    MILLRACE_MYSQL: 'mysql://shop:word@db:3306/shop',
    MILLRACE_MONGODB: 'mongodb://a:1,b:2',
    MILLRACE_MONGODB_DATABASE: 'shop',
    MILLRACE_ELASTICSEARCH: 'http://a:9200, http://b:9200',
    MILLRACE_REDIS: 'rediss://:word@cache:6379/1',
    MILLRACE_CASSANDRA: 'c1,c2:9043',
    MILLRACE_CASSANDRA_KEYSPACE: 'shop',
    MILLRACE_NAMESPACE: 'shop',
  };
  expect(readConfiguration(environment).cluster?.stores).toEqual({
    namespace: 'shop',
    mysql: 'mysql://shop:word@db:3306/shop',
    mongodb: { url: 'mongodb://a:1,b:2', database: 'shop' },
    elasticsearch: { nodes: ['http://a:9200', 'http://b:9200'] },
    redis: 'rediss://:word@cache:6379/1',
    cassandra: {
      contactPoints: ['c1', 'c2:9043'],
      localDataCenter: 'datacenter1',
      replicas: { datacenter1: 1 },
      keyspace: 'shop',
    },
  });
  const wrong = () => readConfiguration({ ...environment, MILLRACE_MYSQL: 'shop:secret@db' });
  expect(wrong).toThrow("MILLRACE_MYSQL is no address: give one like 'mysql://");
  expect(wrong).not.toThrow('secret');
});

test('trusts the authorities of this machine when it is told so', () => {
  const environment = { MILLRACE_PROFILE: 'cluster', MILLRACE_KAFKA_TLS_CA: 'system' };
  expect(readConfiguration(environment).cluster?.kafka.security).toEqual({ tls: true });
});

test('lists every fault at once, with what to do', () => {
  const read = () =>
    readConfiguration({
      MILLRACE_PROFILE: 'cluster',
      MILLRACE_KAFKA_TLS_CA: join(directory, 'nowhere.pem'),
      MILLRACE_KAFKA_SASL_USERNAME: 'shop',
      MILLRACE_KAFKA_SASL_PASSWORD: 'secret',
      MILLRACE_KAFKA_REPLICATION: 'three',
      MILLRACE_INSTANCE_ID: 'shop one',
      MILLRACE_REGISTRY_USERNAME: 'reader',
    });
  expect(read).toThrow(/MILLRACE_KAFKA_TLS_CA.*ENOENT.*give a PEM file/);
  expect(read).toThrow(/MILLRACE_KAFKA_SASL_MECHANISM, .* give all three/);
  expect(read).toThrow(/MILLRACE_KAFKA_REPLICATION is 'three'/);
  expect(read).toThrow(/MILLRACE_INSTANCE_ID is 'shop one'/);
  expect(read).toThrow(/MILLRACE_REGISTRY_USERNAME and MILLRACE_REGISTRY_PASSWORD go together/);
});

test('refuses a profile that there is not', () => {
  expect(() => readConfiguration({ MILLRACE_PROFILE: 'cloud' })).toThrow(
    "MILLRACE_PROFILE is 'cloud': give one of embedded, cluster",
  );
});

test.each([
  [['orders.events', '--profile', 'cluster', '--follow'], ['orders.events', '--follow'], 'cluster'],
  [['--profile=embedded', 'items'], ['items'], 'embedded'],
  [['items'], ['items'], 'from the environment'],
])('takes the profile out of the words of a command: %j', (words, rest, profile) => {
  const found = withProfile(words, { MILLRACE_PROFILE: 'from the environment' });
  expect(found.rest).toEqual(rest);
  expect(found.environment.MILLRACE_PROFILE).toBe(profile);
});

test('a profile without a name is a fault', () => {
  const { environment } = withProfile(['--profile'], {});
  expect(() => readConfiguration(environment)).toThrow(/MILLRACE_PROFILE is '\(none\)'/);
});
