/** A log may still hand out what it had read before a partition was sought anew. */
import { memoryRegistry } from '../avro/memory-registry.ts';
import type { GroupMember, Log, RecordBatch } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { StreamsApplication } from './streams-application.ts';

const words = topic('words', { key: stringSerde, value: stringSerde, partitions: 1 });

/** Says of each batch where reading was before it, and loses one, as a stale poll would. */
function losingOnce(member: GroupMember, seeks: bigint[]): GroupMember {
  let at = 0n;
  let polls = 0;
  const marked = (batch: RecordBatch): RecordBatch => {
    const fromOffset = at;
    at = batch.nextOffset;
    return { ...batch, fromOffset };
  };
  return {
    poll: async (options) => {
      const batches = (await member.poll({ ...options, maxRecords: 10 })).map(marked);
      if (batches.length > 0) polls += 1;
      return polls === 2 && batches.length > 0 ? [] : batches;
    },
    seek: (partition, offset) => {
      seeks.push(offset);
      at = offset;
      member.seek(partition, offset);
    },
    pause: (partitions) => member.pause(partitions),
    resume: (partitions) => member.resume(partitions),
    commit: (commit) => member.commit(commit),
    close: () => member.close(),
  };
}

test('a batch behind a gap is not processed: the partition is read again from the gap', async () => {
  const memory = memoryLog();
  await memory.createTopics([words]);
  const value = Buffer.from('tea');
  const record = { topic: words.name, partition: 0, key: value, value, headers: [] };
  const total = 100;
  await memory.append(
    Array.from({ length: total }, (_, timestampMs) => ({ ...record, timestampMs })),
  );
  const seeks: bigint[] = [];
  const builder = new StreamsBuilder();
  builder.stream(words).groupByKey('by-word').count('counts');
  const application = new StreamsApplication({
    applicationId: 'app',
    topology: builder.build(),
    log: withMembers(memory, (member) => losingOnce(member, seeks)),
    registry: memoryRegistry(),
  });
  await application.start();
  await application.running();
  const store = application.store({ name: 'counts', key: stringSerde, value: longSerde });
  while ((await store.get('tea')) !== total) await new Promise(setImmediate);
  expect(seeks).toEqual([10n]);
  await application.close();
  await memory.close();
});

/** The log, but for the members of its groups. */
function withMembers(log: Log, wrap: (member: GroupMember) => GroupMember): Log {
  const joinGroup: Log['joinGroup'] = async (options) => wrap(await log.joinGroup(options));
  return new Proxy(log, {
    get: (_, name) => {
      if (name === 'joinGroup') return joinGroup;
      const member = Reflect.get(log, name) as unknown;
      return typeof member === 'function' ? member.bind(log) : member;
    },
  });
}
