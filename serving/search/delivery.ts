/** The delivery promise of an item for a pincode, in JSON. The arithmetic is `schemas/promise.ts`. */
import { bestPromise, type PromiseQuestion } from '#schemas/promise';
import type { DispatchRules, Pincode, PincodeRoutes, WarehouseId } from '#schemas/serviceability';
import type { ServiceabilityView } from '#views/serviceability-view';
import {
  boolean,
  type Described,
  nullable,
  object,
  oneOf,
  reply,
  withDescription,
} from '../json-schema.ts';
import { money, rfc3339, time } from '../wire.ts';

export const delivery = object(
  {
    deliverable: boolean,
    promisedBy: nullable(time),
    promisedDate: nullable(withDescription(reply(), 'the local date of the delivery')),
    fee: nullable(money),
    from: nullable(object({ warehouseId: reply<WarehouseId>(), city: reply() })),
    cashOnDelivery: boolean,
  },
  { reason: oneOf('unknown-pincode', 'out-of-stock', 'unreachable') },
);
export type Delivery = Described<typeof delivery>;

/** Everything about one pincode that promises need, looked up once for a page of hits. */
export interface Destination {
  readonly routes: PincodeRoutes | undefined;
  readonly rules: ReadonlyMap<WarehouseId, DispatchRules>;
}

export interface Parcel {
  readonly weightGrams: number;
  /** Whether the item may be paid for in cash. */
  readonly cashOnDelivery: boolean;
  /** Warehouses that have it. */
  readonly warehouseIds: readonly WarehouseId[];
}

export async function destinationOf(
  view: ServiceabilityView,
  pincode: Pincode,
): Promise<Destination> {
  const routes = await view.routes(pincode);
  const warehouseIds = new Set(routes?.routes.map(({ warehouseId }) => warehouseId));
  const found = await Promise.all([...warehouseIds].map((id) => view.dispatchRules(id)));
  const rules = new Map<WarehouseId, DispatchRules>();
  for (const each of found) if (each) rules.set(each.warehouseId, each);
  return { routes, rules };
}

export function deliveryOf(parcel: Parcel, to: Destination, nowMs: number): Delivery {
  if (!to.routes) return notDeliverable('unknown-pincode');
  if (parcel.warehouseIds.length === 0) return notDeliverable('out-of-stock');

  const question = promiseQuestion(parcel, to, nowMs);
  const promise = bestPromise(question);
  if (!promise) return notDeliverable('unreachable');

  const { promisedByMs, promisedDate, fee, warehouseId } = promise;
  const takesCash = parcel.cashOnDelivery && isPromisedInCash(question, promise.cashOnDelivery);
  return {
    deliverable: true,
    promisedBy: rfc3339(promisedByMs),
    promisedDate,
    fee,
    from: { warehouseId, city: to.rules.get(warehouseId)?.city ?? '' },
    cashOnDelivery: takesCash,
  };
}

export function promiseQuestion(parcel: Parcel, to: Destination, nowMs: number): PromiseQuestion {
  return {
    routes: to.routes,
    dispatchRules: (id) => to.rules.get(id),
    stocks: (id) => parcel.warehouseIds.includes(id),
    nowMs,
    weightGrams: parcel.weightGrams,
    cashOnDelivery: false,
  };
}

/** Another courier may take cash where the best one does not. */
function isPromisedInCash(question: PromiseQuestion, bestTakesCash: boolean): boolean {
  return bestTakesCash || bestPromise({ ...question, cashOnDelivery: true }) !== undefined;
}

function notDeliverable(reason: 'unknown-pincode' | 'out-of-stock' | 'unreachable'): Delivery {
  const nothing = { promisedBy: null, promisedDate: null, fee: null, from: null };
  return { deliverable: false, ...nothing, cashOnDelivery: false, reason };
}
