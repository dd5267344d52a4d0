/** What is done to the instances and to the brokers. Each resolves when the worst is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../cli/demo/random.ts';
import type { KafkaServers } from '../../servers/kafka/start-kafka.ts';
import type { InstanceProcess } from './instance-process.ts';
import { sessionTimeoutMs } from './variant.ts';

export interface Victims {
  readonly instances: readonly InstanceProcess[];
  readonly cluster: KafkaServers;
  readonly random: Random;
}

export interface Fault {
  readonly name: string;
  readonly weight: number;
  readonly run: (victims: Victims) => Promise<void>;
}

/** A kill is noticed after the session timeout: some come back before, some after. */
const awayMs = [200, sessionTimeoutMs + 3_000] as const;
const frozenMs = [sessionTimeoutMs + 500, sessionTimeoutMs * 2] as const;
const shortFreezeMs = [200, sessionTimeoutMs - 2_000] as const;
const startsWithinMs = 60_000;
const brokerAwayMs = [500, 8_000] as const;

export const instanceFaults: readonly Fault[] = [
  { name: 'kill', weight: 5, run: (victims) => killed(one(victims), victims) },
  {
    name: 'kill two',
    weight: 2,
    run: async (victims) => {
      const first = one(victims);
      const others = victims.instances.filter((instance) => instance !== first);
      const second = one({ ...victims, instances: others });
      await Promise.all([killed(first, victims), killed(second, victims)]);
    },
  },
  {
    name: 'lose a disk',
    weight: 2,
    run: async (victims) => {
      const victim = one(victims);
      await victim.kill();
      victim.forgetState();
      await killed(victim, victims);
    },
  },
  {
    name: 'freeze past the session',
    weight: 5,
    run: (victims) => frozen(one(victims), victims.random.between(...frozenMs)),
  },
  {
    name: 'freeze for a moment',
    weight: 2,
    run: (victims) => frozen(one(victims), victims.random.between(...shortFreezeMs)),
  },
  {
    name: 'freeze one, kill another',
    weight: 2,
    run: async (victims) => {
      const first = one(victims);
      const others = victims.instances.filter((instance) => instance !== first);
      await Promise.all([
        frozen(first, victims.random.between(...frozenMs)),
        killed(one({ ...victims, instances: others }), victims),
      ]);
    },
  },
  {
    name: 'rolling restart',
    weight: 3,
    run: async ({ instances }) => {
      for (const instance of instances) {
        await instance.stop();
        instance.start();
        await instance.isRunning(startsWithinMs);
      }
    },
  },
];

/** One broker at a time: with two away the cluster takes no records, as it should. */
export const brokerFaults: readonly Fault[] = [
  {
    name: 'restart a broker',
    weight: 2,
    run: async ({ cluster, random }) => {
      const node = random.pick(cluster.nodes);
      await node.stop();
      await node.start();
    },
  },
  {
    name: 'kill a broker',
    weight: 3,
    run: async ({ cluster, random }) => {
      const node = random.pick(cluster.nodes);
      await node.kill();
      await sleep(random.between(...brokerAwayMs));
      await node.start();
    },
  },
];

export function chosen(faults: readonly Fault[], random: Random): Fault {
  return random.pick(faults.flatMap((fault) => Array.from({ length: fault.weight }, () => fault)));
}

function one({ instances, random }: Pick<Victims, 'instances' | 'random'>): InstanceProcess {
  return random.pick(instances);
}

async function killed(victim: InstanceProcess, { random }: Victims): Promise<void> {
  const forMs = random.between(...awayMs);
  await victim.kill();
  await sleep(forMs);
  victim.start();
}

async function frozen(victim: InstanceProcess, forMs: number): Promise<void> {
  victim.freeze();
  await sleep(forMs);
  victim.thaw();
}
