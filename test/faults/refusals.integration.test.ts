/** What no trying again mends: it is told soon, by name, and with what to do. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamsError } from '#streams';
import {
  type AccessRight,
  type Administrator,
  openAdministrator,
} from '../servers/kafka/administrator.ts';
import { type KafkaServers, startKafka } from '../servers/kafka/start-kafka.ts';
import { type CountingRun, startCounting } from './counting-run.ts';

/** Three looks at the topics, on a machine that does other things too. */
const toldWithinMs = 40_000;

let servers: KafkaServers;
let administrator: Administrator;
let run: CountingRun | undefined;

beforeAll(async () => {
  servers = await startKafka({
    security: true,
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // The brokers themselves, whoever feeds and whoever administers.
      'super.users': 'User:ANONYMOUS',
    },
  });
  administrator = await openAdministrator(servers.bootstrapServers);
});
afterEach(async () => {
  await run?.close();
  run = undefined;
});
afterAll(async () => {
  await administrator.close();
  await servers.stop();
});

async function started(prefix: string): Promise<CountingRun> {
  const { bootstrapServers } = servers;
  run = await startCounting({
    prefix,
    steadyServers: bootstrapServers,
    log: { bootstrapServers },
  });
  return run;
}

async function told(run: CountingRun): Promise<StreamsError> {
  return (await run.failure(toldWithinMs)) as StreamsError;
}

test('an output topic that is deleted', async () => {
  const run = await started('no-output-');
  const { name } = run.counting.counted;
  await administrator.deleteTopic(name);
  const error = await told(run);
  expect(error).toMatchObject({ code: 'STREAMS_TOPIC_UNKNOWN', retryable: false });
  expect(error.message).toContain(`'${name}'`);
  expect(error.message).toContain('create it');
});

test('an input topic that is deleted, also when nobody waits for a commit', async () => {
  const run = await started('no-input-');
  expect(await run.inexact(60_000)).toEqual([]);
  const { name } = run.counting.inputs;
  await administrator.deleteTopic(name);
  const error = await told(run);
  expect(error).toMatchObject({ code: 'STREAMS_TOPIC_UNKNOWN', retryable: false });
  expect(error.message).toContain(`'${name}'`);
  expect([...run.troubles].join()).toContain(`'${name}'`);
});

test('an internal topic that is deleted', async () => {
  const run = await started('no-repartition-');
  const { repartitionTopic } = run.counting;
  await administrator.deleteTopic(repartitionTopic);
  const error = await told(run);
  expect(error).toMatchObject({ code: 'STREAMS_TOPIC_UNKNOWN', retryable: false });
  expect(error.message).toContain(`'${repartitionTopic}'`);
});

test('records that are too large for their topic, since its limit was lowered', async () => {
  const run = await started('too-large-');
  const { name } = run.counting.counted;
  await administrator.changeTopic(name, { 'max.message.bytes': '20' });
  const error = await told(run);
  expect(error).toMatchObject({ code: 'STREAMS_RECORD_TOO_LARGE', retryable: false });
  expect(error.message).toContain(name);
  expect(error.message).toContain('max.message.bytes');
});

test('batches that are too large for their topic are made smaller, and nothing is refused', async () => {
  const run = await started('batches-');
  const { name } = run.counting.counted;
  await administrator.changeTopic(name, { 'max.message.bytes': '200' });
  await run.goesOn(60_000);
  await sleep(5_000);
  expect(await run.inexact(60_000)).toEqual([]);
  expect(run.application.metrics().commits.failed).toBeGreaterThan(0);
});

describe('of a principal', () => {
  /** All that an application needs. */
  function rightsOf(prefix: string) {
    const app = `${prefix}counting`;
    const on = (name: string, ...operations: AccessRight['operation'][]) =>
      operations.map((operation): AccessRight => ({ resource: 'TOPIC', name, operation }));
    const own = ['by-key-repartition', 'counts-changelog', 'tasks', 'dead-letters'];
    const other: AccessRight[] = [
      { resource: 'CLUSTER', name: 'kafka-cluster', operation: 'CREATE' },
      { resource: 'GROUP', name: app, operation: 'READ' },
      { resource: 'GROUP', name: app, operation: 'DESCRIBE' },
      { resource: 'TRANSACTIONAL_ID', name: '*', operation: 'WRITE' },
      { resource: 'TRANSACTIONAL_ID', name: '*', operation: 'DESCRIBE' },
    ];
    return {
      toRead: on(`${prefix}inputs`, 'READ'),
      toWrite: on(`${prefix}counted`, 'WRITE'),
      others: [
        ...on(`${prefix}inputs`, 'DESCRIBE', 'DESCRIBE_CONFIGS'),
        ...on(`${prefix}counted`, 'DESCRIBE', 'DESCRIBE_CONFIGS'),
        ...own.flatMap((name) => on(`${app}-${name}`, 'ALL')),
        ...other,
      ],
    };
  }

  test.each`
    taken        | prefix        | topic
    ${'toRead'}  | ${'unread-'}  | ${'unread-inputs'}
    ${'toWrite'} | ${'unwrote-'} | ${'unwrote-counted'}
  `('a right $taken that is taken away', async (row) => {
    const { security, bootstrapServers } = servers;
    if (security === undefined) throw new Error('the broker has no secured listeners');
    const { username, password, certificateFile, saslBootstrapServers } = security;
    const { others, ...rights } = rightsOf(row.prefix);
    await administrator.allow(username, [...others, ...rights.toRead, ...rights.toWrite]);
    run = await startCounting({
      prefix: row.prefix,
      steadyServers: bootstrapServers,
      log: {
        bootstrapServers: saslBootstrapServers,
        security: {
          tls: { ca: readFileSync(certificateFile, 'utf8') },
          sasl: { mechanism: 'PLAIN', username, password },
        },
      },
    });
    await administrator.disallow(username, rights[row.taken as keyof typeof rights]);
    const error = await told(run);
    expect(error).toMatchObject({ code: 'STREAMS_LOG_REFUSED', retryable: false });
    expect(error.message).toContain(`'${row.topic}'`);
    expect(error.message).toMatch(/give it (READ|WRITE)/);
  });
});
