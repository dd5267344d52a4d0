/**
 * Which warehouses reach a pincode, and how. Pure.
 *
 * For each warehouse and courier the lane with the longest matching prefix counts. Of those, a
 * warehouse keeps only routes that no other beats in every respect, and at most three: enough that
 * it still delivers every parcel that any of its couriers would take, for cash or not.
 */
import type {
  Courier,
  CourierId,
  Lane,
  PincodeArea,
  PincodeRoutes,
  Route,
  WarehouseId,
} from '#schemas/serviceability';

const maxRoutesOfWarehouse = 3;
const shortestPrefix = 2;
const longestPrefix = 6;

/** Couriers and lanes in use, ready to be looked up. */
export interface Network {
  readonly couriers: ReadonlyMap<CourierId, Courier>;
  readonly lanesByPrefix: ReadonlyMap<string, readonly Lane[]>;
  /** What was found already, by the longest prefix that has lanes: it decides the shorter ones. */
  readonly routesByPrefix: Map<string, readonly Route[]>;
}

/** What is not active falls away, and what belongs to it. */
export function networkOf(parts: {
  /** The active ones. */
  readonly warehouseIds: Iterable<WarehouseId>;
  readonly couriers: Iterable<Courier>;
  readonly lanes: Iterable<Lane>;
}): Network {
  const warehouses = new Set(parts.warehouseIds);
  const couriers = new Map<CourierId, Courier>();
  for (const courier of parts.couriers) {
    if (courier.active && courier.deliveryDays.length > 0) couriers.set(courier.id, courier);
  }

  const lanesByPrefix = new Map<string, Lane[]>();
  for (const lane of parts.lanes) {
    if (!lane.active || !warehouses.has(lane.warehouseId) || !couriers.has(lane.courierId))
      continue;
    const lanes = lanesByPrefix.get(lane.pincodePrefix);
    if (lanes) lanes.push(lane);
    else lanesByPrefix.set(lane.pincodePrefix, [lane]);
  }
  return { couriers, lanesByPrefix, routesByPrefix: new Map() };
}

export function routesTo({ pincode, deliverable }: PincodeArea, network: Network): PincodeRoutes {
  if (!deliverable) return { pincode, routes: [] };
  for (let length = longestPrefix; length >= shortestPrefix; length -= 1) {
    const prefix = pincode.slice(0, length);
    if (!network.lanesByPrefix.has(prefix)) continue;

    const known = network.routesByPrefix.get(prefix);
    const routes = known ?? routesBy(lanesTo(prefix, network), network);
    if (!known) network.routesByPrefix.set(prefix, routes);
    return { pincode, routes };
  }
  return { pincode, routes: [] };
}

function routesBy(lanes: Iterable<Lane>, { couriers }: Network): Route[] {
  const byWarehouse = new Map<WarehouseId, Route[]>();
  for (const lane of lanes) {
    const courier = couriers.get(lane.courierId);
    if (!courier) continue;
    const routes = byWarehouse.get(lane.warehouseId);
    if (routes) routes.push(routeOf(lane, courier));
    else byWarehouse.set(lane.warehouseId, [routeOf(lane, courier)]);
  }
  return [...byWarehouse]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([, routes]) => keptRoutes(routes));
}

/** Of each warehouse and courier the lane with the longest prefix; of equal ones the better. */
function lanesTo(longest: string, { lanesByPrefix }: Network): Iterable<Lane> {
  const chosen = new Map<string, Lane>();
  for (let length = longest.length; length >= shortestPrefix; length -= 1) {
    for (const lane of lanesByPrefix.get(longest.slice(0, length)) ?? []) {
      const pair = `${lane.warehouseId}\n${lane.courierId}`;
      const known = chosen.get(pair);
      if (!known || (known.pincodePrefix === lane.pincodePrefix && compareLanes(lane, known) < 0)) {
        chosen.set(pair, lane);
      }
    }
  }
  return chosen.values();
}

