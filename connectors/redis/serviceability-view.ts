/**
 * Routes by pincode, dispatch rules and the reference data. What a page of search hits needs to make
 * its promises, the routes of one pincode and the rules of their warehouses, is one round trip.
 */
import type {
  Calendar,
  CalendarId,
  Courier,
  CourierId,
  DispatchRules,
  Lane,
  LaneId,
  Pincode,
  PincodeArea,
  PincodeRoutes,
  Warehouse,
  WarehouseId,
} from '#schemas/serviceability';
import type { Rebuildable } from '../views/rebuild.ts';
import type { ServiceabilityWriters } from '../views/serviceability-view.ts';
import type { StoredServiceability } from '../views/shop-views.ts';
import { type Documents, documentKeys, documents } from './document-rows.ts';
import type { RedisView } from './redis-view.ts';
import {
  type RulesAlong,
  routesKeys,
  routesReader,
  routesRows,
  routesWriterName,
} from './routes-rows.ts';
import { copyScripts } from './view-scripts.ts';

const tables = [
  'calendars',
  'warehouses',
  'couriers',
  'lanes',
  'pincodes',
  'dispatch-rules',
] as const;

const keys = [...routesKeys, ...tables.flatMap(documentKeys)];
const copies = copyScripts(`
local names = {${keys.map((key) => `'${key}'`).join(', ')}}
local function keysOf()
  local keys = {}
  for i = 1, #names do keys[i] = k(names[i]) end
  return keys
end`);

export type RedisServiceability = StoredServiceability & Rebuildable<ServiceabilityWriters>;

export function redisServiceability(view: RedisView): RedisServiceability {
  const table = <K extends string, V>(name: (typeof tables)[number]): Documents<K, V> =>
    documents<K, V>({ view, table: name, writer: `serviceability.${name}` });
  const calendars = table<CalendarId, Calendar>('calendars');
  const warehouses = table<WarehouseId, Warehouse>('warehouses');
  const couriers = table<CourierId, Courier>('couriers');
  const lanes = table<LaneId, Lane>('lanes');
  const pincodes = table<Pincode, PincodeArea>('pincodes');
  const dispatchRules = table<WarehouseId, DispatchRules>('dispatch-rules');
  const routes = routesReader(view);
  const rules = new RulesOfThisTurn();
  view.signal.onApplied(() => rules.forget());

  const writersOf = (copy?: string): ServiceabilityWriters => ({
    routes: view.writer<Pincode, PincodeRoutes>({
      name: routesWriterName,
      rows: routesRows(),
      copy,
    }),
    dispatchRules: dispatchRules.writer(copy),
    calendars: calendars.writer(copy),
    warehouses: warehouses.writer(copy),
    couriers: couriers.writer(copy),
    lanes: lanes.writer(copy),
    pincodes: pincodes.writer(copy),
  });
  const writers = writersOf();

  return {
    reader: {
      onApplied: (listener) => view.signal.onApplied(listener),
      routes: async (pincode) => {
        const { version } = rules;
        const found = await routes.routes(pincode, version);
        rules.take(found.rules, version);
        return found.routes;
      },
      dispatchRules: async (id) => {
        const known = rules.now;
        return known === undefined ? dispatchRules.get(id) : known.get(id);
      },
      calendar: calendars.get,
      warehouse: warehouses.get,
      courier: couriers.get,
      lane: lanes.get,
      pincode: pincodes.get,
      calendars: (page) => calendars.page(page, ({ id }) => id),
      warehouses: (page) => warehouses.page(page, ({ id }) => id),
      couriers: (page) => couriers.page(page, ({ id }) => id),
      lanes: (page) => lanes.page(page, ({ id }) => id),
      pincodes: (page) => pincodes.page(page, ({ pincode }) => pincode),
      reachableCount: () => routes.reachableCount(),
    },
    writers,
    entries: {
      routes: routes.entries,
      dispatchRules: dispatchRules.entries,
      calendars: calendars.entries,
      warehouses: warehouses.entries,
      couriers: couriers.entries,
      lanes: lanes.entries,
      pincodes: pincodes.entries,
    },
    beginCopy: async () => {
      const names = Object.values(writers).map(({ name }) => name);
      const { name, switchOver, abandon } = await view.beginCopy(copies, names);
      return { writers: writersOf(name), switchOver, abandon };
    },
  };
}

/**
 * All dispatch rules as of the last look at some routes. They answer whoever asks while that answer
 * is handled, and not a moment later: then Redis is asked again, which says only whether they changed.
 */
class RulesOfThisTurn {
  #version = '';
  #rules: ReadonlyMap<WarehouseId, DispatchRules> = new Map();
  #isNow = false;

  /** What is held, however old; '' for nothing. */
  get version(): string {
    return this.#version;
  }

  get now(): ReadonlyMap<WarehouseId, DispatchRules> | undefined {
    return this.#isNow ? this.#rules : undefined;
  }

  /** `asked`: the version that was held when Redis was asked; it sends no rules of that one again. */
  take({ version, flat }: RulesAlong, asked: string): void {
    this.forget();
    if (version === null || (version === asked && version !== this.#version)) return;
    if (version !== this.#version) {
      const rules = new Map<WarehouseId, DispatchRules>();
      for (let index = 0; index < flat.length; index += 2) {
        rules.set(flat[index] as WarehouseId, JSON.parse(flat[index + 1] as string));
      }
      this.#rules = rules;
      this.#version = version;
    }
    this.#isNow = true;
    setImmediate(() => this.forget());
  }

  forget(): void {
    this.#isNow = false;
  }
}
