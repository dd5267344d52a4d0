/**
 * The delivery promise: the arithmetic on routes and dispatch rules that search, the item page and
 * order taking share, so that what a page promised is what the order records.
 */
import type { Money } from './money.ts';
import type { CourierId, DispatchRules, PincodeRoutes, WarehouseId } from './serviceability.ts';

export interface DeliveryPromise {
  readonly warehouseId: WarehouseId;
  readonly courierId: CourierId;
  /** 21:00 of the delivery day in the warehouse's time zone, milliseconds since the Unix epoch. */
  readonly promisedByMs: number;
  readonly fee: Money;
  readonly cashOnDelivery: boolean;
}

export interface PromiseQuestion {
  /** `undefined`: the pincode is unknown. */
  readonly routes: PincodeRoutes | undefined;
  /** `undefined`: no such warehouse. */
  readonly dispatchRules: (warehouseId: WarehouseId) => DispatchRules | undefined;
  /** Whether a warehouse has the goods. */
  readonly stocks: (warehouseId: WarehouseId) => boolean;
  readonly nowMs: number;
  /** Weight of the whole parcel. */
  readonly weightGrams: number;
  /** True: only routes that take cash. */
  readonly cashOnDelivery: boolean;
}

/** The best promise of each warehouse: earliest first, then cheapest, then by warehouse id. */
export function rankedPromises(_question: PromiseQuestion): DeliveryPromise[] {
  throw new Error('being built');
}

/** The first of `rankedPromises`; `undefined` when nothing can be delivered. */
export function bestPromise(question: PromiseQuestion): DeliveryPromise | undefined {
  return rankedPromises(question)[0];
}
