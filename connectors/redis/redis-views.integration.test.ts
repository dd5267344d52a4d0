import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import type { MinuteCount } from '#schemas/behaviour';
import type { DispatchRules, Pincode, PincodeRoutes, WarehouseId } from '#schemas/serviceability';
import { type RedisServer, startRedis } from '../../test/servers/redis/start-redis.ts';
import { openTcpProxy } from '../../test/servers/tcp-proxy.ts';
import { analyticsViewContract } from '../views/analytics-view-contract.ts';
import { rebuildContract } from '../views/rebuild-contract.ts';
import { sampleRoute, sampleRoutes } from '../views/sample-values.ts';
import { serviceabilityViewContract } from '../views/serviceability-view-contract.ts';
import { batchOf } from '../views/view-writer-contract.ts';
import { migrateRedis, openRedisViews, type RedisViews } from './redis-views.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const opened: RedisViews[] = [];
afterEach(async () => {
  for (const views of opened.splice(0)) await views.close();
});

let namespaces = 0;
const newNamespace = () => `test-${namespaces++}`;

async function open(namespace: string, url = redis.url): Promise<RedisViews> {
  const views = await openRedisViews({ url, namespace });
  opened.push(views);
  return views;
}

/** As a sink leaves it that has read topics in which nothing is. */
async function openEmpty(namespace = newNamespace()): Promise<RedisViews> {
  const views = await open(namespace);
  const { analytics, serviceability } = views;
  const writers = [serviceability.writers, analytics.writers].flatMap((of) => Object.values(of));
  for (const writer of writers) await writer.caughtUp?.([]);
  return views;
}

interface Opened<R, W> {
  readonly reader: R;
  readonly writers: W;
  readonly reopen: () => Promise<Opened<R, W>>;
}

function opening<R, W>(
  pick: (views: RedisViews) => { readonly reader: R; readonly writers: W },
): () => Promise<Opened<R, W>> {
  return async () => {
    const namespace = newNamespace();
    const underTest = (views: RedisViews): Opened<R, W> => ({
      ...pick(views),
      reopen: async () => {
        await views.close();
        return underTest(await open(namespace));
      },
    });
    return underTest(await openEmpty(namespace));
  };
}

serviceabilityViewContract(
  'the serviceability view in Redis',
  opening((views) => views.serviceability),
);
analyticsViewContract(
  'the analytics view in Redis',
  opening((views) => views.analytics),
);

const routesOf = (pincode: string, transitDays: number) =>
  sampleRoutes(pincode, [sampleRoute({ transitDays })]);

rebuildContract<Pincode, PincodeRoutes>('the serviceability view in Redis', {
  open: async () => {
    const namespace = newNamespace();
    const underTest = ({ serviceability: { reader, writers, beginCopy } }: RedisViews) => ({
      reader,
      writer: writers.routes,
      read: (pincode: Pincode) => reader.routes(pincode),
      beginCopy: async () => {
        const copy = await beginCopy();
        return { ...copy, writers: { writer: copy.writers.routes } };
      },
      elsewhere: async () => underTest(await open(namespace)),
    });
    return underTest(await openEmpty(namespace));
  },
  key: (name) => name as Pincode,
  value: routesOf,
});

const minute = (measure: string, count: number): MinuteCount => ({
  measure,
  minute: 60_000,
  count,
  amount: 0,
});

rebuildContract<string, MinuteCount>('the analytics view in Redis', {
  open: async () => {
    const namespace = newNamespace();
    const underTest = ({ analytics: { reader, writers, beginCopy } }: RedisViews) => ({
      reader,
      writer: writers.minuteCounts,
      read: async (key: string) => (await reader.minutes(key.split('@')[0] ?? '', 0, 60_000))[0],
      beginCopy: async () => {
        const copy = await beginCopy();
        return { ...copy, writers: { writer: copy.writers.minuteCounts } };
      },
      elsewhere: async () => underTest(await open(namespace)),
    });
    return underTest(await openEmpty(namespace));
  },
  key: (name) => `${name}@60000`,
  value: minute,
});

const pune = '411001' as Pincode;

