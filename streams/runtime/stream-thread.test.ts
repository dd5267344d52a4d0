/** What the thread does when its surroundings misbehave. */
import { memoryRegistry } from '../avro/memory-registry.ts';
import type { SchemaRegistry } from '../avro/registry.ts';
import * as avro from '../avro/schema.ts';
import { StreamsError } from '../errors.ts';
import type { GroupOptions, Log } from '../log/log.ts';
import { memoryLog } from '../log/memory/memory-log.ts';
import { stringSerde } from '../serdes.ts';
import { keyValueStore } from '../state/store.ts';
import { until } from '../testing/until.ts';
import { StreamsBuilder } from '../topology/streams-builder.ts';
import { topic } from '../topology/topic.ts';
import type { Topology } from '../topology/topology.ts';
import { type Faults, faultyLog } from './faulty-log.ts';
import {
  type RecordsLost,
  StreamsApplication,
  type StreamsApplicationOptions,
} from './streams-application.ts';

const Item = avro.record('Item', { name: avro.string });
const items = topic('items', { key: stringSerde, value: Item, partitions: 1 });
const names = topic('names', { key: stringSerde, value: stringSerde, partitions: 1 });

function namesOfItems(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream(items)
    .mapValues(({ name }) => name)
    .to(names);
  return builder.build();
}

function copy(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream(names)
    .to(topic('copies', { key: stringSerde, value: stringSerde, partitions: 1 }));
  return builder.build();
}

let log: Log;
let registry: SchemaRegistry;
const applications: StreamsApplication[] = [];

beforeEach(() => {
  log = memoryLog();
  registry = memoryRegistry();
});
afterEach(async () => {
  for (const app of applications.splice(0)) await app.close();
  await log.close();
});

async function start(
  topology: Topology,
  more: Partial<StreamsApplicationOptions> = {},
): Promise<StreamsApplication> {
  const app = new StreamsApplication({
    applicationId: 'app',
    topology,
    log,
    registry,
    retryBackoffMs: 1,
    pollIntervalMs: 5,
    ...more,
  });
  applications.push(app);
  await app.start();
  return app;
}

async function append(topicName: string, ...values: (string | Uint8Array)[]): Promise<void> {
  const key = Buffer.from('k');
  await log.append(
    values.map((value) => ({
      topic: topicName,
      key,
      value: Buffer.from(value as Uint8Array),
      timestampMs: 0,
      headers: [],
    })),
  );
}

async function texts(topicName: string): Promise<string[]> {
  const { offsets } = await log.describeTopic(topicName);
  const end = offsets[0]?.end ?? 0n;
  const reader = log.openReader();
  reader.assign([{ topic: topicName, partition: 0, offset: 0n }]);
  const found: string[] = [];
  while (BigInt(found.length) < end) {
    for (const { records } of await reader.poll({ maxWaitMs: 1_000 })) {
      found.push(...records.map(({ value }) => Buffer.from(value ?? []).toString()));
    }
  }
  await reader.close();
  return found;
}

test('loads a schema that it has not seen, and buries a record whose schema nobody has', async () => {
  const loaded = new Set<number>();
  const lazy: SchemaRegistry = {
    ...registry,
    schema: (id) => (loaded.has(id) ? registry.schema(id) : undefined),
    load: async (id) => {
      loaded.add(id);
      return registry.load(id);
    },
  };
  const foreign = avro.record('Item', { name: avro.string, size: avro.nullable(avro.int) });
  const foreignId = await registry.register('elsewhere', foreign.avro);
  const serde = await foreign.forTopic?.({ topic: 'elsewhere', part: 'value', registry });
  const known = serde?.serialize({ name: 'lamp', size: 3 }) as Uint8Array;
  const unknown = Buffer.from([0, 0, 0, 3, 231, 8]);
  await log.createTopics([items]);
  await append('items', known, unknown, known);

  const app = await start(namesOfItems(), { registry: lazy });
  await until(async () => (await texts('names')).length === 2);
  expect(await texts('names')).toEqual(['lamp', 'lamp']);
  expect(loaded.has(foreignId)).toBe(true);
  expect(app.metrics().tasks[0]?.deadLetters).toBe(1);
  expect((await log.describeTopic('app-dead-letters')).offsets[0]?.end).toBe(1n);
});

