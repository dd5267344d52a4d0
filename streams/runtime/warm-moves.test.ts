/** What an application does with tasks that move while their state is copied. The group is a script. */
import { memoryRegistry } from '../avro/memory-registry.ts';
import type { Log, RebalanceListener, TopicPartition } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { longSerde, stringSerde } from '../serdes.ts';
import { MemoryLocalState } from '../state/memory-local-state.ts';
import { until } from '../testing/until.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import { heldReaders } from './held-readers.ts';
import { StreamsApplication, type StreamsApplicationOptions } from './streams-application.ts';

const words = topic('words', { key: stringSerde, value: stringSerde, partitions: 2 });
const lines = topic('lines', { key: stringSerde, value: stringSerde, partitions: 2 });
const passed = topic('passed', { key: stringSerde, value: stringSerde, partitions: 2 });
const counts = { name: 'counts', key: stringSerde, value: longSerde };
const keys = Array.from({ length: 60 }, (_, i) => `key ${i}`);

/** Tasks 0_n have state, tasks 1_n have none. */
function topology() {
  const builder = new StreamsBuilder();
  builder.stream(words).groupByKey('g').count('counts');
  builder.stream(lines).to(passed);
  return builder.build();
}

let log: Log;
let applications: StreamsApplication[];
beforeEach(async () => {
  log = memoryLog({ commitsState: false });
  applications = [];
  await log.createTopics([words, lines, passed]);
  await log.append(
    keys.map((key) => {
      const bytes = { key: Buffer.from(key), value: Buffer.from('x') };
      return { topic: 'words', ...bytes, timestampMs: 0, headers: [] };
    }),
  );
});
afterEach(async () => {
  for (const one of applications) await one.close();
  await log.close();
});

function application(more: Partial<StreamsApplicationOptions> = {}): StreamsApplication {
  const one = new StreamsApplication({
    applicationId: 'app',
    topology: topology(),
    log,
    registry: memoryRegistry(),
    localState: new MemoryLocalState(),
    pollIntervalMs: 5,
    acceptableRecoveryLag: 5,
    ...more,
  });
  applications.push(one);
  return one;
}

async function counted(app: StreamsApplication): Promise<number> {
  let sum = 0;
  for await (const { value } of app.store(counts).all()) sum += value;
  return sum;
}

/** Another application has counted all keys, and is gone: its changelogs are there. */
async function countOnce(): Promise<void> {
  const first = application();
  await first.start();
  await until(async () => first.state === 'running' && (await counted(first)) === keys.length);
  await first.close();
}

/** The log, and what the group asks of the member that joins next. */
function scripted() {
  const script = {
    listener: undefined as RebalanceListener | undefined,
    ready: [] as TopicPartition[],
    /** Instead of being given its partitions the member hears that they are on their way. */
    isWarm: false,
    assigned: [] as readonly TopicPartition[],
  };
  const joinGroup: Log['joinGroup'] = async (options) => {
    const { listener } = options;
    script.listener = listener;
    const onAssigned = async (partitions: readonly TopicPartition[]) => {
      script.assigned = partitions;
      await (script.isWarm ? listener.onComing?.(partitions) : listener.onAssigned(partitions));
    };
    const member = await log.joinGroup({ ...options, listener: { ...listener, onAssigned } });
    member.ready = (partitions) => script.ready.push(...partitions);
    return member;
  };
  return { script, log: new Proxy(log, { get: (of, name) => find(of, name) }) };

  function find(of: Log, name: string | symbol): unknown {
    if (name === 'joinGroup') return joinGroup;
    const value = Reflect.get(of, name);
    return typeof value === 'function' ? value.bind(of) : value;
  }
}

const named = (partitions: readonly TopicPartition[] = []) =>
  partitions.map(({ topic, partition }) => `${topic} ${partition}`).sort();

const all = [words, lines].flatMap(({ name }) =>
  [0, 1].map((partition) => ({ topic: name, partition })),
);

test.each`
  options                           | kept
  ${{}}                             | ${['words 0', 'words 1']}
  ${{ acceptableRecoveryLag: 100 }} | ${[]}
  ${{ warmupTimeoutMs: 0 }}         | ${[]}
`('keeps $kept of all with $options: what has state that takes long', async ({ options, kept }) => {
  const { script, log } = scripted();
  const app = application({ log, ...options });
  await app.start();
  await until(async () => app.state === 'running' && (await counted(app)) === keys.length);
  expect(named(await script.listener?.keeps?.(all))).toEqual(kept);
  // Only tasks that go whole, and only those that run.
  const some = await script.listener?.keeps?.([{ topic: 'words', partition: 1 }]);
  expect(named(some)).toEqual(kept.filter((name: string) => name === 'words 1'));
  await app.close();
  expect(await script.listener?.keeps?.(all)).toEqual([]);
});

test('copies the state of tasks that are on their way, says when it is near, and takes it over', async () => {
  await countOnce();

  const { script, log } = scripted();
  script.isWarm = true;
  const { log: held, release } = heldReaders(log, () => true);
  const app = application({ log: held });
  await app.start();
  // What has no state is ready at once; nothing of the other can be read yet.
  await until(() => script.ready.length === 2);
  expect(named(script.ready)).toEqual(['lines 0', 'lines 1']);
  await until(() => app.state === 'running' && app.metrics().standbys.length === 2);
  expect(app.state).toBe('running');
  expect(app.metrics().tasks).toEqual([]);
  release();
  await until(() => script.ready.length === 4);
  expect(named(script.ready.slice(2))).toEqual(['words 0', 'words 1']);

  script.isWarm = false;
  await script.listener?.onAssigned(script.assigned);
  await script.listener?.onComing?.([]);
  await until(() => app.metrics().tasks.length === 4);
  expect(app.metrics().restoredRecords).toBe(0);
  expect(app.metrics().standbys).toEqual([]);
  await until(async () => app.state === 'running' && (await counted(app)) === keys.length);
});

test('stops copying the state of a task that comes no more', async () => {
  await countOnce();

  const { script, log } = scripted();
  script.isWarm = true;
  const app = application({ log });
  await app.start();
  await until(() => script.ready.length === 4);
  await script.listener?.onComing?.([{ topic: 'words', partition: 1 }]);
  await until(
    () =>
      app
        .metrics()
        .standbys.map(({ taskId }) => taskId)
        .join() === '0_1',
  );
  await script.listener?.onComing?.([]);
  await until(() => app.metrics().standbys.length === 0);
});
