/** A network between application and broker that is slow, hangs, or breaks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KafkaServers, startKafka } from '../servers/kafka/start-kafka.ts';
import type { TcpProxy } from '../servers/tcp-proxy.ts';
import { type CountingRun, startCounting } from './counting-run.ts';

let servers: KafkaServers;
let proxy: TcpProxy;
let run: CountingRun | undefined;

beforeAll(async () => {
  servers = await startKafka({ proxied: true });
  const [only] = servers.proxied?.proxies ?? [];
  if (only === undefined) throw new Error('there is no proxy');
  proxy = only;
});
afterEach(async () => {
  proxy.goOn();
  proxy.delayMs = 0;
  await run?.close();
  run = undefined;
});
afterAll(() => servers.stop());

/** Calls wait for less than the network will hang. */
const settings = { sessionTimeoutMs: 6_000, commitTimeoutMs: 5_000 };
const hangsMs = 20_000;

async function started(prefix: string): Promise<CountingRun> {
  const bootstrapServers = servers.proxied?.bootstrapServers ?? '';
  const { bootstrapServers: steadyServers } = servers;
  run = await startCounting({ prefix, steadyServers, log: { ...settings, bootstrapServers } });
  return run;
}

test('counts on, and exactly, when each way takes 300 ms', async () => {
  const run = await started('slow-');
  proxy.delayMs = 300;
  await run.goesOn(60_000);
  await sleep(5_000);
  expect(await run.inexact(60_000)).toEqual([]);
});

test('a broker that hangs for longer than calls wait ends nothing, and nothing is counted twice', async () => {
  const run = await started('hung-');
  proxy.hang();
  await sleep(hangsMs);
  expect(run.application.state).not.toBe('error');
  proxy.goOn();
  await run.goesOn(90_000);
  expect(await run.inexact(60_000)).toEqual([]);
});

test('a broker that hangs does not keep the application from ending', async () => {
  const run = await started('ending-');
  proxy.hang();
  await sleep(1_000);
  const sinceMs = performance.now();
  await run.close();
  expect(performance.now() - sinceMs).toBeLessThan(60_000);
});

test('counts exactly while connections break again and again', async () => {
  const run = await started('cut-');
  for (let times = 0; times < 15; times++) {
    await sleep(400);
    proxy.cut();
  }
  await run.goesOn(60_000);
  expect(await run.inexact(60_000)).toEqual([]);
  expect([...run.troubles].join()).toMatch(/connections are down|transport/i);
});
