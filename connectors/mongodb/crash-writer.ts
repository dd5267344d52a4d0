/**
 * Writes items into MongoDB until it is killed, and prints each offset that is in. Run by
 * mongodb-faults.integration.test.ts: `crash-writer.ts <url> <database>`.
 */
import { changesFrom, changesInBatch } from './item-changes.ts';
import { openMongoViews } from './mongo-views.ts';

const [, , url = '', database = ''] = process.argv;
const { items } = await openMongoViews({ url, database });
const [position] = await items.writer.positions();
for (let from = Number(position?.nextOffset ?? 0); ; from += changesInBatch) {
  await items.writer.apply([changesFrom(from)]);
  process.stdout.write(`${from + changesInBatch}\n`);
}
