import fc from 'fast-check';
import type {
  Courier,
  CourierId,
  Lane,
  LaneId,
  Pincode,
  PincodeArea,
  Route,
  WarehouseId,
} from '#schemas/serviceability';
import { isSameRoutes, networkOf, routesTo } from './routes.ts';

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const warehouseIds = ['blr', 'del', 'mum'] as WarehouseId[];
const courierIds = ['c1', 'c2', 'c3', 'c4', 'c5'] as CourierId[];

const couriers: fc.Arbitrary<Courier[]> = fc.tuple(
  ...courierIds.map((id) =>
    fc.record({
      id: fc.constant(id),
      name: fc.constant(id),
      maxWeightGrams: fc.constantFrom(2_000, 10_000, 30_000),
      cashOnDelivery: fc.boolean(),
      deliveryDays: fc.constantFrom(everyDay, [1, 2, 3, 4, 5], [7], []),
      active: fc.boolean(),
    }),
  ),
);
const lanes: fc.Arbitrary<Lane[]> = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 1, max: 99 }).map((n) => `lane-${n}` as LaneId),
    courierId: fc.constantFrom(...courierIds),
    warehouseId: fc.constantFrom(...warehouseIds),
    pincodePrefix: fc.constantFrom('56', '560', '5600', '56000', '560001', '57', '561'),
    transitDays: fc.nat(4),
    fee: fc.constantFrom(1_000, 2_000, 3_000),
    feePerKg: fc.constantFrom(0, 500),
    currency: fc.constant('INR'),
    active: fc.boolean(),
  }),
  { maxLength: 40, selector: ({ id }) => id },
);
const parts = fc.record({ warehouseIds: fc.subarray(warehouseIds), couriers, lanes });
type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;

const area: PincodeArea = {
  pincode: '560001' as Pincode,
  district: 'Bengaluru',
  state: 'Karnataka',
  latitude: 12.97,
  longitude: 77.59,
  deliverable: true,
};

/** Every usable route, without leaving any out: lane by lane, said slowly. */
function allRoutes({ warehouseIds, couriers, lanes }: Parts): Route[] {
  const found: Route[] = [];
  for (const warehouseId of warehouseIds) {
    for (const courier of couriers) {
      if (!courier.active || courier.deliveryDays.length === 0) continue;
      const [lane] = lanes
        .filter((of) => of.active && of.warehouseId === warehouseId && of.courierId === courier.id)
        .filter((of) => area.pincode.startsWith(of.pincodePrefix))
        .sort(
          (a, b) =>
            b.pincodePrefix.length - a.pincodePrefix.length ||
            a.transitDays - b.transitDays ||
            a.fee - b.fee ||
            a.feePerKg - b.feePerKg,
        );
      if (!lane) continue;
      const { transitDays, fee, feePerKg, currency } = lane;
      const { maxWeightGrams, cashOnDelivery, deliveryDays } = courier;
      found.push({
        warehouseId,
        courierId: courier.id,
        transitDays,
        fee,
        feePerKg,
        currency,
        maxWeightGrams,
        cashOnDelivery,
        deliveryDays,
      });
    }
  }
  return found;
}

const isAsGood = (a: Route, b: Route) =>
  a.transitDays <= b.transitDays &&
  a.fee <= b.fee &&
  a.feePerKg <= b.feePerKg &&
  a.maxWeightGrams >= b.maxWeightGrams &&
  (a.cashOnDelivery || !b.cashOnDelivery) &&
  b.deliveryDays.every((day) => a.deliveryDays.includes(day));

const routesOf = (of: Parts) => routesTo(area, networkOf(of)).routes;

test('keeps only routes that exist, and leaves out only what another is as good as or a fourth', () => {
  fc.assert(
    fc.property(parts, (of) => {
      const all = allRoutes(of);
      const kept = routesOf(of);
      for (const route of kept) expect(all).toContainEqual(route);
      for (const route of all) {
        const ofWarehouse = kept.filter(({ warehouseId }) => warehouseId === route.warehouseId);
        const isReplaced = ofWarehouse.some((other) => isAsGood(other, route));
        expect(isReplaced || ofWarehouse.length === 3).toBe(true);
      }
    }),
  );
});

