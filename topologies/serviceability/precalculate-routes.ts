/**
 * Precalculates the routes of a region's pincodes. Facts only mark what they touch; a moment later,
 * when no more come (or after two seconds), the marked pincodes are calculated at once: a first load
 * of thousands of lanes would else calculate every pincode thousands of times.
 */
import {
  Courier,
  Lane,
  Pincode,
  PincodeArea,
  PincodeRoutes,
  WarehouseId,
} from '#schemas/serviceability';
import { avro, keyValueStore, type ProcessContext, type StreamRecord, stringSerde } from '#streams';
import type { RegionFact } from './region-facts.ts';
import { isSameRoutes, type Network, networkOf, routesTo } from './routes.ts';

const checkEveryMs = 50;
/** Without new facts for so long, a load is taken to be over. */
const quietMs = 100;
const longestWaitMs = 2_000;
/** Bounds one commit: after so many the other regions wait for the next round. */
const pincodesAtOnce = 400;
/** More marks than these are the whole region. */
const maxMarks = 64;

/** What is to be calculated again: pincodes that begin with one of these. */
const Marks = avro.record('Marks', {
  prefixes: avro.array(avro.string),
  /** Of the first and the last mark, by the machine's clock. */
  firstMs: avro.timestampMillis,
  lastMs: avro.timestampMillis,
});

const stores = {
  areas: keyValueStore('pincode-areas', { key: stringSerde, value: PincodeArea }),
  /** By `<prefix>:<lane id>`, so that a region's lanes are together. */
  lanes: keyValueStore('region-lanes', { key: stringSerde, value: Lane }),
  /** By `<region>:<warehouse id>`. */
  warehouses: keyValueStore('region-warehouses', { key: stringSerde, value: WarehouseId }),
  /** By `<region>:<courier id>`. */
  couriers: keyValueStore('region-couriers', { key: stringSerde, value: Courier }),
  marks: keyValueStore('region-marks', { key: stringSerde, value: Marks }),
  /** What was sent last, so that only changes are. When it is lost, the same is sent once more. */
  sent: keyValueStore('sent-routes', { key: Pincode, value: PincodeRoutes, logged: false }),
};

type Context = ProcessContext<Pincode, PincodeRoutes | undefined, typeof stores, {}>;

export const precalculateRoutes = {
  stores,
  process: ({ key: region, value: fact }: StreamRecord<string, RegionFact>, context: Context) => {
    const touched = take(region, fact, context);
    if (touched !== undefined) mark(region, touched, context);
  },
  punctuators: [{ time: 'wall-clock', everyMs: checkEveryMs, punctuate: calculateMarked }],
} as const;

/** Remembers a fact. Answers the prefix of the pincodes that it may change, if any. */
function take(region: string, fact: RegionFact, context: Context): string | undefined {
  const { areas, lanes, warehouses, couriers, sent } = context.stores;
  switch (fact.type) {
    case 'PincodeFact': {
      const { pincode, area } = fact;
      if (area) {
        areas.put(pincode, area);
        return pincode;
      }
      areas.delete(pincode);
      sent.delete(pincode);
      context.forward({ key: pincode, value: undefined });
      return undefined;
    }
    case 'LaneFact': {
      const key = `${fact.prefix}:${fact.laneId}`;
      if (fact.lane) lanes.put(key, fact.lane);
      else lanes.delete(key);
      return fact.prefix;
    }
    case 'WarehouseFact': {
      const key = `${region}:${fact.warehouseId}`;
      const wasUsed = warehouses.get(key) !== undefined;
      if (wasUsed === fact.isUsed) return undefined;
      if (fact.isUsed) warehouses.put(key, fact.warehouseId);
      else warehouses.delete(key);
      return region;
    }
    case 'CourierFact': {
      const key = `${region}:${fact.courierId}`;
      if (fact.courier) couriers.put(key, fact.courier);
      else couriers.delete(key);
      return region;
    }
  }
}

function mark(region: string, prefix: string, { stores: { marks }, wallClockMs }: Context): void {
  const known = marks.get(region);
  const prefixes = withPrefix(known?.prefixes ?? [], prefix);
  marks.put(region, {
    prefixes: prefixes.length > maxMarks ? [region] : prefixes,
    firstMs: known?.firstMs ?? wallClockMs,
    lastMs: wallClockMs,
  });
}

/** The prefixes that cover `prefix` too, none of them within another. */
function withPrefix(prefixes: readonly string[], prefix: string): readonly string[] {
  if (prefixes.some((known) => prefix.startsWith(known))) return prefixes;
  return [...prefixes.filter((known) => !known.startsWith(prefix)), prefix];
}

function calculateMarked(nowMs: number, context: Context): void {
  const marked = [...context.stores.marks.all()];
  if (marked.length === 0) return;
  const first = Math.min(...marked.map(({ value }) => value.firstMs));
  const last = Math.max(...marked.map(({ value }) => value.lastMs));
  // Absolute: a clock that was set back must not stop the shop.
  const isQuiet = Math.abs(nowMs - last) >= quietMs;
  if (!isQuiet && Math.abs(nowMs - first) < longestWaitMs) return;

  let calculated = 0;
  for (const { key: region, value } of marked) {
    if (calculated >= pincodesAtOnce) return;
    calculated += calculate(region, value.prefixes, context);
    context.stores.marks.delete(region);
  }
}

/** Answers how many pincodes it calculated. */
function calculate(region: string, prefixes: readonly string[], context: Context): number {
  const { areas, sent } = context.stores;
  const marked = prefixes.flatMap((prefix) => [...areas.prefixScan(prefix)]);
  if (marked.length === 0) return 0;

  const network = networkOfRegion(region, context);
  for (const { value: area } of marked) {
    const routes = routesTo(area, network);
    const { pincode } = area;
    const before = sent.get(pincode);
    if (before && isSameRoutes(before, routes)) continue;
    sent.put(pincode, routes);
    context.forward({ key: pincode, value: routes });
  }
  return marked.length;
}

function networkOfRegion(region: string, { stores }: Context): Network {
  const values = <V>(entries: Iterable<{ readonly value: V }>) =>
    Array.from(entries, ({ value }) => value);
  return networkOf({
    warehouseIds: values(stores.warehouses.prefixScan(`${region}:`)),
    couriers: values(stores.couriers.prefixScan(`${region}:`)),
    lanes: values(stores.lanes.prefixScan(region)),
  });
}
