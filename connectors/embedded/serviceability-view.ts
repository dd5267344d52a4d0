/** Routes by pincode, dispatch rules and the reference data. Few and hot: parsed values are cached. */
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
import { BoundedCache } from '../bounded-cache.ts';
import type { Entries, StoredServiceability } from '../views/shop-views.ts';
import type { Page, PageRequest, ViewWriter } from '../views/view.ts';
import { DocumentTable } from './document-table.ts';
import { RoutesTable, routesSchema } from './routes-table.ts';
import { AppliedSignal, type ViewFile } from './view-file.ts';

const tables = {
  calendars: new DocumentTable<CalendarId, Calendar>('calendars'),
  warehouses: new DocumentTable<WarehouseId, Warehouse>('warehouses'),
  couriers: new DocumentTable<CourierId, Courier>('couriers'),
  lanes: new DocumentTable<LaneId, Lane>('lanes'),
  pincodes: new DocumentTable<Pincode, PincodeArea>('pincodes'),
  dispatchRules: new DocumentTable<WarehouseId, DispatchRules>('dispatch_rules'),
};

export const serviceabilitySchema: string = [
  routesSchema,
  ...Object.values(tables).map(({ schema }) => schema),
].join('\n');

const cachedEntries = 5_000;

interface CachedTable<K extends string, V> {
  readonly get: (key: K) => V | undefined;
  readonly page: (request: PageRequest, keyOf: (value: V) => K) => Page<V>;
  readonly writer: ViewWriter<K, V>;
  readonly entries: Entries<K, V>;
}

export function embeddedServiceability(file: ViewFile): StoredServiceability {
  const signal = new AppliedSignal();
  const routes = new RoutesTable(file.database);
  const calendars = cached(file, signal, 'calendars', tables.calendars);
  const warehouses = cached(file, signal, 'warehouses', tables.warehouses);
  const couriers = cached(file, signal, 'couriers', tables.couriers);
  const lanes = cached(file, signal, 'lanes', tables.lanes);
  const pincodes = cached(file, signal, 'pincodes', tables.pincodes);
  const dispatchRules = cached(file, signal, 'dispatch-rules', tables.dispatchRules);
  const held = { calendars, warehouses, couriers, lanes, pincodes, dispatchRules };

  return {
    reader: {
      onApplied: (listener) => signal.onApplied(listener),
      routes: async (pincode) => routes.get(pincode),
      dispatchRules: async (id) => dispatchRules.get(id),
      calendar: async (id) => calendars.get(id),
      warehouse: async (id) => warehouses.get(id),
      courier: async (id) => couriers.get(id),
      lane: async (id) => lanes.get(id),
      pincode: async (pincode) => pincodes.get(pincode),
      calendars: async (page) => calendars.page(page, ({ id }) => id),
      warehouses: async (page) => warehouses.page(page, ({ id }) => id),
      couriers: async (page) => couriers.page(page, ({ id }) => id),
      lanes: async (page) => lanes.page(page, ({ id }) => id),
      pincodes: async (page) => pincodes.page(page, ({ pincode }) => pincode),
      reachableCount: async () => routes.reachableCount(),
    },
    writers: { routes: routesWriter(file, signal, routes), ...part(held, 'writer') },
    entries: { routes: () => routes.entries(), ...part(held, 'entries') },
  };
}

/** One property of each entry. */
function part<T extends Record<string, object>, P extends keyof T[keyof T]>(
  of: T,
  property: P,
): { [Name in keyof T]: T[Name][P & keyof T[Name]] } {
  const entries = Object.entries(of).map(([name, value]) => [name, value[property as never]]);
  return Object.fromEntries(entries) as { [Name in keyof T]: T[Name][P & keyof T[Name]] };
}

function routesWriter(file: ViewFile, signal: AppliedSignal, routes: RoutesTable) {
  return file.writer<Pincode, PincodeRoutes>({
    name: 'serviceability.routes',
    signal,
    put: (pincode, value) => routes.put(pincode, value),
    delete: (pincode) => routes.delete(pincode),
  });
}

function cached<K extends string, V>(
  file: ViewFile,
  signal: AppliedSignal,
  name: string,
  table: DocumentTable<K, V>,
): CachedTable<K, V> {
  const { database } = file;
  const cache = new BoundedCache<K, V>(cachedEntries);
  return {
    get: (key) => cache.get(key, () => table.get(database, key)),
    page: (request, keyOf) => table.page(database, request, keyOf),
    writer: file.writer<K, V>({
      name: `serviceability.${name}`,
      signal,
      put: (key, value) => {
        table.put(database, key, value);
        cache.delete(key); // And not set: the transaction may still roll back.
      },
      delete: (key) => {
        table.delete(database, key);
        cache.delete(key);
      },
    }),
    entries: () => table.entries(database),
  };
}
