/** The servers that the other tests against servers rely on, and the client with which they talk. */
import { startKafka } from './kafka/start-kafka.ts';
import {
  type ClientSettings,
  createTopic,
  inSyncReplicas,
  produce,
  read,
  refusal,
} from './native-client.ts';

const { MILLRACE_TEST_KAFKA: kafka = '', MILLRACE_TEST_REGISTRY: registry = '' } = process.env;

test('the Kafka of all tests takes a record and gives it back', async () => {
  const settings = { 'bootstrap.servers': kafka };
  const topic = `servers-${process.pid}`;
  await createTopic(settings, topic, 1);
  await produce(settings, topic, 'once');
  expect(await read(settings, topic, 1)).toEqual(['once']);
});

test('the registry of all tests takes a schema and gives it back', async () => {
  const schema = '{"type":"record","name":"Servers","fields":[{"name":"id","type":"string"}]}';
  const registered = await fetch(`${registry}/subjects/servers-${process.pid}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema }),
  });
  const { id } = (await registered.json()) as { readonly id: number };
  const found = await fetch(`${registry}/schemas/ids/${id}`);
  expect(JSON.parse(((await found.json()) as { schema: string }).schema)).toEqual(
    JSON.parse(schema),
  );
});

test('a cluster of three loses a node, goes on, and gets it back', async () => {
  const cluster = await startKafka({ nodes: 3 });
  try {
    const settings = { 'bootstrap.servers': cluster.bootstrapServers };
    await createTopic(settings, 'survivor', 3);
    await produce(settings, 'survivor', 'with three');

    const [lost] = cluster.nodes;
    await lost?.kill();
    expect(lost?.pid).toBeUndefined();
    await produce(settings, 'survivor', 'with two');
    expect(await inSyncReplicas(settings, 'survivor', 2)).toEqual([2, 3]);

    await lost?.start();
    expect(await inSyncReplicas(settings, 'survivor', 3)).toEqual([1, 2, 3]);
    expect(await read(settings, 'survivor', 2)).toEqual(['with three', 'with two']);
  } finally {
    await cluster.stop();
  }
});

describe('with security', () => {
  let cluster: Awaited<ReturnType<typeof startKafka>>;
  beforeAll(async () => {
    cluster = await startKafka({ security: true });
  });
  afterAll(() => cluster.stop());

  function security() {
    if (!cluster.security) throw new Error('the cluster was started without');
    return cluster.security;
  }

  function tls(): ClientSettings {
    const { tlsBootstrapServers, certificateFile } = security();
    return {
      'bootstrap.servers': tlsBootstrapServers,
      'security.protocol': 'ssl',
      'ssl.ca.location': certificateFile,
    };
  }

  function sasl(mechanism: string, password = security().password): ClientSettings {
    return {
      ...tls(),
      'bootstrap.servers': security().saslBootstrapServers,
      'security.protocol': 'sasl_ssl',
      'sasl.mechanisms': mechanism,
      'sasl.username': security().username,
      'sasl.password': password,
    };
  }

  test('a client that trusts the certificate comes in with TLS', async () => {
    await createTopic(tls(), 'tls', 1);
    await produce(tls(), 'tls', 'sealed');
    expect(await read(tls(), 'tls', 1)).toEqual(['sealed']);
  });

  test('a client that does not trust the certificate stays out', async () => {
    const { 'ssl.ca.location': _trusted, ...trustless } = tls();
    expect(await refusal(trustless)).toMatch(/ssl error/i);
  });

  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('%s knows the user', async (mechanism) => {
    const topic = `sasl-${mechanism}`;
    await createTopic(sasl(mechanism), topic, 1);
    await produce(sasl(mechanism), topic, mechanism);
    expect(await read(sasl(mechanism), topic, 1)).toEqual([mechanism]);
  });

  test.each(['PLAIN', 'SCRAM-SHA-256'])('%s refuses a wrong password', async (mechanism) => {
    expect(await refusal(sasl(mechanism, 'guessed'))).toMatch(/authentication failure/i);
  });
});

test('a broker that does not start says why', async () => {
  const properties = { 'authorizer.class.name': 'no.such.Authorizer' };
  await expect(startKafka({ properties })).rejects.toThrow(
    /Kafka node 1 ended at its start:[\s\S]*no\.such\.Authorizer/,
  );
});
