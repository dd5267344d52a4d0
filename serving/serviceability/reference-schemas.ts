/** Reference data in JSON: the records of schemas/serviceability.ts, without their ids. */
import type {
  Calendar,
  CalendarId,
  Courier,
  CourierId,
  Lane,
  PincodeArea,
  Warehouse,
  WarehouseId,
} from '#schemas/serviceability';
import { pincodeInput } from '../identity/me-routes.ts';
import {
  boolean,
  id,
  integer,
  type JsonSchema,
  list,
  matching,
  object,
  text,
} from '../json-schema.ts';

const degrees = (limit: number): JsonSchema<number> => {
  return { type: 'number', minimum: -limit, maximum: limit };
};
const position = { latitude: degrees(90), longitude: degrees(180) } as const;
const weekdays = list(integer(1, 7), { minItems: 1, maxItems: 7 });
const date = matching('^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$', 'a date', 10);
const minutesOfDay = 1_440;
const maxAmount = 100_000_000;

export const calendarInput: JsonSchema<Omit<Calendar, 'id'>> = object({
  timeZone: matching('^[A-Za-z][A-Za-z0-9_+/-]*$', 'an IANA time zone, such as Asia/Kolkata', 60),
  workingDays: weekdays,
  holidays: list(date, { maxItems: 400 }),
});

export const warehouseInput: JsonSchema<Omit<Warehouse, 'id'>> = object({
  name: text(200, 1),
  city: text(100, 1),
  pincode: pincodeInput,
  ...position,
  calendarId: id<CalendarId>('the id of a calendar'),
  cutOffMinute: integer(0, minutesOfDay),
  handlingDays: integer(0, 60),
  active: boolean,
});

export const courierInput: JsonSchema<Omit<Courier, 'id'>> = object({
  name: text(200, 1),
  maxWeightGrams: integer(1, 100_000_000),
  cashOnDelivery: boolean,
  deliveryDays: weekdays,
  active: boolean,
});

export const laneInput: JsonSchema<Omit<Lane, 'id'>> = object({
  courierId: id<CourierId>('the id of a courier'),
  warehouseId: id<WarehouseId>('the id of a warehouse'),
  pincodePrefix: matching('^[1-9][0-9]{1,5}$', 'the first two to six digits of pincodes', 6),
  transitDays: integer(0, 90),
  fee: integer(0, maxAmount),
  feePerKg: integer(0, maxAmount),
  currency: matching('^[A-Z]{3}$', 'an ISO 4217 code in upper case, for instance INR', 3),
  active: boolean,
});

export const pincodeAreaInput: JsonSchema<Omit<PincodeArea, 'pincode'>> = object({
  district: text(200),
  state: text(200),
  ...position,
  deliverable: boolean,
});

/** The schema with one more field, which comes first. */
export function withField(
  of: JsonSchema<object>,
  name: string,
  value: JsonSchema<string>,
): JsonSchema<object> {
  const { properties, required } = of as { properties: object; required: readonly string[] };
  return { ...of, properties: { [name]: value, ...properties }, required: [name, ...required] };
}
