/**
 * word-count.ts in two stream threads. What differs is where the topology comes from: threads share
 * no functions, so each imports the module that makes it.
 *
 *   node --import tsx examples/word-count-in-threads.ts [directory]
 */
import { longSerde, stringSerde as text } from '#streams';
import { openEmbeddedLog } from '#streams/embedded';
import { ThreadedStreamsApplication } from '#streams/threads';
import { lines } from './word-count-topology.ts';

const log = await openEmbeddedLog({ directory: process.argv[2] ?? './data/word-count' });
const application = new ThreadedStreamsApplication({
  applicationId: 'word-count',
  topology: { module: new URL('./word-count-topology.ts', import.meta.url) },
  threads: 2,
  log,
  registry: log.schemaRegistry,
});
await application.start();
await application.running();

const store = application.store({ name: 'counts', key: text, value: longSerde });
const before = (await store.get('be')) ?? 0;

await log.append(
  ['To be, or not to be', 'that is the question'].map((line) => ({
    topic: lines.name,
    key: null,
    value: text.serialize(line),
    timestampMs: Date.now(),
    headers: [],
  })),
);

const shortly = () => new Promise((resolve) => setTimeout(resolve, 5));
while (((await store.get('be')) ?? 0) < before + 2) await shortly();
console.log(`be: ${await store.get('be')}`);

await application.close();
await log.close();
