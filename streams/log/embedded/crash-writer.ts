/**
 * The process that the crash test kills: counts the records of a topic, each commit with its output,
 * its offset and its state, and prints what has been acknowledged.
 *
 *   node --import tsx crash-writer.ts <directory>
 */
import { writeSync } from 'node:fs';
import type { RecordBatch } from '../log.ts';
import { openEmbeddedLog } from './index.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('give the directory of the log');

const setup = { partitions: 1, cleanupPolicy: 'delete', retentionMs: -1 } as const;
const input = { topic: 'input', partition: 0 };
const counter = Buffer.from('count');

const log = await openEmbeddedLog({ directory });
await log.createTopics([
  { name: 'input', ...setup },
  { name: 'output', ...setup },
]);
const member = await log.joinGroup({
  groupId: 'counter',
  topics: ['input'],
  startFrom: 'earliest',
  listener: { async onAssigned() {}, async onRevoked() {} },
});

await Promise.all([appendForEver(), countForEver()]);

/** Records of all sizes, so that some need pages of their own. */
async function appendForEver(): Promise<never> {
  for (let i = 0; ; i++) {
    const value = Buffer.alloc((i * 37) % 9_000, i % 256);
    const record = { ...input, key: null, value, timestampMs: i, headers: [] };
    const [written] = await log.append([record]);
    acknowledge(`appended ${written?.offset}`);
  }
}

async function countForEver(): Promise<never> {
  let count = storedCount();
  for (;;) {
    for (const batch of await member.poll({ maxRecords: 7, maxWaitMs: 1_000 })) {
      count += batch.records.length;
      await commit(batch, count);
      acknowledge(`committed ${batch.nextOffset}`);
    }
  }
}

async function commit(batch: RecordBatch, count: number): Promise<void> {
  const value = Buffer.from(`${count}`);
  const output = { topic: 'output', key: null, value, timestampMs: 0, headers: [] };
  await member.commit({
    outputs: batch.records.map(() => output),
    offsets: [{ ...input, offset: batch.nextOffset }],
    state: [{ taskId: '0_0', writes: [{ store: 'counts', key: counter, value }] }],
  });
}

function storedCount(): number {
  const stored = log.stateStorage.openTask('counter', '0_0').get('counts', counter);
  return stored === undefined ? 0 : Number(Buffer.from(stored).toString());
}

/** Synchronous, so that a kill cannot take back what was said. */
function acknowledge(what: string): void {
  writeSync(1, `${what}\n`);
}
