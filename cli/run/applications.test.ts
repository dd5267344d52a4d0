import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, StreamsBuilder, stringSerde, topic } from '#streams';
import { openEmbeddedLog } from '#streams/embedded';
import { Applications } from './applications.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-applications-'));
afterAll(() => rmSync(directory, { recursive: true }));

const words = topic('words', { key: stringSerde, value: stringSerde, partitions: 1 });
const copies = topic('copies', { key: stringSerde, value: stringSerde, partitions: 1 });

type JoinGroup = Log['joinGroup'];
type GroupMember = Awaited<ReturnType<JoinGroup>>;

function replaced<T extends object>(target: T, by: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(name in by ? by : target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A log that takes a commit and does not answer until it is closed. */
function silent(log: Log, asked: () => void): Log {
  let endWait: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    endWait = resolve;
  });
  const commit: GroupMember['commit'] = async () => {
    asked();
    await closed;
    throw new Error('nobody has answered');
  };
  return replaced(log, {
    joinGroup: async (options: Parameters<JoinGroup>[0]) =>
      replaced(await log.joinGroup(options), { commit }),
    close: async () => {
      endWait();
      await log.close();
    },
  });
}

test('a log that does not answer does not keep the shop from ending', async () => {
  const embedded = await openEmbeddedLog({ directory });
  let isAsked: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const builder = new StreamsBuilder();
  builder.stream(words).to(copies);
  const failures: string[] = [];
  const applications = new Applications({
    log: silent(embedded, isAsked),
    registry: embedded.schemaRegistry,
    localState: undefined,
    topologies: new Map([['copy', builder.build()]]),
    onFailure: (id) => failures.push(id),
    lastCommitsWithinMs: 50,
  });
  await applications.start();
  const value = Buffer.from('once');
  await embedded.append([{ topic: 'words', key: null, value, timestampMs: 1, headers: [] }]);
  await asked;

  await applications.close();

  const again = await openEmbeddedLog({ directory });
  const { offsets } = await again.describeTopic('copies');
  expect(offsets).toEqual([{ beginning: 0n, end: 0n }]);
  await again.close();
  expect(failures).toEqual(['copy']);
});