function routeOf(lane: Lane, courier: Courier): Route {
  return {
    warehouseId: lane.warehouseId,
    courierId: lane.courierId,
    transitDays: lane.transitDays,
    fee: lane.fee,
    feePerKg: lane.feePerKg,
    currency: lane.currency,
    maxWeightGrams: courier.maxWeightGrams,
    cashOnDelivery: courier.cashOnDelivery,
    deliveryDays: courier.deliveryDays,
  };
}

/** Fastest first, then cheapest. `routes` are of one warehouse. */
function keptRoutes(routes: readonly Route[]): Route[] {
  const sorted = [...routes].sort(compareRoutes);
  const unbeaten = sorted.filter(
    (route, index) => !sorted.some((other, at) => beats(other, route, at < index)),
  );
  if (unbeaten.length <= maxRoutesOfWarehouse) return unbeaten;

  const kept = new Set<Route>();
  kept.add(heaviest(unbeaten));
  const forCash = unbeaten.filter(({ cashOnDelivery }) => cashOnDelivery);
  if (forCash.length > 0) kept.add(heaviest(forCash));
  for (const route of [...unbeaten.slice(0, 1), cheapest(unbeaten), ...unbeaten]) {
    if (kept.size < maxRoutesOfWarehouse) kept.add(route);
  }
  return unbeaten.filter((route) => kept.has(route));
}

/** Whether `a` is as good as `b` in every respect, and better in one or, if `first`, merely first. */
function beats(a: Route, b: Route, first: boolean): boolean {
  if (a === b || !isAsGood(a, b)) return false;
  return first || !isAsGood(b, a);
}

function isAsGood(a: Route, b: Route): boolean {
  return (
    a.transitDays <= b.transitDays &&
    a.fee <= b.fee &&
    a.feePerKg <= b.feePerKg &&
    a.maxWeightGrams >= b.maxWeightGrams &&
    (a.cashOnDelivery || !b.cashOnDelivery) &&
    a.currency === b.currency &&
    b.deliveryDays.every((day) => a.deliveryDays.includes(day))
  );
}

/** The first that carries the most. */
function heaviest(routes: readonly Route[]): Route {
  return routes.reduce((best, route) =>
    route.maxWeightGrams > best.maxWeightGrams ? route : best,
  );
}

/** The first that costs the least for a light parcel. */
function cheapest(routes: readonly Route[]): Route {
  return routes.reduce((best, route) => (route.fee < best.fee ? route : best));
}

function compareRoutes(a: Route, b: Route): number {
  return (
    a.transitDays - b.transitDays ||
    a.fee - b.fee ||
    a.feePerKg - b.feePerKg ||
    compareText(a.courierId, b.courierId)
  );
}

function compareLanes(a: Lane, b: Lane): number {
  return (
    a.transitDays - b.transitDays ||
    a.fee - b.fee ||
    a.feePerKg - b.feePerKg ||
    compareText(a.id, b.id)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether two results say the same; their routes have a fixed order. */
export function isSameRoutes(a: PincodeRoutes, b: PincodeRoutes): boolean {
  return (
    a.routes.length === b.routes.length && a.routes.every((route, i) => isSame(route, b.routes[i]))
  );
}

function isSame(a: Route, b: Route | undefined): boolean {
  return (
    b !== undefined &&
    a.warehouseId === b.warehouseId &&
    a.courierId === b.courierId &&
    a.transitDays === b.transitDays &&
    a.fee === b.fee &&
    a.feePerKg === b.feePerKg &&
    a.currency === b.currency &&
    a.maxWeightGrams === b.maxWeightGrams &&
    a.cashOnDelivery === b.cashOnDelivery &&
    a.deliveryDays.length === b.deliveryDays.length &&
    a.deliveryDays.every((day, i) => day === b.deliveryDays[i])
  );
}