test('goes on when the registry is away for a while, without a dead letter', async () => {
  const foreign = avro.record('Item', { name: avro.string, size: avro.nullable(avro.int) });
  await registry.register('items-value', Item.avro);
  const serde = await foreign.forTopic?.({ topic: 'elsewhere', part: 'value', registry });
  let failures = 0;
  let isLoaded = false;
  const away: SchemaRegistry = {
    ...registry,
    schema: (id) => (isLoaded ? registry.schema(id) : undefined),
    load: async (id) => {
      failures += 1;
      if (failures < 4) {
        throw new StreamsError('STREAMS_LOG_UNAVAILABLE', 'no answer', { retryable: true });
      }
      isLoaded = true;
      return registry.load(id);
    },
  };
  await log.createTopics([items]);
  await append('items', serde?.serialize({ name: 'lamp', size: null }) as Uint8Array);
  const app = await start(namesOfItems(), { registry: away });
  await until(async () => (await texts('names')).length === 1);
  expect(app.metrics().tasks[0]?.deadLetters).toBe(0);
  expect(app.state).toBe('running');
});

test('comes back as a new member when it was fenced, and commits each record once', async () => {
  await log.createTopics([names]);
  let commits = 0;
  const faults: Faults = {
    commit: async (_commit, write) => {
      commits += 1;
      if (commits === 2) throw new StreamsError('STREAMS_TASK_MIGRATED', 'planned');
      await write();
    },
  };
  const app = await start(copy(), { log: faultyLog(log, faults) });
  for (let i = 0; i < 5; i++) {
    await append('names', `${i}`);
    await until(async () => (await texts('copies')).length === i + 1);
  }
  expect(await texts('copies')).toEqual(['0', '1', '2', '3', '4']);
  expect(app.state).toBe('running');
});

test('comes back when the log lets it, and heeds nothing that the member before says late', async () => {
  await log.createTopics([names]);
  const joins: GroupOptions[] = [];
  let commits = 0;
  const faults: Faults = {
    join: (options) => {
      joins.push(options);
      if (joins.length !== 2) return;
      throw new StreamsError('STREAMS_LOG_UNAVAILABLE', 'planned', { retryable: true });
    },
    commit: async (_commit, write) => {
      commits += 1;
      if (commits === 1) throw new StreamsError('STREAMS_TASK_MIGRATED', 'planned');
      await write();
    },
  };
  const app = await start(copy(), { log: faultyLog(log, faults) });
  await append('names', 'a');
  await until(async () => (await texts('copies')).length === 1);
  expect(joins).toHaveLength(3);

  const [before] = joins;
  await before?.listener.onRevoked([{ topic: 'names', partition: 0 }]);
  expect(app.metrics().tasks).toHaveLength(1);
  await append('names', 'b');
  await until(async () => (await texts('copies')).length === 2);
  expect(app.state).toBe('running');
});

test('a poll that fails for a moment is tried again; one that fails for good stops everything', async () => {
  await log.createTopics([names]);
  let error: Error | undefined = new StreamsError('STREAMS_LOG_UNAVAILABLE', 'away', {
    retryable: true,
  });
  const faults: Faults = {
    poll: () => {
      if (error !== undefined) throw error;
    },
  };
  const causes: unknown[] = [];
  const app = await start(copy(), {
    log: faultyLog(log, faults),
    onStateChange: (_state, cause) => cause !== undefined && causes.push(cause),
  });
  await append('names', 'a');
  await until(() => app.metrics().commits.failed >= 2);
  error = undefined;
  await until(async () => (await texts('copies')).length === 1);
  error = new Error('the disk is gone');
  await until(() => app.state === 'error');
  expect(causes).toEqual([error]);
  expect(app.cause).toBe(error);
});

test('gives others a turn while it has work', async () => {
  await log.createTopics([names]);
  await append('names', ...Array.from({ length: 20_000 }, (_, i) => `${i}`));
  const app = await start(copy(), { sliceMs: 1 });
  let turns = 0;
  await until(() => {
    turns += 1;
    return (app.metrics().tasks[0]?.processed ?? 0) >= 20_000;
  });
  expect(turns).toBeGreaterThan(10);
});

test('refuses to start on topics of another shape, and says how they differ', async () => {
  await log.createTopics([{ ...names, partitions: 7 }]);
  const app = new StreamsApplication({ applicationId: 'app', topology: copy(), log, registry });
  await expect(app.start()).rejects.toThrow(/'names': partitions is 7, wanted 1/);
  expect(app.state).toBe('error');
  await app.close();
});

