/**
 * A broker whose disk is full: its append fails, it gives the disk up and, having no other, ends. A limit
 * to the size of its files is what fails here, so that nobody has to fill a disk or be root.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaNode } from '../servers/kafka/kafka-node.ts';
import { type KafkaServers, startKafka } from '../servers/kafka/start-kafka.ts';
import { type CountingRun, startCounting } from './counting-run.ts';

const fileBytes = 16 * 1024;
const fullWithinMs = 90_000;
const awayMs = 3_000;

let servers: KafkaServers | undefined;
let run: CountingRun | undefined;

afterEach(async () => {
  await run?.close();
  await servers?.stop();
  run = undefined;
  servers = undefined;
});

async function started(nodes: 1 | 3) {
  servers = await startKafka({ nodes, heapMegabytes: 320 });
  const { bootstrapServers } = servers;
  run = await startCounting({
    prefix: 'full-',
    steadyServers: bootstrapServers,
    log: { bootstrapServers, sessionTimeoutMs: 6_000, commitTimeoutMs: 10_000 },
  });
  return { run, node: servers.nodes[0] as KafkaNode };
}

async function runsFull(node: KafkaNode): Promise<void> {
  await node.fillDisk(fileBytes);
  const untilMs = Date.now() + fullWithinMs;
  while (node.pid !== undefined) {
    if (Date.now() > untilMs) throw new Error('the disk has not become full');
    await sleep(100);
  }
  expect(node.printed).toContain('File too large');
}

test('the only broker runs full: the application says so, waits, and goes on when there is room', async () => {
  const { run, node } = await started(1);
  await runsFull(node);
  await sleep(awayMs);
  expect(run.application.state).not.toBe('error');
  expect([...run.troubles].join()).toMatch(/connections are down|transport/i);
  await node.start();
  await run.goesOn(90_000);
  expect(await run.inexact(60_000)).toEqual([]);
});

test('one of three brokers runs full: the others take over, and it comes back', async () => {
  const { run, node } = await started(3);
  await runsFull(node);
  await run.goesOn(60_000);
  await node.start();
  await run.goesOn(60_000);
  expect(await run.inexact(90_000)).toEqual([]);
});
