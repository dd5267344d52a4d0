import type { Pincode, PincodeRoutes } from '#schemas/serviceability';
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
