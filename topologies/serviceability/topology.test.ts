import { readFileSync } from 'node:fs';
import {
  type Calendar,
  type CalendarId,
  type Courier,
  type CourierId,
  calendars,
  couriers,
  type DispatchRules,
  dispatchRules,
  type Lane,
  type LaneId,
  lanes,
  type Pincode,
  type PincodeArea,
  type PincodeRoutes,
  pincodeRoutes,
  pincodes,
  type Route,
  type Warehouse,
  type WarehouseId,
  warehouses,
} from '#schemas/serviceability';
import { input, scenario, TopologyTestDriver, tombstone } from '#streams/testing';
import { serviceabilityTopology } from './topology.ts';

const blr = 'blr' as WarehouseId;
const swift = 'swift' as CourierId;
const weekdays = 'weekdays' as CalendarId;

const area = (pincode: string, of: Partial<PincodeArea> = {}): PincodeArea => ({
  pincode: pincode as Pincode,
  district: 'Bengaluru',
  state: 'Karnataka',
  latitude: 12.97,
  longitude: 77.59,
  deliverable: true,
  ...of,
});
const warehouse = (of: Partial<Warehouse> = {}): Warehouse => ({
  id: blr,
  name: 'Bengaluru East',
  city: 'Bengaluru',
  pincode: '560048' as Pincode,
  latitude: 12.98,
  longitude: 77.69,
  calendarId: weekdays,
  cutOffMinute: 960,
  handlingDays: 1,
  active: true,
  ...of,
});
const courier = (of: Partial<Courier> = {}): Courier => ({
  id: swift,
  name: 'Swift',
  maxWeightGrams: 20_000,
  cashOnDelivery: true,
  deliveryDays: [1, 2, 3, 4, 5, 6],
  active: true,
  ...of,
});
const lane = (id: string, pincodePrefix: string, of: Partial<Lane> = {}): Lane => ({
  id: id as LaneId,
  courierId: swift,
  warehouseId: blr,
  pincodePrefix,
  transitDays: 1,
  fee: 4_900,
  feePerKg: 1_000,
  currency: 'INR',
  active: true,
  ...of,
});
const calendar = (of: Partial<Calendar> = {}): Calendar => ({
  id: weekdays,
  timeZone: 'Asia/Kolkata',
  workingDays: [1, 2, 3, 4, 5],
  holidays: ['2026-01-26'],
  ...of,
});

const tellArea = (of: PincodeArea) => input(pincodes, of.pincode, of);
const tellWarehouse = (of: Partial<Warehouse> = {}) => input(warehouses, blr, warehouse(of));
const tellCourier = (of: Partial<Courier> = {}) => input(couriers, swift, courier(of));
const tellLane = (of: Lane) => input(lanes, of.id, of);
const tellCalendar = (of: Partial<Calendar> = {}) => input(calendars, weekdays, calendar(of));

const route = (of: Partial<Route> = {}): Route => ({
  warehouseId: blr,
  courierId: swift,
  transitDays: 1,
  fee: 4_900,
  feePerKg: 1_000,
  currency: 'INR',
  maxWeightGrams: 20_000,
  cashOnDelivery: true,
  deliveryDays: [1, 2, 3, 4, 5, 6],
  ...of,
});
const routesTo = (pincode: string, ...routes: Route[]): PincodeRoutes => ({
  pincode: pincode as Pincode,
  routes,
});

test('the topology is as written down', () => {
  const written = readFileSync(new URL('./topology.txt', import.meta.url), 'utf8');
  expect(serviceabilityTopology().describe()).toBe(written);
});

const network = [tellWarehouse(), tellCourier(), tellLane(lane('l1', '560'))];

describe('routes', () => {
  test('are calculated for a pincode a moment after its facts have come', () => {
    scenario(serviceabilityTopology())
      .when(...network, tellArea(area('560001')))
      .thenEmits(pincodeRoutes, [])
      .whenTimePasses(100)
      .thenEmitsRecords(pincodeRoutes, [['560001' as Pincode, routesTo('560001', route())]])
      .whenTimePasses(100)
      .thenEmits(pincodeRoutes, []);
  });

  test('are empty for a pincode that nothing reaches', () => {
    scenario(serviceabilityTopology())
      .when(...network, tellArea(area('110001')))
      .whenTimePasses(100)
      .thenEmits(pincodeRoutes, [routesTo('110001')]);
  });

  test('change only where a new lane leads', () => {
    scenario(serviceabilityTopology())
      .given(...network, tellArea(area('560001')), tellArea(area('560002')))
      .whenTimePasses(100)
      .given(tellLane(lane('l2', '560002', { transitDays: 3 })))
      .whenTimePasses(100)
      .thenEmits(pincodeRoutes, [routesTo('560002', route({ transitDays: 3 }))]);
  });

  test('are sent again only when they differ', () => {
    scenario(serviceabilityTopology())
      .given(...network, tellArea(area('560001')))
      .whenTimePasses(100)
      .given(
        tellWarehouse({ name: 'Another name' }),
        tellCourier({ name: 'Another name' }),
        tellLane(lane('l1', '560')),
        tellArea(area('560001', { district: 'Bangalore' })),
      )
      .whenTimePasses(100)
      .thenEmits(pincodeRoutes, []);
  });
});

