/**
 * The delivery promise: the arithmetic on routes and dispatch rules that search, the item page and
 * order taking share, so that what a page promised is what the order records.
 *
 *   order ─▶ handed over (cut-off, working days) ─▶ transit (calendar days) ─▶ next delivery day
 *
 * It runs for every hit of a search: what depends on a `PincodeRoutes` or a `DispatchRules` alone is
 * computed once for each object, so pass the view's own objects, not copies.
 */
import { type DeliveryDay, deliveryDayFrom, handOverDay, weekdaySet } from './dispatch-days.ts';
import type { Money } from './money.ts';
import type {
  CourierId,
  DispatchRules,
  PincodeRoutes,
  Route,
  WarehouseId,
} from './serviceability.ts';

export interface DeliveryPromise {
  readonly warehouseId: WarehouseId;
  readonly courierId: CourierId;
  /** 21:00 of the delivery day in the warehouse's time zone, milliseconds since the Unix epoch. */
  readonly promisedByMs: number;
  /** The delivery day there: `2026-11-25`. */
  readonly promisedDate: string;
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

/** Warehouses that reach a pincode, by what they can send there. */
export interface ReachingWarehouses {
  readonly warehouseIds: readonly WarehouseId[];
  /** The heaviest parcel any courier takes from these, in grams. */
  readonly maxWeightGrams: number;
}

/** The best promise of each warehouse: earliest first, then cheapest, then by warehouse id. */
export function rankedPromises(question: PromiseQuestion): DeliveryPromise[] {
  return promisesByWarehouse(question).sort(compare);
}

/** The first of `rankedPromises`; `undefined` when nothing can be delivered. */
export function bestPromise(question: PromiseQuestion): DeliveryPromise | undefined {
  let best: DeliveryPromise | undefined;
  for (const promise of promisesByWarehouse(question)) {
    if (best === undefined || compare(promise, best) < 0) best = promise;
  }
  return best;
}

/**
 * The warehouses that reach a pincode, each in the group of the heaviest parcel that it can send
 * there; heaviest group first. `bestPromise` has an answer exactly when one of the groups has a
 * warehouse with the goods and can carry the parcel, so that a search can filter by these.
 */
export function reachingWarehouses({
  routes,
  dispatchRules,
  nowMs,
  cashOnDelivery,
}: Omit<PromiseQuestion, 'stocks' | 'weightGrams'>): ReachingWarehouses[] {
  const groups = new Map<number, WarehouseId[]>();
  for (const { warehouseId, ways } of waysOf(routes)) {
    const usable = ways.filter(({ route }) => route.cashOnDelivery || !cashOnDelivery);
    if (usable.length === 0) continue;
    const rules = dispatchRules(warehouseId);
    if (rules === undefined || handOverDay(rules, nowMs) === undefined) continue;

    const maxWeightGrams = Math.max(...usable.map(({ route }) => route.maxWeightGrams));
    const group = groups.get(maxWeightGrams);
    if (group) group.push(warehouseId);
    else groups.set(maxWeightGrams, [warehouseId]);
  }
  return [...groups]
    .map(([maxWeightGrams, warehouseIds]) => ({ warehouseIds, maxWeightGrams }))
    .sort((a, b) => b.maxWeightGrams - a.maxWeightGrams);
}

/** What a route costs for a parcel of this weight, in minor units. */
export function deliveryFee(route: Pick<Route, 'fee' | 'feePerKg'>, weightGrams: number): number {
  const begunKilograms = Math.max(1, Math.ceil(weightGrams / 1_000));
  return route.fee + route.feePerKg * (begunKilograms - 1);
}

function compare(a: DeliveryPromise, b: DeliveryPromise): number {
  if (a.promisedByMs !== b.promisedByMs) return a.promisedByMs - b.promisedByMs;
  if (a.fee.amount !== b.fee.amount) return a.fee.amount - b.fee.amount;
  return a.warehouseId < b.warehouseId ? -1 : 1;
}

/** One for each warehouse that can deliver, in no order. */
function promisesByWarehouse(question: PromiseQuestion): DeliveryPromise[] {
  const promises: DeliveryPromise[] = [];
  for (const { warehouseId, ways } of waysOf(question.routes)) {
    if (!question.stocks(warehouseId)) continue;
    const rules = question.dispatchRules(warehouseId);
    const choice = rules && choose(ways, rules, question);
    if (choice !== undefined) promises.push(promiseOf(choice));
  }
  return promises;
}

/** A way to a pincode: a route whose courier delivers at all. */
interface Way {
  readonly route: Route;
  readonly deliveryDays: number;
}

interface WarehouseWays {
  readonly warehouseId: WarehouseId;
  readonly ways: readonly Way[];
}

interface Choice {
  readonly route: Route;
  readonly day: DeliveryDay;
  readonly fee: number;
}

/** Earliest, then cheapest, then by courier id: by it the ways are sorted. */
function choose(
  ways: readonly Way[],
  rules: DispatchRules,
  { nowMs, weightGrams, cashOnDelivery }: PromiseQuestion,
): Choice | undefined {
  const handOver = handOverDay(rules, nowMs);
  if (handOver === undefined) return undefined;

  let best: Choice | undefined;
  for (const { route, deliveryDays } of ways) {
    if (weightGrams > route.maxWeightGrams || (cashOnDelivery && !route.cashOnDelivery)) continue;
    const day = deliveryDayFrom(rules, handOver + route.transitDays, deliveryDays, nowMs);
    if (day === undefined || (best !== undefined && day.endMs > best.day.endMs)) continue;

    const fee = deliveryFee(route, weightGrams);
    if (best === undefined || day.endMs < best.day.endMs || fee < best.fee) {
      best = { route, day, fee };
    }
  }
  return best;
}

function promiseOf({ route, day, fee }: Choice): DeliveryPromise {
  return {
    warehouseId: route.warehouseId,
    courierId: route.courierId,
    promisedByMs: day.endMs,
    promisedDate: day.date,
    fee: { amount: fee, currency: route.currency },
    cashOnDelivery: route.cashOnDelivery,
  };
}

const noWays: readonly WarehouseWays[] = [];
const waysByRoutes = new WeakMap<PincodeRoutes, readonly WarehouseWays[]>();

function waysOf(routes: PincodeRoutes | undefined): readonly WarehouseWays[] {
  if (routes === undefined) return noWays;
  const known = waysByRoutes.get(routes);
  if (known) return known;

  const byWarehouse = new Map<WarehouseId, Way[]>();
  for (const route of [...routes.routes].sort(byCourierId)) {
    const deliveryDays = weekdaySet(route.deliveryDays);
    if (deliveryDays === 0) continue;
    const ways = byWarehouse.get(route.warehouseId);
    if (ways) ways.push({ route, deliveryDays });
    else byWarehouse.set(route.warehouseId, [{ route, deliveryDays }]);
  }
  const found = [...byWarehouse].map(([warehouseId, ways]) => ({ warehouseId, ways }));
  waysByRoutes.set(routes, found);
  return found;
}

function byCourierId(a: Route, b: Route): number {
  return a.courierId < b.courierId ? -1 : a.courierId > b.courierId ? 1 : 0;
}