describe('the serviceability view in Redis, looked up', () => {
  const rules = (id: string, handlingDays: number): DispatchRules => ({
    warehouseId: id as WarehouseId,
    city: 'Pune',
    timeZone: 'Asia/Kolkata',
    workingDays: [1],
    holidays: [],
    cutOffMinute: 900,
    handlingDays,
    active: true,
  });

  test('looks up routes and the rules of their warehouses in one round trip', async () => {
    const { serviceability } = await openEmpty();
    const { reader, writers } = serviceability;
    const ids = Array.from({ length: 24 }, (_, index) => `W${index}` as WarehouseId);
    const routes = ids.map((warehouseId) => sampleRoute({ warehouseId }));
    await writers.routes.apply([batchOf(0, [[pune, sampleRoutes(pune, routes)]])]);
    const ruled = ids.map((id) => [id, rules(id, 1)] as const);
    await writers.dispatchRules.apply([batchOf<WarehouseId, DispatchRules>(0, ruled)]);

    const admin = new Redis(redis.url);
    const calls = async () =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1]);
    const lookUp = async () => {
      const found = await reader.routes(pune);
      const warehouses = found?.routes.map(({ warehouseId }) => warehouseId) ?? [];
      return Promise.all(warehouses.map((id) => reader.dispatchRules(id)));
    };
    for (const days of [1, 1, 2]) {
      const changed = ids.map((id) => [id, rules(id, days)] as const);
      await writers.dispatchRules.apply([
        { ...batchOf<WarehouseId, DispatchRules>(days * 24, changed), fromOffset: 0n },
      ]);
      const before = await calls();
      expect(await lookUp()).toEqual(ids.map((id) => rules(id, days)));
      expect((await calls()) - before).toBe(1);
    }
    admin.disconnect();
  });
});

describe('the serviceability view in Redis, all of it', () => {
  test('keeps a list of routes once, and no longer than a pincode has it', async () => {
    const namespace = newNamespace();
    const { serviceability } = await openEmpty(namespace);
    const { routes: writer } = serviceability.writers;
    const admin = new Redis(redis.url);
    const lists = async () => {
      const [key = ''] = await admin.keys(`{${namespace}.serviceability}:*:route-lists`);
      return admin.hlen(key);
    };
    const pincodes = Array.from({ length: 3_000 }, (_, index) => `${100_000 + index}` as Pincode);
    const same = pincodes.map((pincode) => [pincode, routesOf(pincode, 1)] as const);
    await writer.apply([batchOf(0, same)]);
    expect(await lists()).toBe(1);
    await writer.apply([batchOf<Pincode, PincodeRoutes>(3_000, [[pune, routesOf(pune, 2)]])]);
    expect(await lists()).toBe(2);
    const gone = pincodes.map((pincode) => [pincode, null] as const);
    await writer.apply([batchOf<Pincode, PincodeRoutes>(3_001, gone)]);
    expect(await lists()).toBe(1);
    expect(await serviceability.reader.reachableCount()).toBe(1);
    admin.disconnect();
  });

  test('reads every entry once', async () => {
    const { serviceability } = await openEmpty();
    const written = Array.from({ length: 2_345 }, (_, index) => {
      const pincode = `${100_000 + index}` as Pincode;
      return [pincode, routesOf(pincode, index % 7)] as const;
    });
    await serviceability.writers.routes.apply([batchOf(0, written)]);
    const found = new Map<Pincode, PincodeRoutes>();
    for await (const [pincode, routes] of serviceability.entries.routes()) {
      expect(found.has(pincode)).toBe(false);
      found.set(pincode, routes);
    }
    expect(found).toEqual(new Map(written));
  });
});

describe('the analytics view in Redis', () => {
  test('refuses what has no place in time, and keeps nothing of its batch', async () => {
    const { analytics } = await openEmpty();
    const { minuteCounts } = analytics.writers;
    const bad = { ...minute('views', 1), minute: Number.NaN };
    const batch = batchOf(0, [
      ['views@60000', minute('views', 1)],
      ['views@NaN', bad],
    ]);
    await expect(minuteCounts.apply([batch])).rejects.toMatchObject({ code: 'SINK_REJECTED' });
    expect(await minuteCounts.positions()).toEqual([]);
    expect(await analytics.reader.measures()).toEqual([]);
  });

  test('reads every count and every trend once', async () => {
    const { analytics } = await openEmpty();
    const counts = Array.from({ length: 2_500 }, (_, index) => {
      const count = { ...minute(`m${index % 3}`, index), minute: index * 60_000 };
      return [`m${index % 3}@${count.minute}`, count] as const;
    });
    await analytics.writers.minuteCounts.apply([batchOf(0, counts)]);
    const found: [string, MinuteCount][] = [];
    for await (const [key, count] of analytics.entries.minuteCounts()) found.push([key, count]);
    expect(found).toHaveLength(counts.length);
    expect(new Map(found)).toEqual(new Map(counts));

    const trends = Array.from({ length: 1_500 }, (_, index) => {
      const trend = { itemId: `i${index}`, hour: (index % 5) * 3_600_000, views: index } as const;
      return [`${trend.itemId}@${trend.hour}`, { ...trend, carts: 0, orders: 0 }] as const;
    });
    await analytics.writers.itemTrends.apply([batchOf<string, never>(0, trends as never)]);
    const read = new Map<string, unknown>();
    for await (const [key, trend] of analytics.entries.itemTrends()) read.set(key, trend);
    expect(read).toEqual(new Map(trends));
  });
});

