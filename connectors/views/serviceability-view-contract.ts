/** What holds for every serviceability view. */
import type { Lane, LaneId, Pincode, PincodeRoutes } from '#schemas/serviceability';
import { keyedViewContract } from './keyed-view-contract.ts';
import { pagesOf, refusesForeignCursors } from './paging-contract.ts';
import { sampleRoute, sampleRoutes } from './sample-values.ts';
import type { ServiceabilityView, ServiceabilityWriters } from './serviceability-view.ts';
import { batchOf } from './view-writer-contract.ts';

interface ServiceabilityViewUnderTest {
  readonly reader: ServiceabilityView;
  readonly writers: ServiceabilityWriters;
  readonly reopen: () => Promise<ServiceabilityViewUnderTest>;
}

type Open = () => Promise<ServiceabilityViewUnderTest>;

export function serviceabilityViewContract(name: string, open: Open): void {
  keyedViewContract<Pincode, PincodeRoutes>(
    `${name}, its routes`,
    async () => routesUnderTest(await open()),
    (pincode, revision) => sampleRoutes(pincode, [sampleRoute({ transitDays: revision })]),
  );
  keyedViewContract<LaneId, Lane>(
    `${name}, its lanes`,
    async () => lanesUnderTest(await open()),
    sampleLane,
  );
  describe(name, () => {
    routeTests(open);
    pageTests(open);
  });
}

function sampleLane(id: string, transitDays = 1): Lane {
  return {
    id: id as LaneId,
    courierId: 'SWIFT' as Lane['courierId'],
    warehouseId: 'PUNE' as Lane['warehouseId'],
    pincodePrefix: '41',
    transitDays,
    fee: 4_900,
    feePerKg: 1_000,
    currency: 'INR',
    active: true,
  };
}

function routesUnderTest({ reader, writers, reopen }: ServiceabilityViewUnderTest): {
  readonly reader: Pick<ServiceabilityView, 'onApplied'> & {
    get(pincode: Pincode): Promise<PincodeRoutes | undefined>;
  };
  readonly writer: ServiceabilityWriters['routes'];
  readonly reopen: () => Promise<ReturnType<typeof routesUnderTest>>;
} {
  return {
    reader: { onApplied: reader.onApplied, get: (pincode) => reader.routes(pincode) },
    writer: writers.routes,
    reopen: async () => routesUnderTest(await reopen()),
  };
}

function lanesUnderTest({ reader, writers, reopen }: ServiceabilityViewUnderTest): {
  readonly reader: Pick<ServiceabilityView, 'onApplied'> & {
    get(id: LaneId): Promise<Lane | undefined>;
  };
  readonly writer: ServiceabilityWriters['lanes'];
  readonly reopen: () => Promise<ReturnType<typeof lanesUnderTest>>;
} {
  return {
    reader: { onApplied: reader.onApplied, get: (id) => reader.lane(id) },
    writer: writers.lanes,
    reopen: async () => lanesUnderTest(await reopen()),
  };
}

function routeTests(open: Open): void {
  const pune = '411001' as Pincode;
  const delhi = '110001' as Pincode;
  const slow = sampleRoute({ transitDays: 5 });
  const fast = sampleRoute({ transitDays: 1 });

  test('tells a pincode that nothing reaches from one that nobody knows', async () => {
    const { reader, writers } = await open();
    await writers.routes.apply([batchOf(0, [[pune, sampleRoutes(pune, [])]])]);
    expect(await reader.routes(pune)).toEqual(sampleRoutes(pune, []));
    expect(await reader.routes(delhi)).toBeUndefined();
  });

  test('changes the routes of one pincode and not of another that had the same', async () => {
    const { reader, writers } = await open();
    const same = [pune, delhi].map((pincode) => [pincode, sampleRoutes(pincode, [slow])] as const);
    await writers.routes.apply([batchOf(0, same)]);
    expect(await reader.routes(pune)).toEqual(sampleRoutes(pune, [slow]));
    await writers.routes.apply([batchOf(2, [[pune, sampleRoutes(pune, [fast])]])]);
    expect(await reader.routes(pune)).toEqual(sampleRoutes(pune, [fast]));
    expect(await reader.routes(delhi)).toEqual(sampleRoutes(delhi, [slow]));
    await writers.routes.apply([batchOf(3, [[delhi, sampleRoutes(delhi, [fast, slow])]])]);
    expect(await reader.routes(delhi)).toEqual(sampleRoutes(delhi, [fast, slow]));
  });

  test('counts the pincodes that something reaches', async () => {
    const { reader, writers } = await open();
    expect(await reader.reachableCount()).toBe(0);
    const written = [sampleRoutes(pune, [slow, fast]), sampleRoutes(delhi, [])];
    const batch = written.map((routes) => [routes.pincode, routes] as const);
    await writers.routes.apply([batchOf(0, batch)]);
    expect(await reader.reachableCount()).toBe(1);
  });
}

function pageTests(open: Open): void {
  test('pages through reference data by id, stable when some is added or removed', async () => {
    const { reader, writers } = await open();
    const ids = ['c', 'a', 'e', 'b', 'd'];
    const lanes = ids.map((id) => [id as LaneId, sampleLane(id)] as const);
    await writers.lanes.apply([batchOf(0, lanes)]);
    const pages = await pagesOf((page) => reader.lanes(page), 2);
    expect(pages.map((page) => page.map(({ id }) => id))).toEqual([['a', 'b'], ['c', 'd'], ['e']]);

    const first = await reader.lanes({ limit: 2 });
    const changes = [['b', null] as const, ['aa', sampleLane('aa')] as const];
    await writers.lanes.apply([
      batchOf<LaneId, Lane>(
        5,
        changes.map(([id, lane]) => [id as LaneId, lane]),
      ),
    ]);
    const second = await reader.lanes({ limit: 2, cursor: first.nextCursor ?? undefined });
    expect(second.items.map(({ id }) => id)).toEqual(['c', 'd']);
  });

  refusesForeignCursors(async () => {
    const { reader } = await open();
    return (page) => reader.lanes(page);
  });
}
