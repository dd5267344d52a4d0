/**
 * The process that the full-disk test starts: appends until it cannot, tries twice more, and says how
 * that went. A failure that nobody handles would end it.
 *
 *   node --import tsx full-disk-writer.ts <directory>
 */
import { writeSync } from 'node:fs';
import { StreamsError } from '../../errors.ts';
import { openEmbeddedLog } from './index.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('give the directory of the log');

const log = await openEmbeddedLog({ directory });
await log.createTopics([{ name: 'full', partitions: 1, cleanupPolicy: 'delete', retentionMs: -1 }]);
const record = {
  topic: 'full',
  key: null,
  timestampMs: 0,
  headers: [],
  value: Buffer.alloc(300_000),
};
const failures: string[] = [];
let written = 0;
while (failures.length < 3) {
  try {
    await log.append([record]);
    written += 1;
  } catch (error) {
    if (!(error instanceof StreamsError)) throw error;
    failures.push(`${error.code} ${error.retryable ? 'retryable' : 'for good'}`);
  }
}
await log.close();
writeSync(1, JSON.stringify({ written, failures }));
