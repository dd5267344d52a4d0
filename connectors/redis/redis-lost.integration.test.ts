import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type Lane, type LaneId, lanes as lanesTopic } from '#schemas/serviceability';
import { type MemoryLog, memoryLog, memoryRegistry } from '#streams';
import { type RedisServer, startRedis } from '../../test/servers/redis/start-redis.ts';
import { writeAndKill } from '../killed-writer.ts';
import { sinkFeed } from '../sink-feed.ts';
import { runSink } from '../sink-runner.ts';
import type { Position, ViewWriter } from '../views/view.ts';
import { foldedLanes, laneChange, lanesBatch } from './lanes-log.ts';
import { openRedisViews, type RedisViews } from './redis-views.ts';

let redis: RedisServer;
let admin: Redis;
beforeAll(async () => {
  redis = await startRedis();
  admin = new Redis(redis.url);
});
afterAll(async () => {
  admin.disconnect();
  await redis.stop();
});

const opened: RedisViews[] = [];
afterEach(async () => {
  for (const views of opened.splice(0)) await views.close();
});

async function open(namespace: string, server = redis): Promise<RedisViews> {
  const views = await openRedisViews({ url: server.url, namespace });
  opened.push(views);
  return views;
}

/** What is in the live generation, whether readers may have it or not. */
async function heldLanes(namespace: string, client: Redis): Promise<Map<string, number>> {
  const base = `{${namespace}.serviceability}:`;
  const live = await client.hget(`${base}meta`, 'live');
  const rows = await client.hgetall(`${base}${live}:lanes`);
  const days = ([key, json]: [string, string]): [string, number] => [
    key,
    (JSON.parse(json) as Lane).transitDays,
  ];
  return new Map(Object.entries(rows).map(days));
}

const endOf = (positions: readonly Position[], partition: number) =>
  positions.find((position) => position.partition === partition)?.nextOffset;

async function untilAnswered<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!/UNAVAILABLE/.test((error as { code?: string }).code ?? '')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** As a sink drives a writer, one step at a time. */
class SteppedSink {
  readonly #writer: ViewWriter<LaneId, Lane>;
  readonly #first: number;
  readonly #cursors = [0, 0];

  private constructor(writer: ViewWriter<LaneId, Lane>, first: number) {
    this.#writer = writer;
    this.#first = first;
  }

  static async start(views: RedisViews, first: number): Promise<SteppedSink> {
    const sink = new SteppedSink(views.serviceability.writers.lanes, first);
    await sink.#reload();
    return sink;
  }

  async step(count: number, partition: number): Promise<void> {
    const from = this.#cursors[partition] as number;
    try {
      await this.#writer.apply([lanesBatch(from, count, laneChange, partition)]);
      this.#cursors[partition] = from + count;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'SINK_GAP') throw error;
      await this.#reload();
    }
  }

  /** As an audit in the same process does. */
  async look(): Promise<void> {
    await this.#writer.positions();
  }

  async #reload(): Promise<void> {
    const positions = await this.#writer.positions();
    for (const partition of [0, 1]) {
      this.#cursors[partition] = Number(endOf(positions, partition) ?? this.#first);
    }
  }
}