describe('routes that are no more', () => {
  test.each([
    ['the warehouse is closed', tellWarehouse({ active: false })],
    ['the warehouse is deleted', tombstone(warehouses, blr)],
    ['the courier stops', tellCourier({ active: false })],
    ['the courier is deleted', tombstone(couriers, swift)],
    ['the lane stops', tellLane(lane('l1', '560', { active: false }))],
    ['the lane is deleted', tombstone(lanes, 'l1' as LaneId)],
    ['the lane leads elsewhere', tellLane(lane('l1', '11'))],
    ['the lane has no real prefix any more', tellLane(lane('l1', '5'))],
    ['the post does not deliver there', tellArea(area('560001', { deliverable: false }))],
  ])('fall away when %s', (_why, fact) => {
    scenario(serviceabilityTopology())
      .given(...network, tellArea(area('560001')))
      .whenTimePasses(100)
      .given(fact)
      .whenTimePasses(100)
      .thenEmits(pincodeRoutes, [routesTo('560001')]);
  });

  test('of a deleted pincode are deleted at once', () => {
    scenario(serviceabilityTopology())
      .given(...network, tellArea(area('560001')))
      .whenTimePasses(100)
      .given()
      .when(tombstone(pincodes, '560001' as Pincode))
      .thenEmitsRecords(pincodeRoutes, [['560001' as Pincode, undefined]])
      .when(tellLane(lane('l2', '56')))
      .whenTimePasses(100)
      .thenEmits(pincodeRoutes, []);
  });
});

describe('facts that keep coming', () => {
  test('are waited for, but not longer than two seconds', () => {
    const story = scenario(serviceabilityTopology()).when(
      tellWarehouse(),
      tellCourier(),
      tellArea(area('560001')),
    );
    for (let lanesToCome = 24; lanesToCome > 0; lanesToCome -= 1) {
      story
        .when(tellLane(lane('l1', '560', { fee: lanesToCome })))
        .whenTimePasses(80)
        .thenEmits(pincodeRoutes, []);
    }
    story
      .when(tellLane(lane('l1', '560', { fee: 99 })))
      .whenTimePasses(80)
      .thenEmits(pincodeRoutes, [routesTo('560001', route({ fee: 99 }))]);
  });

  test('that make no sense are counted and left out', () => {
    const driver = new TopologyTestDriver(serviceabilityTopology());
    driver.input(pincodes).pipe('012345' as Pincode, area('012345'));
    driver.input(lanes).pipe('l1' as LaneId, lane('l1', 'north'));
    driver.advanceWallClock(1_000);
    expect(driver.output(pincodeRoutes).values()).toEqual([]);
    expect(driver.dropped).toEqual({
      'place-pincodes: pincode-malformed': 1,
      'place-lanes: lane-prefix-malformed': 1,
    });
  });

  test('for many pincodes are calculated region by region, so that no commit is too large', () => {
    const many = Array.from({ length: 400 }, (_, n) => String(560_000 + n));
    const story = scenario(serviceabilityTopology())
      .given(...[...many, '570001'].map((pincode) => tellArea(area(pincode))))
      .whenTimePasses(100)
      .thenEmits(
        pincodeRoutes,
        many.map((pincode) => routesTo(pincode)),
      );
    story.whenTimePasses(100).thenEmits(pincodeRoutes, [routesTo('570001')]);
  });
});

describe('dispatch rules', () => {
  const rules = (of: Partial<DispatchRules> = {}): DispatchRules => ({
    warehouseId: blr,
    city: 'Bengaluru',
    timeZone: 'Asia/Kolkata',
    workingDays: [1, 2, 3, 4, 5],
    holidays: ['2026-01-26'],
    cutOffMinute: 960,
    handlingDays: 1,
    active: true,
    ...of,
  });

  test.each([
    ['the calendar', [tellCalendar(), tellWarehouse()]],
    ['the warehouse', [tellWarehouse(), tellCalendar()]],
  ])('are a warehouse with its calendar, when %s comes first', (_first, facts) => {
    scenario(serviceabilityTopology())
      .when(...facts)
      .thenEmitsRecords(dispatchRules, [[blr, rules()]]);
  });

  test('follow a calendar that changes, and only then', () => {
    scenario(serviceabilityTopology())
      .given(tellCalendar(), tellWarehouse())
      .when(tellCalendar({ holidays: [] }), tellCalendar({ holidays: [] }))
      .thenEmits(dispatchRules, [rules({ holidays: [] })]);
  });

  test('follow a warehouse to another calendar', () => {
    const daily = 'daily' as CalendarId;
    const everyDay = { ...calendar(), id: daily, workingDays: [1, 2, 3, 4, 5, 6, 7] };
    scenario(serviceabilityTopology())
      .given(tellCalendar(), tellWarehouse(), input(calendars, daily, everyDay))
      .when(tellWarehouse({ calendarId: daily }))
      .thenEmits(dispatchRules, [rules({ workingDays: everyDay.workingDays })])
      .when(tellCalendar({ holidays: [] }))
      .thenEmits(dispatchRules, []);
  });

  test.each([
    ['its warehouse', tombstone(warehouses, blr)],
    ['its calendar', tombstone(calendars, weekdays)],
  ])('are deleted with %s', (_what, deletion) => {
    scenario(serviceabilityTopology())
      .given(tellCalendar(), tellWarehouse())
      .when(deletion)
      .thenEmitsRecords(dispatchRules, [[blr, undefined]]);
  });

  test('are not active in a time zone that does not exist', () => {
    const timeZone = 'Asia/Nowhere';
    scenario(serviceabilityTopology())
      .when(tellCalendar({ timeZone }), tellWarehouse())
      .thenEmits(dispatchRules, [rules({ timeZone, active: false })]);
  });
});
