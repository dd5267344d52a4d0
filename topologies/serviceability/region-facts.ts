/**
 * The reference data as each region hears it. A region is the first two digits of a pincode: every
 * pincode and lane belongs to one, warehouses and couriers concern all of them.
 */
import {
  Courier,
  CourierId,
  Lane,
  LaneId,
  Pincode,
  PincodeArea,
  WarehouseId,
} from '#schemas/serviceability';
import { avro, type Decoded } from '#streams';

const { boolean, literal, nullable, record, string, union } = avro;

const PincodeFact = record('PincodeFact', {
  type: literal('PincodeFact'),
  pincode: Pincode,
  /** `null`: there is no such pincode any more. */
  area: nullable(PincodeArea),
});
const LaneFact = record('LaneFact', {
  type: literal('LaneFact'),
  laneId: LaneId,
  prefix: string,
  /** `null`: the lane has left this prefix. */
  lane: nullable(Lane),
});
const WarehouseFact = record('WarehouseFact', {
  type: literal('WarehouseFact'),
  warehouseId: WarehouseId,
  isUsed: boolean,
});
const CourierFact = record('CourierFact', {
  type: literal('CourierFact'),
  courierId: CourierId,
  /** `null`: it is not used any more. */
  courier: nullable(Courier),
});
export const RegionFact = union(PincodeFact, LaneFact, WarehouseFact, CourierFact);
export type RegionFact = Decoded<typeof RegionFact>;

/** 10 to 99: pincodes do not begin with 0. */
export const allRegions: readonly string[] = Array.from({ length: 90 }, (_, i) => String(i + 10));

export function regionOf(pincodeOrPrefix: string): string {
  return pincodeOrPrefix.slice(0, 2);
}

export function isPincode(text: string): boolean {
  return /^[1-9][0-9]{5}$/.test(text);
}

/** Two to six digits, the first not 0. */
export function isPincodePrefix(text: string): boolean {
  return /^[1-9][0-9]{1,5}$/.test(text);
}