/** A sequence that a seed gives, below `limit`. */
function chance(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

test.each([
  [1, 0],
  [2, 0],
  [3, 500],
  [4, 500],
  [5, 500],
])(
  'seed %i: two sinks and a Redis that is emptied leave no hole in a log from offset %i on',
  async (seed, first) => {
    const namespace = `two-${seed}`;
    const below = chance(seed);
    const observer = await open(namespace);
    const sinks = [
      await SteppedSink.start(await open(namespace), first),
      await SteppedSink.start(await open(namespace), first),
    ];
    for (let round = 0; round < 400; round++) {
      const sink = sinks[below(2)] as SteppedSink;
      const what = below(40);
      if (what === 0) await admin.flushall();
      else if (what === 1) sinks[below(2)] = await SteppedSink.start(await open(namespace), first);
      else if (what < 5) await sink.look();
      else await sink.step(1 + below(30), below(2));

      const positions = await observer.serviceability.writers.lanes.positions();
      const expected = [0, 1].flatMap((partition) => [
        ...foldedLanes(first, Number(endOf(positions, partition) ?? first), partition),
      ]);
      expect(await heldLanes(namespace, admin)).toEqual(new Map(expected));
    }
  },
);

test('a batch that is late, or sent again, changes nothing that is newer', async () => {
  const [here, there] = [await open('late'), await open('late')];
  const { lanes: a } = here.serviceability.writers;
  const { lanes: b } = there.serviceability.writers;
  await a.apply([lanesBatch(0, 10, laneChange)]);
  await Promise.all(
    Array.from({ length: 40 }, (_, index) => [
      a.apply([lanesBatch(index % 11, 30 + index, laneChange)]),
      b.apply([lanesBatch(index % 7, 25 + index, laneChange)]),
    ]).flat(),
  );
  const end = Number(endOf(await a.positions(), 0));
  expect(end).toBe(Math.max(30 + 39 + (39 % 11), 30 + 32 + (32 % 11), 30 + 38 + (38 % 11)));
  expect(await heldLanes('late', admin)).toEqual(foldedLanes(0, end));
});

const registry = memoryRegistry();
const count = 3_000;
/** A lane in each of its records. */
async function logOfLanes(): Promise<MemoryLog> {
  const log = memoryLog();
  const { name, partitions, cleanupPolicy, retentionMs } = lanesTopic;
  await log.createTopics([{ name, partitions, cleanupPolicy, retentionMs }]);
  const bind = { topic: name, registry };
  const key = (await lanesTopic.key.forTopic?.({ ...bind, part: 'key' })) ?? lanesTopic.key;
  const value = (await lanesTopic.value.forTopic?.({ ...bind, part: 'value' })) ?? lanesTopic.value;
  await log.append(
    Array.from({ length: count }, (_, index) => {
      const id = `lane-${index}` as LaneId;
      const [, lane] = laneChange(0);
      return {
        topic: name,
        key: key.serialize(id),
        value: value.serialize({ ...(lane as Lane), id }),
        timestampMs: 1,
        headers: [],
      };
    }),
  );
  return log;
}

const startSink = (log: MemoryLog, views: RedisViews) =>
  runSink({
    name: 'lanes-view',
    log,
    registry,
    feeds: [sinkFeed(lanesTopic, views.serviceability.writers.lanes)],
    sliceRecords: 50,
  });

/** Every answer until the first that is no error again; none may deny what is in the log. */
async function answersUntilWhole(views: RedisViews): Promise<string[]> {
  const codes: string[] = [];
  const deadline = performance.now() + 60_000;
  for (;;) {
    if (performance.now() > deadline) throw new Error('it does not come back');
    await new Promise(setImmediate); // Without a connection it fails before anything else can happen.
    const id = `lane-${(codes.length * 7) % count}` as LaneId;
    const found = await views.serviceability.reader.lane(id).then(
      (lane) => lane ?? 'unknown',
      (error: { code: string }) => error.code,
    );
    if (typeof found === 'object') return codes;
    codes.push(found);
  }
}

describe('readers of a Redis that was emptied', () => {
  let log: MemoryLog;
  beforeEach(async () => {
    log = await logOfLanes();
  });
  afterEach(() => log.close());

  test('are told nothing until a sink has it whole again, and then have all of it', async () => {
    const reading = await open('readers');
    const early = reading.serviceability.reader.lane('lane-0' as LaneId);
    await expect(early).rejects.toMatchObject({ code: 'VIEW_UNAVAILABLE' });
    const sink = await startSink(log, await open('readers'));
    await sink.caughtUp();
    for (let round = 0; round < 3; round++) {
      await admin.flushall();
      const codes = await answersUntilWhole(reading);
      expect(new Set(codes)).toEqual(new Set(['VIEW_UNAVAILABLE']));
      expect((await heldLanes('readers', admin)).size).toBe(count);
    }
    await sink.close();
  });

  test('have it again after a restart without data, by a sink that goes on by itself', async () => {
    const forgetful = await startRedis({ keepsData: false });
    const client = new Redis(forgetful.url);
    client.on('error', () => {});
    const reading = await open('restart', forgetful);
    const sink = await startSink(log, await open('restart', forgetful));
    await sink.caughtUp();
    await forgetful.kill();
    await forgetful.start();
    const codes = await answersUntilWhole(reading);
    expect(codes).not.toContain('unknown');
    expect((await heldLanes('restart', client)).size).toBe(count);
    await sink.close();
    client.disconnect();
    await forgetful.stop();
  });
});

function incrementalFile({ directory }: RedisServer): string {
  const folder = join(directory, 'appendonlydir');
  const name = readdirSync(folder).find((file) => file.endsWith('.incr.aof')) ?? '';
  return join(folder, name);
}

describe('a Redis that was killed', () => {
  test('has rows and positions that agree, whatever it has lost of what it wrote', async () => {
    const server = await startRedis();
    const client = new Redis(server.url);
    client.on('error', () => {});
    const { serviceability } = await open('torn', server);
    const { lanes } = serviceability.writers;
    const below = chance(11);
    let cursor = 0;
    for (let round = 0; round < 6; round++) {
      for (let batch = 0; batch < 15; batch++) {
        await untilAnswered(() => lanes.apply([lanesBatch(cursor, 9, laneChange)]));
        cursor += 9;
      }
      await server.kill();
      const file = incrementalFile(server);
      truncateSync(file, statSync(file).size - below(4_000));
      await server.start();

      const after = lanesBatch(cursor, 9, laneChange);
      const outcome = await untilAnswered(() =>
        lanes.apply([after]).then(
          () => 'taken',
          (error: { code: string }) => {
            if (error.code === 'SINK_UNAVAILABLE') throw error;
            return error.code;
          },
        ),
      );
      const end = Number(endOf(await lanes.positions(), 0));
      expect(outcome).toBe(end > cursor ? 'taken' : 'SINK_GAP');
      expect(await untilAnswered(() => heldLanes('torn', client))).toEqual(foldedLanes(0, end));
      cursor = end;
    }
    client.disconnect();
    await server.stop();
  });

  test('while a batch is under way has all of it or nothing, and what was told to be in', async () => {
    const server = await startRedis();
    const client = new Redis(server.url);
    client.on('error', () => {});
    const { serviceability } = await open('under-way', server);
    const { lanes } = serviceability.writers;
    let told = 0;
    for (let round = 0; round < 3; round++) {
      const [position] = await untilAnswered(() => lanes.positions());
      let from = Number(position?.nextOffset ?? 0);
      const writing = (async () => {
        for (;;) {
          await lanes.apply([lanesBatch(from, 500, laneChange)]);
          from += 500;
          told = from;
        }
      })();
      const failed = expect(writing).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
      const goal = told + 5_000;
      while (told < goal) await new Promise(setImmediate);
      await server.kill();
      await failed;
      await server.start();
      const end = Number(endOf(await untilAnswered(() => lanes.positions()), 0));
      // What a killed process has handed to the system is not lost with it.
      expect(end).toBeGreaterThanOrEqual(told);
      expect(await heldLanes('under-way', client)).toEqual(foldedLanes(0, end));
    }
    client.disconnect();
    await server.stop();
  });
});

test('a sink that is killed -9 leaves rows and positions that agree', async () => {
  const writer = new URL('./crash-writer.ts', import.meta.url);
  const observer = await open('killed');
  for (const lines of [3, 60]) {
    const told = await writeAndKill(writer, [redis.url, 'killed'], lines);
    const positions = await observer.serviceability.writers.lanes.positions();
    const end = Number(endOf(positions, 0));
    expect(end).toBeGreaterThanOrEqual(told);
    expect(await heldLanes('killed', admin)).toEqual(foldedLanes(0, end));
  }
});
