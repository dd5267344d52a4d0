/**
 * Writes lanes into Redis until it is killed, and prints each offset that is in.
 * Run by redis-lost.integration.test.ts: `crash-writer.ts <url> <namespace>`.
 */
import { laneChange, lanesBatch } from './lanes-log.ts';
import { openRedisViews } from './redis-views.ts';

const changesInBatch = 5;

const [url = '', namespace = ''] = process.argv.slice(2);
const { serviceability } = await openRedisViews({ url, namespace });
const { lanes } = serviceability.writers;
const [position] = await lanes.positions();
for (let from = Number(position?.nextOffset ?? 0); ; from += changesInBatch) {
  await lanes.apply([lanesBatch(from, changesInBatch, laneChange)]);
  process.stdout.write(`${from + changesInBatch}\n`);
}