test('keeps no route that another kept one beats, and at most three of a warehouse', () => {
  fc.assert(
    fc.property(parts, (of) => {
      const kept = routesOf(of);
      for (const a of kept) {
        const beaten = kept.some(
          (b) => a !== b && a.warehouseId === b.warehouseId && isAsGood(b, a),
        );
        expect(beaten).toBe(false);
      }
      for (const id of warehouseIds) {
        expect(kept.filter(({ warehouseId }) => warehouseId === id).length).toBeLessThanOrEqual(3);
      }
    }),
  );
});

test('leaving routes out makes no parcel undeliverable and no first day later', () => {
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 31_000 }), fc.boolean(), (of, grams, cash) => {
      const carries = (route: Route) =>
        route.maxWeightGrams >= grams && (route.cashOnDelivery || !cash);
      for (const id of warehouseIds) {
        const all = allRoutes(of).filter(({ warehouseId }) => warehouseId === id);
        const kept = routesOf(of).filter(({ warehouseId }) => warehouseId === id);
        expect(kept.some(carries)).toBe(all.some(carries));
        const fastest = (routes: Route[]) => Math.min(...routes.map((r) => r.transitDays));
        expect(fastest(kept)).toBe(fastest(all));
      }
    }),
  );
});

test('finds for one pincode after another what it finds for each alone', () => {
  const pincodes = fc.constantFrom('560001', '560002', '560091', '561001', '570001', '110001');
  fc.assert(
    fc.property(parts, fc.array(pincodes), (of, given) => {
      const network = networkOf(of);
      for (const text of given) {
        const there = { ...area, pincode: text as Pincode };
        expect(routesTo(there, network)).toEqual(routesTo(there, networkOf(of)));
      }
    }),
  );
});

test('lists by warehouse, then fastest, then cheapest', () => {
  fc.assert(
    fc.property(parts, (of) => {
      const kept = routesOf(of);
      const sorted = [...kept].sort(
        (a, b) =>
          a.warehouseId.localeCompare(b.warehouseId) ||
          a.transitDays - b.transitDays ||
          a.fee - b.fee,
      );
      expect(kept).toEqual(sorted);
    }),
  );
});

test('answers the same whatever the order of the parts', () => {
  const shuffled = parts.chain((of) =>
    fc.record({
      of: fc.constant(of),
      other: fc.record({
        warehouseIds: fc.shuffledSubarray(of.warehouseIds, { minLength: of.warehouseIds.length }),
        couriers: fc.shuffledSubarray(of.couriers, { minLength: of.couriers.length }),
        lanes: fc.shuffledSubarray(of.lanes, { minLength: of.lanes.length }),
      }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ of, other }) => {
      expect(routesOf(other)).toEqual(routesOf(of));
    }),
  );
});

describe('an example', () => {
  const courier: Courier = {
    id: 'c1' as CourierId,
    name: 'Swift',
    maxWeightGrams: 20_000,
    cashOnDelivery: true,
    deliveryDays: everyDay,
    active: true,
  };
  const lane = (id: string, pincodePrefix: string, transitDays: number, of = {}): Lane => ({
    id: id as LaneId,
    courierId: courier.id,
    warehouseId: 'blr' as WarehouseId,
    pincodePrefix,
    transitDays,
    fee: 4_900,
    feePerKg: 1_000,
    currency: 'INR',
    active: true,
    ...of,
  });
  const days = (lanes: Lane[], of: Partial<PincodeArea> = {}) => {
    const network = networkOf({ warehouseIds: ['blr' as WarehouseId], couriers: [courier], lanes });
    return routesTo({ ...area, ...of }, network).routes.map(({ transitDays }) => transitDays);
  };

  test('the longest prefix wins, slower or not', () => {
    expect(days([lane('a', '56', 1), lane('b', '5600', 3), lane('c', '560', 2)])).toEqual([3]);
  });

  test('a lane that is not active lets the next shorter prefix win', () => {
    expect(days([lane('a', '56', 1), lane('b', '5600', 3, { active: false })])).toEqual([1]);
  });

  test('nothing is sent where the post does not deliver', () => {
    expect(days([lane('a', '56', 1)], { deliverable: false })).toEqual([]);
  });
});

test('tells results apart in any of their fields', () => {
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const [left, right] = [routesTo(area, networkOf(a)), routesTo(area, networkOf(b))];
      expect(isSameRoutes(left, right)).toBe(JSON.stringify(left) === JSON.stringify(right));
      expect(isSameRoutes(left, structuredClone(left))).toBe(true);
    }),
  );
});