describe('the format of the views in Redis', () => {
  const metaOf = (namespace: string) => `{${namespace}.serviceability}:meta`;

  test('of another program is refused, and one that is older is made anew by a migration', async () => {
    const namespace = newNamespace();
    const admin = new Redis(redis.url);
    const views = await openEmpty(namespace);
    await views.serviceability.writers.routes.apply([batchOf(0, [[pune, routesOf(pune, 1)]])]);
    await admin.hset(metaOf(namespace), 'format', '0');
    await expect(open(namespace)).rejects.toThrow('millrace migrate');
    const batch = batchOf(1, [[pune, routesOf(pune, 1)]]);
    const writing = views.serviceability.writers.routes.apply([batch]);
    await expect(writing).rejects.toThrow('millrace migrate');
    await expect(views.serviceability.reader.routes(pune)).rejects.toThrow('millrace migrate');

    await Promise.all([1, 2, 3].map(() => migrateRedis({ url: redis.url, namespace })));
    await migrateRedis({ url: redis.url, namespace });
    const left = await admin.keys(`{${namespace}.serviceability}:*`);
    expect(left).toEqual([metaOf(namespace)]);
    const anew = await open(namespace);
    expect(await anew.serviceability.writers.routes.positions()).toEqual([]);

    await admin.hset(metaOf(namespace), 'format', '9');
    await expect(migrateRedis({ url: redis.url, namespace })).rejects.toThrow('format 9');
    await expect(open(namespace)).rejects.toMatchObject({ code: 'VIEW_UNAVAILABLE' });
    admin.disconnect();
  });
});

describe('a Redis that does not answer', () => {
  test('fails reads and writes that are under way, and is used again when it does', async () => {
    const namespace = newNamespace();
    await openEmpty(namespace);
    const proxy = await openTcpProxy(redis.port);
    const { serviceability } = await open(namespace, `redis://127.0.0.1:${proxy.port}`);
    const { reader, writers } = serviceability;
    await writers.routes.apply([batchOf(0, [[pune, routesOf(pune, 1)]])]);
    proxy.hang();
    const next = batchOf(1, [[pune, routesOf(pune, 2)]]);
    const [read, written] = await Promise.allSettled([
      reader.routes(pune),
      writers.routes.apply([next]),
    ]);
    expect(read).toMatchObject({ reason: { code: 'VIEW_UNAVAILABLE' } });
    expect(written).toMatchObject({ reason: { code: 'SINK_UNAVAILABLE', retryable: true } });
    proxy.goOn();
    await untilWritten(() => writers.routes.apply([next]));
    expect(await untilRead(() => reader.routes(pune))).toEqual(routesOf(pune, 2));
    await proxy.close();
  });

  test('is not opened, and no error tells its password', async () => {
    const url = 'redis://anna:sesame@127.0.0.1:1';
    const refused = await openRedisViews({ url, namespace: 'none' }).catch((error) => error);
    expect(refused).toMatchObject({ code: 'VIEW_UNAVAILABLE' });
    const malformed = await openRedisViews({
      url: 'http://anna:sesame@x',
      namespace: 'none',
    }).catch((error) => error);
    for (const error of [refused, malformed]) {
      expect(error).toBeInstanceOf(Error);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('sesame');
    }
  });

  test('that wants another password is told apart, and no error tells ours', async () => {
    const guarded = await startRedis({ password: 'open' });
    const url = `redis://:sesame@127.0.0.1:${guarded.port}`;
    const error = await openRedisViews({ url, namespace: 'none' }).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'VIEW_UNAVAILABLE' });
    expect((error as Error).message).toMatch(/WRONGPASS|NOAUTH/);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('sesame');
    await guarded.stop();
  });
});

/** A connection that was broken comes back by itself; meanwhile everything fails at once. */
async function until<T>(attempt: () => Promise<T>, code: string): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if ((error as { code?: unknown }).code !== code) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const untilWritten = <T>(attempt: () => Promise<T>) => until(attempt, 'SINK_UNAVAILABLE');
const untilRead = <T>(attempt: () => Promise<T>) => until(attempt, 'VIEW_UNAVAILABLE');
