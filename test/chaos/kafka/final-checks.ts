/** What must be true in the end. The instances are stopped for it, and opened once more. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Counts,
  changelogFaults,
  differences,
  expectedCounts,
  outputFaults,
  repartitionFaults,
} from '../../counting/audit.ts';
import { counting } from './variant.ts';
import type { World } from './world.ts';

/** Until the tasks of instances that have just begun are given out and restored. */
const settlesWithinMs = 120_000;
const lookAgainMs = 500;

export async function finalFaults(
  world: World,
): Promise<{ readonly passed: number; readonly faults: readonly string[] }> {
  const { log, instances, feeder, variant, faults } = world;
  const { expected, faults: inputFaults } = await expectedCounts(
    log,
    counting,
    feeder.acknowledged,
  );
  const checks: (readonly string[])[] = [inputFaults, await storeFaults(world, expected)];
  await Promise.all(instances.map((instance) => instance.stop()));
  checks.push(await outputFaults(log, counting, expected, variant.caches));
  checks.push(await changelogFaults(log, counting, expected));
  if (!variant.purges) checks.push(await repartitionFaults(log, counting, expected));
  for (const instance of instances) instance.start();
  checks.push(await storeFaults(world, expected));
  await Promise.all(instances.map((instance) => instance.stop()));
  checks.push(faults.splice(0));
  return {
    passed: checks.filter((found) => found.length === 0).length,
    faults: checks.flat(),
  };
}

/** Every key is in the store of one instance, with its count. */
async function storeFaults({ instances }: World, expected: Counts): Promise<readonly string[]> {
  const untilMs = Date.now() + settlesWithinMs;
  for (;;) {
    const faults = await storeDifferences(instances, expected);
    if (faults.length === 0 || Date.now() > untilMs) return faults;
    await sleep(lookAgainMs);
  }
}

async function storeDifferences(
  instances: World['instances'],
  expected: Counts,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const counts = new Map<string, number>();
  for (const instance of instances) {
    for (const [key, count] of await instance.counts()) {
      if (counts.has(key)) faults.push(`${key} is in the store of ${instance.name} and of another`);
      counts.set(key, count);
    }
  }
  return [...faults, ...differences('stores', counts, expected)];
}
