/**
 * Serviceability: which warehouse reaches which pincode, by whom, in how many days, at what fee.
 *
 * Reference data (warehouses, couriers, lanes, calendars, pincodes) is facts: the latest of each key
 * holds. From them the topology precalculates `serviceability.routes`, one record a pincode.
 */
import { avro, type Decoded, topic } from '#streams';

const { array, boolean, double, id, int, long, record, string } = avro;

/** Six digits, the first not 0. */
export const Pincode = id('Pincode');
export type Pincode = Decoded<typeof Pincode>;

export const WarehouseId = id('WarehouseId');
export type WarehouseId = Decoded<typeof WarehouseId>;

export const CourierId = id('CourierId');
export type CourierId = Decoded<typeof CourierId>;

export const LaneId = id('LaneId');
export type LaneId = Decoded<typeof LaneId>;

export const CalendarId = id('CalendarId');
export type CalendarId = Decoded<typeof CalendarId>;

export const Calendar = record('Calendar', {
  id: CalendarId,
  /** IANA name: `Asia/Kolkata`. */
  timeZone: string,
  /** ISO days of the week, 1 is Monday. */
  workingDays: array(int),
  /** Local dates, `2026-01-26`. */
  holidays: array(string),
});
export interface Calendar extends Decoded<typeof Calendar> {}

export const Warehouse = record('Warehouse', {
  id: WarehouseId,
  name: string,
  city: string,
  pincode: Pincode,
  latitude: double,
  longitude: double,
  calendarId: CalendarId,
  /** Orders before this minute of the local day are handled that day; 0 to 1,440. */
  cutOffMinute: int,
  /** Working days between the order and the hand-over to the courier; 0 is the same day. */
  handlingDays: int,
  active: boolean,
});
export interface Warehouse extends Decoded<typeof Warehouse> {}

export const Courier = record('Courier', {
  id: CourierId,
  name: string,
  maxWeightGrams: int,
  cashOnDelivery: boolean,
  /** ISO days of the week on which it delivers. */
  deliveryDays: array(int),
  active: boolean,
});
export interface Courier extends Decoded<typeof Courier> {}

/** A courier's offer from one warehouse to every pincode that begins with `pincodePrefix`. */
export const Lane = record('Lane', {
  id: LaneId,
  courierId: CourierId,
  warehouseId: WarehouseId,
  /** Two to six digits. The longest prefix that matches wins for a warehouse and courier. */
  pincodePrefix: string,
  /** Calendar days from hand-over to delivery; 0 is the same day. */
  transitDays: int,
  /** Minor units for a parcel up to a kilogram. */
  fee: long,
  /** Minor units for each further kilogram that is begun. */
  feePerKg: long,
  currency: string,
  active: boolean,
});
export interface Lane extends Decoded<typeof Lane> {}

export const PincodeArea = record('PincodeArea', {
  pincode: Pincode,
  district: string,
  state: string,
  latitude: double,
  longitude: double,
  /** Whether the post delivers there at all. */
  deliverable: boolean,
});
export interface PincodeArea extends Decoded<typeof PincodeArea> {}

/** One way to a pincode, ready to be used: everything about the courier is in it. */
export const Route = record('Route', {
  warehouseId: WarehouseId,
  courierId: CourierId,
  transitDays: int,
  fee: long,
  feePerKg: long,
  currency: string,
  maxWeightGrams: int,
  cashOnDelivery: boolean,
  deliveryDays: array(int),
});
export interface Route extends Decoded<typeof Route> {}

export const PincodeRoutes = record('PincodeRoutes', {
  pincode: Pincode,
  /** By warehouse, then fastest, then cheapest first. Empty: nothing reaches it. */
  routes: array(Route),
});
export interface PincodeRoutes extends Decoded<typeof PincodeRoutes> {}

/** A warehouse with its calendar resolved: what a promise needs of it. */
export const DispatchRules = record('DispatchRules', {
  warehouseId: WarehouseId,
  city: string,
  timeZone: string,
  workingDays: array(int),
  holidays: array(string),
  cutOffMinute: int,
  handlingDays: int,
  active: boolean,
});
export interface DispatchRules extends Decoded<typeof DispatchRules> {}

const compact = { cleanupPolicy: 'compact' } as const;

export const calendars = topic('serviceability.calendars', {
  key: CalendarId,
  value: Calendar,
  ...compact,
});
export const warehouses = topic('serviceability.warehouses', {
  key: WarehouseId,
  value: Warehouse,
  ...compact,
});
export const couriers = topic('serviceability.couriers', {
  key: CourierId,
  value: Courier,
  ...compact,
});
export const lanes = topic('serviceability.lanes', { key: LaneId, value: Lane, ...compact });
export const pincodes = topic('serviceability.pincodes', {
  key: Pincode,
  value: PincodeArea,
  ...compact,
});
export const pincodeRoutes = topic('serviceability.routes', {
  key: Pincode,
  value: PincodeRoutes,
  ...compact,
});
export const dispatchRules = topic('serviceability.dispatch-rules', {
  key: WarehouseId,
  value: DispatchRules,
  ...compact,
});
