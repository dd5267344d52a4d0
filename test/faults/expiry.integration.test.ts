/** What brokers forget or end by themselves: transactions, transactional ids, producer ids, records. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Administrator, openAdministrator } from '../servers/kafka/administrator.ts';
import { type KafkaServers, startKafka } from '../servers/kafka/start-kafka.ts';
import type { TcpProxy } from '../servers/tcp-proxy.ts';
import { type CountingRun, startCounting } from './counting-run.ts';

const expiresMs = 3_000;

let servers: KafkaServers;
let administrator: Administrator;
let proxy: TcpProxy;
let run: CountingRun | undefined;

beforeAll(async () => {
  servers = await startKafka({
    proxied: true,
    properties: {
      'transactional.id.expiration.ms': `${expiresMs}`,
      'transaction.remove.expired.transaction.cleanup.interval.ms': '500',
      'producer.id.expiration.ms': `${expiresMs}`,
      'producer.id.expiration.check.interval.ms': '500',
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': '200',
    },
  });
  const [only] = servers.proxied?.proxies ?? [];
  if (only === undefined) throw new Error('there is no proxy');
  proxy = only;
  administrator = await openAdministrator(servers.bootstrapServers);
});
afterEach(async () => {
  proxy.goOn();
  await run?.close();
  run = undefined;
});
afterAll(async () => {
  await administrator.close();
  await servers.stop();
});

async function started(prefix: string): Promise<CountingRun> {
  const bootstrapServers = servers.proxied?.bootstrapServers ?? '';
  const { bootstrapServers: steadyServers } = servers;
  const settings = { sessionTimeoutMs: 30_000, commitTimeoutMs: 10_000 };
  const log = { ...settings, transactionTimeoutMs: 1_000, bootstrapServers };
  run = await startCounting({ prefix, steadyServers, log });
  return run;
}

test('a transaction that the brokers have aborted is done again', async () => {
  const run = await started('aborted-');
  for (let times = 0; times < 3; times++) {
    proxy.hang();
    await sleep(3_000);
    proxy.goOn();
    await run.goesOn(60_000);
  }
  expect(run.application.metrics().commits.failed).toBeGreaterThan(0);
  expect(await run.inexact(60_000)).toEqual([]);
});

test('a producer that the brokers have forgotten while it was idle goes on', async () => {
  const run = await started('idle-');
  expect(await run.inexact(60_000)).toEqual([]);
  const failedBefore = run.application.metrics().commits.failed;
  await sleep(expiresMs + 2_000);
  run.feeder.start();
  await run.goesOn(60_000);
  expect(await run.inexact(60_000)).toEqual([]);
  expect(run.application.metrics().commits.failed).toBeGreaterThan(failedBefore);
});

test('an output whose records were all removed takes the next ones', async () => {
  const run = await started('purged-');
  expect(await run.inexact(60_000)).toEqual([]);
  const { counted } = run.counting;
  await administrator.deleteRecords(counted.name, counted.partitions);
  await sleep(expiresMs + 2_000);
  run.feeder.start();
  await sleep(3_000);
  // Of the keys that came since.
  expect(await run.inexact(60_000, { isPurged: true })).toEqual([]);
});
