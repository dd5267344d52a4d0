/** The chaos from its first broker to its last check. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaLog } from '#streams/kafka';
import { seededRandom, seedOf } from '../../../cli/demo/random.ts';
import { OutputFollower } from '../../counting/audit.ts';
import { Feeder } from '../../counting/feeder.ts';
import { type KafkaServers, startKafka } from '../../servers/kafka/start-kafka.ts';
import { brokerFaults, chosen, type Fault, instanceFaults } from './faults.ts';
import { finalFaults } from './final-checks.ts';
import { InstanceProcess } from './instance-process.ts';
import { counting, type Variant } from './variant.ts';
import type { World } from './world.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly variant: Variant;
  /** Each a minute of faults, after which all must come to rest. */
  readonly rounds: number;
  readonly withoutRebalanceCallback: boolean;
}

const roundMs = 60_000;
const pauseMs = [1_000, 6_000] as const;
/** A broker needs some of it to catch up with the others. */
const brokerPauseMs = [8_000, 20_000] as const;
const settlesWithinMs = 150_000;
const startsWithinMs = 120_000;
const instanceNames = ['anna', 'ben', 'carl'];
const shownFaults = 20;

export async function inKafkaChaos(options: ChaosOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-chaos-kafka-'));
  const cluster = await startKafka({
    nodes: 3,
    heapMegabytes: 320,
    directory: join(folder, 'kafka'),
  });
  let result = { passed: 0, failed: 1 };
  let instances: readonly InstanceProcess[] = [];
  try {
    const world = await open(options, cluster, folder);
    instances = world.instances;
    result = await torment(world, options);
    await world.log.close();
  } catch (error) {
    console.error(error);
  } finally {
    await Promise.all(instances.map((instance) => instance.kill()));
    await Promise.all(cluster.nodes.map((node) => node.kill()));
  }
  if (result.failed === 0) rmSync(folder, { recursive: true, force: true });
  else console.log(`logs and data are kept in ${folder}`);
  return result;
}

async function open(options: ChaosOptions, cluster: KafkaServers, folder: string): Promise<World> {
  const { seed, variant, withoutRebalanceCallback } = options;
  const { bootstrapServers } = cluster;
  const log = await openKafkaLog({ bootstrapServers, clientId: 'chaos' });
  await log.createTopics([counting.inputs, counting.counted]);
  const faults: string[] = [];
  const instances = instanceNames.map(
    (name) =>
      new InstanceProcess({
        ...{ name, bootstrapServers, variant, withoutRebalanceCallback, folder },
        onFault: (fault) => faults.push(fault),
      }),
  );
  const feeder = new Feeder(log, counting, seededRandom(seedOf(seed, 0)));
  return {
    log,
    instances,
    cluster,
    feeder,
    follower: new OutputFollower(log, counting, variant.caches),
    variant,
    faults,
  };
}

async function torment(world: World, { seed, rounds }: ChaosOptions) {
  const { instances, feeder, follower } = world;
  for (const instance of instances) instance.start();
  await allRunning(world, startsWithinMs);
  follower.start();
  const randoms = [seededRandom(seedOf(seed, 1)), seededRandom(seedOf(seed, 2))] as const;
  console.log('| round | done to them | inputs | counted | came to rest after s | faults |');
  console.log('|---|---|---|---|---|---|');
  let passed = 0;
  for (let round = 1; round <= rounds && world.faults.length === 0; round++) {
    feeder.start();
    const untilMs = Date.now() + roundMs;
    const [random, brokerRandom] = randoms;
    const done = await Promise.all([
      lane(instanceFaults, pauseMs, { ...world, random }, untilMs),
      lane(brokerFaults, brokerPauseMs, { ...world, random: brokerRandom }, untilMs),
    ]);
    await feeder.stop();
    const restMs = await comeToRest(world);
    const counted = follower.sequence.total;
    const told = [done.flat().join(', '), feeder.acknowledged.size, counted];
    console.log(
      `| ${round} | ${[...told, Math.round(restMs / 1_000)].join(' | ')} | ${world.faults.length} |`,
    );
    if (world.faults.length === 0) passed += 1;
  }
  if (world.faults.length === 0) {
    const checks = await finalFaults(world);
    passed += checks.passed;
    world.faults.push(...checks.faults);
  }
  await follower.stop();
  const { faults } = world;
  for (const fault of faults.slice(0, shownFaults)) console.log(`  ${fault}`);
  if (faults.length > shownFaults) console.log(`  … and ${faults.length - shownFaults} more`);
  console.log(
    `restarts: ${instances.map(({ name, starts }) => `${name} ${starts - 1}`).join(', ')}`,
  );
  return { passed, failed: faults.length === 0 ? 0 : 1 };
}

/** One fault after another, with pauses; answers their names. */
async function lane(
  faults: readonly Fault[],
  pause: readonly [number, number],
  victims: Parameters<Fault['run']>[0],
  untilMs: number,
): Promise<string[]> {
  const done: string[] = [];
  for (;;) {
    await sleep(victims.random.between(...pause));
    if (Date.now() >= untilMs) return done;
    const fault = chosen(faults, victims.random);
    done.push(fault.name);
    await fault.run(victims);
  }
}

async function allRunning({ instances, faults }: World, withinMs: number): Promise<void> {
  const untilMs = Date.now() + withinMs;
  for (const instance of instances) {
    if (faults.length > 0 || (await instance.isRunning(untilMs - Date.now()))) continue;
    faults.push(`${instance.name} is ${instance.state} and does not run`);
  }
}

/** Until every instance runs and every input that is there has been counted. */
async function comeToRest(world: World): Promise<number> {
  const { feeder, follower, faults } = world;
  const sinceMs = Date.now();
  await allRunning(world, settlesWithinMs);
  const { sequence } = follower;
  const isDone = () => sequence.total >= feeder.acknowledged.size;
  while (!isDone() && faults.length === 0 && Date.now() < sinceMs + settlesWithinMs)
    await sleep(100);
  faults.push(...sequence.faults.splice(0));
  if (!isDone()) faults.push(`${sequence.total} counted of ${feeder.acknowledged.size} inputs`);
  return Date.now() - sinceMs;
}
