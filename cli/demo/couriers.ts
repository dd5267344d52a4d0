/** The couriers of the demo, invented, and what each asks and needs for a distance. */
import type { Courier, CourierId } from '#schemas/serviceability';

export interface CourierTerms {
  readonly courier: Courier;
  /** Two-digit pincode zones that it serves; all of India when `null`. */
  readonly zones: readonly string[] | null;
  /** Digits of the pincode prefixes that its lanes are for, where nothing special is near. */
  readonly prefixDigits: 2 | 3;
  readonly reachKm: number;
  readonly transitDays: (km: number) => number;
  /** Paise for a parcel up to a kilogram. */
  readonly fee: (km: number) => number;
  readonly feePerKg: (km: number) => number;
  /** Whether it goes to the islands. */
  readonly islands: boolean;
}

const MONDAY_TO_SATURDAY = [1, 2, 3, 4, 5, 6];
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

export const courierTerms: readonly CourierTerms[] = [
  {
    courier: courier('bulbul-air', 'Bulbul Air', 15_000, false, MONDAY_TO_SATURDAY),
    zones: null,
    prefixDigits: 2,
    reachKm: Number.POSITIVE_INFINITY,
    transitDays: (km) => 1 + Math.ceil(km / 1500),
    fee: (km) => rupees(65 + km / 25),
    feePerKg: (km) => rupees(30 + km / 40),
    islands: true,
  },
  {
    courier: courier('kachua-surface', 'Kachua Surface', 60_000, true, MONDAY_TO_SATURDAY),
    zones: null,
    prefixDigits: 2,
    reachKm: Number.POSITIVE_INFINITY,
    transitDays: (km) => 2 + Math.ceil(km / 400),
    fee: (km) => rupees(35 + km / 60),
    feePerKg: (km) => rupees(10 + km / 150),
    islands: true,
  },
  regional('uttara-parcel', 'Uttara Parcel', zonesBetween(11, 34)),
  regional('paschim-carriers', 'Paschim Carriers', zonesBetween(36, 49)),
  regional('dakshin-dak', 'Dakshin Dak', zonesBetween(50, 69)),
  regional('purva-roadways', 'Purva Roadways', zonesBetween(70, 85)),
  {
    courier: courier('patang-city', 'Patang City', 20_000, true, EVERY_DAY),
    zones: null,
    prefixDigits: 3,
    reachKm: 45,
    transitDays: (km) => (km <= 20 ? 0 : 1),
    fee: (km) => rupees(29 + km / 3),
    feePerKg: () => rupees(8),
    islands: false,
  },
];

/** By road within its own part of the country: cheaper than air, faster than surface. */
function regional(id: string, name: string, zones: readonly string[]): CourierTerms {
  return {
    courier: courier(id, name, 30_000, true, MONDAY_TO_SATURDAY),
    zones,
    prefixDigits: 3,
    reachKm: 650,
    transitDays: (km) => 1 + Math.ceil(km / 350),
    fee: (km) => rupees(39 + km / 30),
    feePerKg: (km) => rupees(12 + km / 80),
    islands: false,
  };
}

function courier(
  id: string,
  name: string,
  maxWeightGrams: number,
  cashOnDelivery: boolean,
  deliveryDays: number[],
): Courier {
  const courierId = id as CourierId;
  return { id: courierId, name, maxWeightGrams, cashOnDelivery, deliveryDays, active: true };
}

function zonesBetween(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, step) => String(first + step));
}

/** Whole rupees, in paise. */
function rupees(amount: number): number {
  return Math.round(amount) * 100;
}
