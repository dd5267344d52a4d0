/** The routes at the end are the same in whatever order the facts came, and between what pauses. */
import fc from 'fast-check';
import {
  type Courier,
  type CourierId,
  couriers,
  type Lane,
  type LaneId,
  lanes,
  type Pincode,
  type PincodeArea,
  pincodeRoutes,
  pincodes,
  type Route,
  type Warehouse,
  type WarehouseId,
  warehouses,
} from '#schemas/serviceability';
import { TopologyTestDriver } from '#streams/testing';
import { networkOf, routesTo } from './routes.ts';
import { serviceabilityTopology } from './topology.ts';

/** A version of something, or its deletion; or a pause in which routes may be calculated. */
type Fact =
  | { readonly of: 'pincode'; readonly key: Pincode; readonly value?: PincodeArea }
  | { readonly of: 'warehouse'; readonly key: WarehouseId; readonly value?: Warehouse }
  | { readonly of: 'courier'; readonly key: CourierId; readonly value?: Courier }
  | { readonly of: 'lane'; readonly key: LaneId; readonly value?: Lane }
  | { readonly of: 'pause' };

const ids = {
  pincode: fc.constantFrom('560001', '560002', '570001', '110001') as fc.Arbitrary<Pincode>,
  warehouse: fc.constantFrom('w1', 'w2') as fc.Arbitrary<WarehouseId>,
  courier: fc.constantFrom('c1', 'c2') as fc.Arbitrary<CourierId>,
  lane: fc.constantFrom('l1', 'l2', 'l3', 'l4') as fc.Arbitrary<LaneId>,
};

const facts: fc.Arbitrary<Fact> = fc.oneof(
  fc.tuple(ids.pincode, fc.boolean()).map(([pincode, deliverable]): Fact => {
    const place = { district: '', state: '', latitude: 0, longitude: 0 };
    return { of: 'pincode', key: pincode, value: { pincode, ...place, deliverable } };
  }),
  fc.tuple(ids.warehouse, fc.boolean()).map(([id, active]): Fact => {
    const place = { name: '', city: '', pincode: '560001', latitude: 0, longitude: 0 };
    const value = { id, ...place, calendarId: 'c', cutOffMinute: 0, handlingDays: 0, active };
    return { of: 'warehouse', key: id, value: value as Warehouse };
  }),
  fc
    .record({
      id: ids.courier,
      name: fc.constant(''),
      maxWeightGrams: fc.constantFrom(1_000, 2_000),
      cashOnDelivery: fc.boolean(),
      deliveryDays: fc.constantFrom([1, 2], []),
      active: fc.boolean(),
    })
    .map((value): Fact => ({ of: 'courier', key: value.id, value })),
  fc
    .record({
      id: ids.lane,
      courierId: ids.courier,
      warehouseId: ids.warehouse,
      pincodePrefix: fc.constantFrom('56', '560', '560001', '57', '11', 'x'),
      transitDays: fc.nat(2),
      fee: fc.constantFrom(1, 2),
      feePerKg: fc.constant(0),
      currency: fc.constant('INR'),
      active: fc.boolean(),
    })
    .map((value): Fact => ({ of: 'lane', key: value.id, value })),
  ids.pincode.map((key): Fact => ({ of: 'pincode', key })),
  ids.lane.map((key): Fact => ({ of: 'lane', key })),
  ids.warehouse.map((key): Fact => ({ of: 'warehouse', key })),
  ids.courier.map((key): Fact => ({ of: 'courier', key })),
  fc.constant<Fact>({ of: 'pause' }),
);

/** Only the latest of each key counts: routes as they ought to be. */
function expectedRoutes(given: readonly Fact[]): Map<string, readonly Route[]> {
  const latest = new Map<string, Fact>();
  for (const fact of given) if (fact.of !== 'pause') latest.set(`${fact.of} ${fact.key}`, fact);
  const all = <T>(of: Fact['of']) =>
    [...latest.values()].flatMap((fact) =>
      fact.of === of && 'value' in fact && fact.value ? [fact.value as T] : [],
    );
  const network = networkOf({
    warehouseIds: all<Warehouse>('warehouse').flatMap(({ id, active }) => (active ? [id] : [])),
    couriers: all<Courier>('courier'),
    lanes: all<Lane>('lane').filter(({ pincodePrefix }) => pincodePrefix !== 'x'),
  });
  const areas = all<PincodeArea>('pincode');
  return new Map(areas.map((area) => [area.pincode, routesTo(area, network).routes]));
}

function calculatedRoutes(given: readonly Fact[], partitions: number) {
  const driver = new TopologyTestDriver(serviceabilityTopology(), { partitions });
  for (const fact of given) {
    switch (fact.of) {
      case 'pincode':
        driver.input(pincodes).pipe(fact.key, fact.value);
        break;
      case 'warehouse':
        driver.input(warehouses).pipe(fact.key, fact.value);
        break;
      case 'courier':
        driver.input(couriers).pipe(fact.key, fact.value);
        break;
      case 'lane':
        driver.input(lanes).pipe(fact.key, fact.value);
        break;
      case 'pause':
        driver.advanceWallClock(100);
    }
  }
  driver.advanceWallClock(100);

  const result = new Map<string, readonly Route[]>();
  for (const { key, value } of driver.output(pincodeRoutes).records()) {
    if (value) result.set(key, value.routes);
    else result.delete(key);
  }
  return result;
}

test('the routes at the end are those of the latest facts', () => {
  fc.assert(
    fc.property(fc.array(facts, { maxLength: 25 }), fc.constantFrom(1, 3), (given, partitions) => {
      expect(calculatedRoutes(given, partitions)).toEqual(expectedRoutes(given));
    }),
    { numRuns: 60 },
  );
});
