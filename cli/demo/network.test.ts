import type { Lane } from '#schemas/serviceability';
import { demoNetwork, unreachedPrefixes } from './network.ts';
import { readPincodes } from './pincodes.ts';

const pincodes = readPincodes();
const network = demoNetwork(pincodes);
const lanesByPrefix = new Map<string, Lane[]>();
for (const lane of network.lanes) {
  lanesByPrefix.set(lane.pincodePrefix, [...(lanesByPrefix.get(lane.pincodePrefix) ?? []), lane]);
}

/** The rule of schemas/serviceability.ts: the longest prefix wins for a warehouse and courier. */
function lanesTo(pincode: string): Lane[] {
  const found = new Map<string, Lane>();
  for (let digits = 2; digits <= 6; digits++) {
    for (const lane of lanesByPrefix.get(pincode.slice(0, digits)) ?? []) {
      found.set(`${lane.warehouseId} ${lane.courierId}`, lane);
    }
  }
  return [...found.values()];
}

function fastest(warehouse: string, pincode: string): number {
  const lanes = lanesTo(pincode).filter((lane) => lane.warehouseId === warehouse);
  return Math.min(...lanes.map((lane) => lane.transitDays));
}

test('has twelve warehouses at known pincodes, each with a calendar', () => {
  const calendars = new Set(network.calendars.map((calendar) => calendar.id));
  const places = new Set(pincodes.map((area) => area.pincode));
  expect(network.warehouses).toHaveLength(12);
  for (const { pincode, calendarId } of network.warehouses) {
    expect(places.has(pincode)).toBe(true);
    expect(calendars.has(calendarId)).toBe(true);
  }
});

test('gives every lane an id of its own, and stays at a few thousand', () => {
  expect(new Set(network.lanes.map((lane) => lane.id)).size).toBe(network.lanes.length);
  expect(network.lanes.length).toBeGreaterThan(1_000);
  expect(network.lanes.length).toBeLessThan(4_000);
});

test('reaches every pincode from every warehouse, except the 14 of Ladakh from none', () => {
  const unreached = pincodes.filter(({ pincode }) => lanesTo(pincode).length === 0);
  expect(unreached).toHaveLength(14);
  for (const { pincode, state } of unreached) {
    expect(unreachedPrefixes).toContain(pincode.slice(0, 3));
    expect(state).toBe('Ladakh');
  }
  for (const { pincode } of pincodes.filter((area) => !unreached.includes(area))) {
    const from = new Set(lanesTo(pincode).map((lane) => lane.warehouseId));
    if (from.size !== 12) throw new Error(`${pincode} is reached from ${from.size} warehouses`);
  }
});

test('is faster near by: the same day in the city, days across the country', () => {
  expect(fastest('bengaluru', '560100')).toBe(0);
  expect(fastest('pune', '411001')).toBeLessThanOrEqual(1);
  expect(fastest('chennai', '110001')).toBeGreaterThan(fastest('jaipur', '110001'));
});

test('goes to the islands slowly, and never by a courier of the mainland', () => {
  for (const pincode of ['744101', '682556', '682559']) {
    expect(lanesTo(pincode)).toHaveLength(24);
    for (const lane of lanesTo(pincode)) {
      expect(lane.transitDays).toBeGreaterThanOrEqual(6);
      expect(['bulbul-air', 'kachua-surface']).toContain(lane.courierId);
    }
  }
});

test('asks for each lane a fee between 20 and 500 rupees, and never less further away', () => {
  for (const lane of network.lanes) {
    expect(lane.fee).toBeGreaterThanOrEqual(2_000);
    expect(lane.fee).toBeLessThanOrEqual(50_000);
  }
  const surface = (prefix: string) =>
    network.lanes.find((lane) => lane.id === `kachua-surface:mumbai:${prefix}`)?.fee ?? 0;
  expect(surface('40')).toBeLessThan(surface('56'));
  expect(surface('56')).toBeLessThan(surface('78'));
});

test('says which pincode is missing for a warehouse', () => {
  const others = pincodes.filter(({ pincode }) => pincode !== '411057');
  expect(() => demoNetwork(others)).toThrow('no pincode 411057 for the warehouse in Pune');
});
