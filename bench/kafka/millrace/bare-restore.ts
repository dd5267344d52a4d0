/** The ceiling of a restore: the changelog is read to its end with the client alone, and nothing is done with it. */
import { type ConsumedMessage, call, newConsumer } from '../native-client.ts';
import type { ProgramOptions } from './program-options.ts';
import { reportEvent } from './run-report.ts';

/** As the driver reads: smaller fetches than the client's own are faster and hold less memory. */
const settings = {
  'enable.auto.commit': false,
  'enable.partition.eof': true,
  'fetch.queue.backoff.ms': 5,
  'fetch.message.max.bytes': 512 * 1_024,
  'queued.min.messages': 5_000,
  'queued.max.messages.kbytes': 8 * 1_024,
};
const readAtOnce = 2_000;
const partitions = [0, 1, 2, 3];

/** `application` is the one whose store was made. */
export async function readChangelog(
  { bootstrap, application }: ProgramOptions,
  toldToEnd: Promise<void>,
): Promise<void> {
  const group = { 'bootstrap.servers': bootstrap, 'group.id': `${application}-bare` };
  const consumer = newConsumer({ ...settings, ...group });
  const topic = `${application}-big-changelog`;
  const unread = new Set(partitions);
  consumer.on('partition.eof', ({ partition }) => unread.delete(partition));
  await call((done) => consumer.connect({}, done));
  consumer.assign(partitions.map((partition) => ({ topic, partition, offset: 0 })));
  consumer.setDefaultConsumeTimeout(1);
  let restoredRecords = 0;
  while (unread.size > 0) {
    const batch = await call<ConsumedMessage[]>((done) => consumer.consume(readAtOnce, done));
    restoredRecords += batch.length;
  }
  reportEvent('running', { restoredRecords });
  await toldToEnd;
  await call((done) => consumer.disconnect(done));
}