test('a store cannot be asked before the application runs', async () => {
  const app = new StreamsApplication({ applicationId: 'app', topology: copy(), log, registry });
  const definition = { name: 'none', key: stringSerde, value: stringSerde };
  expect(() => app.store(definition)).toThrow(/not started/);
  await app.start();
  expect(() => app.store(definition)).toThrow(/no store 'none'/);
  await app.close();
});

/** Keeps the last item of each key, and tells its name with every tick when it is told to. */
function ticking(item: typeof Item, isTelling: boolean): Topology {
  const held = keyValueStore('held', { key: stringSerde, value: item });
  const builder = new StreamsBuilder();
  builder
    .stream(topic('items', { key: stringSerde, value: item, partitions: 1 }))
    .process<string, string, { held: typeof held }>('hold', {
      stores: { held },
      process: ({ key, value }, { stores }) => stores.held.put(key, value),
      punctuators: [
        {
          time: 'wall-clock',
          everyMs: 1,
          punctuate: (_now, { stores, forward }) => {
            const kept = isTelling ? stores.held.get('k') : undefined;
            if (kept !== undefined) forward({ key: 'k', value: kept.name });
          },
        },
      ],
    })
    .to(names);
  return builder.build();
}

test('a wall-clock punctuator that meets a schema it has not seen loads it and fires', async () => {
  const serde = await Item.forTopic?.({ topic: 'items', part: 'value', registry });
  await log.createTopics([items, names]);
  await append('items', serde?.serialize({ name: 'lamp' }) as Uint8Array);
  const first = await start(ticking(Item, false));
  await until(() => first.metrics().commits.records === 1);
  await first.close();

  const loaded = new Set<number>();
  const underlying = registry;
  registry = {
    register: async (subject, schema) => {
      const id = await underlying.register(subject, schema);
      loaded.add(id);
      return id;
    },
    schema: (id) => (loaded.has(id) ? underlying.schema(id) : undefined),
    load: async (id) => {
      loaded.add(id);
      return underlying.load(id);
    },
  };
  const grown = avro.record('Item', { name: avro.string, size: avro.nullable(avro.int) });
  const second = await start(ticking(grown as unknown as typeof Item, true));
  await until(async () => second.state === 'error' || (await texts('names')).length > 0);
  expect(second.cause).toBeUndefined();
});

test('running() resolves when it runs, and tells why it never will', async () => {
  const app = await start(copy());
  await app.running();
  expect(app.state).toBe('running');
  await app.close();
  await expect(app.running()).rejects.toThrow('the state is closed');

  const broken = new StreamsApplication({
    applicationId: 'broken',
    topology: copy(),
    log: faultyLog(log, {
      poll: () => {
        throw new Error('the poll is broken');
      },
    }),
    registry,
  });
  applications.push(broken);
  const running = broken.running();
  await broken.start();
  await running.catch(() => undefined); // It may have run for a moment.
  await until(() => broken.state === 'error');
  await expect(broken.running()).rejects.toThrow('the poll is broken');
});

test('counts and tells what retention removed before it was read, and goes on behind it', async () => {
  let nowMs = 0;
  await log.close();
  const retained = memoryLog({ now: () => nowMs });
  log = retained;
  const short = topic('short', {
    key: stringSerde,
    value: stringSerde,
    partitions: 1,
    retentionMs: 10,
  });
  const builder = new StreamsBuilder();
  builder.stream(short).to(names);
  const topology = builder.build();
  const first = await start(topology, { startFrom: 'latest' });
  await first.running();
  await append('short', 'a');
  await until(() => first.metrics().commits.records === 1);
  await first.close();

  await append('short', 'b', 'c');
  nowMs = 1_000;
  await retained.clean();
  await retained.append([
    { topic: 'short', key: null, value: Buffer.from('d'), timestampMs: 1_000, headers: [] },
  ]);
  const told: RecordsLost[] = [];
  const second = await start(topology, {
    startFrom: 'latest',
    onRecordsLost: (lost) => told.push(lost),
  });
  await until(() => second.metrics().commits.records === 1);
  expect(second.metrics().tasks.map(({ lostRecords }) => lostRecords)).toEqual([2n]);
  expect(told).toEqual([
    { taskId: '0_0', topic: 'short', partition: 0, fromOffset: 1n, toOffset: 3n },
  ]);
});
