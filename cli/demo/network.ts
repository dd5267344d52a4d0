/**
 * The delivery network of the demo: calendars, warehouses, couriers, and lanes whose transit times
 * and fees follow from the distance between the warehouse and the middle of the pincode prefix.
 *
 * National couriers name two-digit prefixes, the others three-digit ones; where a part of such a zone
 * is special (islands, Ladakh) longer prefixes stand beside or instead of it: the longest wins.
 */
import type {
  Calendar,
  CalendarId,
  Courier,
  Lane,
  LaneId,
  Pincode,
  PincodeArea,
  Warehouse,
  WarehouseId,
} from '#schemas/serviceability';
import { type CourierTerms, courierTerms } from './couriers.ts';
import { distanceKm, middleOf, type Place } from './distance.ts';

export interface DemoNetwork {
  readonly calendars: readonly Calendar[];
  readonly warehouses: readonly Warehouse[];
  readonly couriers: readonly Courier[];
  readonly lanes: readonly Lane[];
}

/** The Andaman and Nicobar Islands, and Lakshadweep. */
const islands: readonly string[] = ['744', '68255'];
/** Ladakh: no courier of the demo goes there, so that there is a place that nothing reaches. */
export const unreachedPrefixes: readonly string[] = ['194'];
/** Zones that a national courier names by three digits, because one part of them is special. */
const splitZones: readonly string[] = ['19', '74'];
/** Ferries and the weather: added to what the distance alone would take. */
const ISLAND_EXTRA_DAYS = 5;
const ISLAND_FEE_FACTOR = 2;

const holidays = [
  '2026-01-26', // Republic Day
  '2026-08-15', // Independence Day
  '2026-10-02', // Gandhi Jayanti
  '2026-11-08', // Diwali
  '2026-12-25', // Christmas
  '2027-01-26',
  '2027-08-15',
  '2027-10-02',
  '2027-10-29', // Diwali
  '2027-12-25',
];

const sixDays = 'india-six-days' as CalendarId;
const sevenDays = 'india-seven-days' as CalendarId;

const calendars: readonly Calendar[] = [
  { id: sixDays, timeZone: 'Asia/Kolkata', workingDays: [1, 2, 3, 4, 5, 6], holidays },
  { id: sevenDays, timeZone: 'Asia/Kolkata', workingDays: [1, 2, 3, 4, 5, 6, 7], holidays },
];

const sites = [
  // city, pincode, cut-off hour, handling days, calendar
  ['Delhi', '110037', 17, 0, sevenDays],
  ['Mumbai', '400070', 17, 0, sevenDays],
  ['Bengaluru', '560100', 17, 0, sevenDays],
  ['Chennai', '600058', 16, 0, sixDays],
  ['Hyderabad', '500032', 16, 0, sixDays],
  ['Kolkata', '700156', 16, 0, sixDays],
  ['Pune', '411057', 16, 0, sixDays],
  ['Ahmedabad', '382210', 15, 0, sixDays],
  ['Jaipur', '302022', 15, 1, sixDays],
  ['Guwahati', '781017', 14, 1, sixDays],
  ['Indore', '452010', 15, 1, sixDays],
  ['Kochi', '682030', 15, 1, sixDays],
] as const;

/** @throws RangeError if `pincodes` lacks the pincode of a warehouse. */
export function demoNetwork(pincodes: readonly PincodeArea[]): DemoNetwork {
  const warehouses = warehousesAmong(pincodes);
  const prefixes = { 2: middles(pincodes, 2), 3: middles(pincodes, 3) };
  const lanes = courierTerms.flatMap((terms) =>
    warehouses.flatMap((warehouse) => lanesOf(terms, warehouse, prefixes[terms.prefixDigits])),
  );
  return { calendars, warehouses, couriers: courierTerms.map((terms) => terms.courier), lanes };
}

function warehousesAmong(pincodes: readonly PincodeArea[]): Warehouse[] {
  const places = new Map(pincodes.map((area) => [area.pincode as string, area]));
  return sites.map(([city, pincode, cutOffHour, handlingDays, calendarId]) => {
    const place = places.get(pincode);
    if (place === undefined) {
      throw new RangeError(`no pincode ${pincode} for the warehouse in ${city}`);
    }
    return {
      id: city.toLowerCase() as WarehouseId,
      name: `Millrace ${city}`,
      city,
      pincode: pincode as Pincode,
      latitude: place.latitude,
      longitude: place.longitude,
      calendarId,
      cutOffMinute: cutOffHour * 60,
      handlingDays,
      active: true,
    };
  });
}

/** Of each prefix that lanes are for, the middle of its pincodes. */
function middles(pincodes: readonly PincodeArea[], digits: 2 | 3): Map<string, Place> {
  const groups = new Map<string, PincodeArea[]>();
  for (const area of pincodes) {
    const prefix = lanePrefix(area.pincode, digits);
    const group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, [area]);
    else group.push(area);
  }
  return new Map([...groups].map(([prefix, areas]) => [prefix, middleOf(areas)]));
}

/**
 * The first `digits` of the pincode, or more of them where fewer would promise the islands what only
 * the mainland gets: Kochi is 6820 to 68251, Lakshadweep 68255.
 */
function lanePrefix(pincode: Pincode, digits: 2 | 3): string {
  const island = islands.find((prefix) => pincode.startsWith(prefix));
  if (island !== undefined) return island;
  if (digits === 2) return pincode.slice(0, splitZones.includes(pincode.slice(0, 2)) ? 3 : 2);
  if (pincode.startsWith('6825')) return pincode.slice(0, 5);
  return pincode.slice(0, pincode.startsWith('682') ? 4 : 3);
}

function lanesOf(
  terms: CourierTerms,
  warehouse: Warehouse,
  places: ReadonlyMap<string, Place>,
): Lane[] {
  return [...places]
    .filter(([prefix]) => serves(terms, prefix))
    .map(([prefix, place]) => ({ prefix, km: Math.round(distanceKm(warehouse, place)) }))
    .filter(({ km }) => km <= terms.reachKm)
    .map(({ prefix, km }) => lane(terms, warehouse, prefix, km));
}

function serves(terms: CourierTerms, prefix: string): boolean {
  if (unreachedPrefixes.includes(prefix)) return false;
  if (terms.zones !== null && !terms.zones.includes(prefix.slice(0, 2))) return false;
  return terms.islands || !islands.includes(prefix);
}

function lane(terms: CourierTerms, warehouse: Warehouse, prefix: string, km: number): Lane {
  const island = islands.includes(prefix);
  const factor = island ? ISLAND_FEE_FACTOR : 1;
  return {
    id: `${terms.courier.id}:${warehouse.id}:${prefix}` as LaneId,
    courierId: terms.courier.id,
    warehouseId: warehouse.id,
    pincodePrefix: prefix,
    transitDays: terms.transitDays(km) + (island ? ISLAND_EXTRA_DAYS : 0),
    fee: terms.fee(km) * factor,
    feePerKg: terms.feePerKg(km) * factor,
    currency: 'INR',
    active: true,
  };
}
