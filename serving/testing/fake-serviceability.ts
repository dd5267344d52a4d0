/** Reference data in memory. */
import type {
  Calendar,
  Courier,
  DispatchRules,
  Lane,
  PincodeArea,
  PincodeRoutes,
  Warehouse,
} from '#schemas/serviceability';
import type { ServiceabilityView } from '#views/serviceability-view';
import { FakeTable, pageOf } from './fake-table.ts';

export function fakeServiceability() {
  const tables = {
    routes: new FakeTable<PincodeRoutes['pincode'], PincodeRoutes>(),
    dispatchRules: new FakeTable<DispatchRules['warehouseId'], DispatchRules>(),
    calendars: new FakeTable<Calendar['id'], Calendar>(),
    warehouses: new FakeTable<Warehouse['id'], Warehouse>(),
    couriers: new FakeTable<Courier['id'], Courier>(),
    lanes: new FakeTable<Lane['id'], Lane>(),
    pincodes: new FakeTable<PincodeArea['pincode'], PincodeArea>(),
  };
  const byId = <V extends { readonly id: string }>(table: FakeTable<V['id'], V>) =>
    [...table.rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const idOf = ({ id }: { readonly id: string }) => id;

  const view: ServiceabilityView = {
    onApplied: () => () => {},
    routes: (pincode) => tables.routes.get(pincode),
    dispatchRules: (id) => tables.dispatchRules.get(id),
    calendar: (id) => tables.calendars.get(id),
    warehouse: (id) => tables.warehouses.get(id),
    courier: (id) => tables.couriers.get(id),
    lane: (id) => tables.lanes.get(id),
    pincode: (pincode) => tables.pincodes.get(pincode),
    calendars: async (page) => pageOf(byId(tables.calendars), page, idOf),
    warehouses: async (page) => pageOf(byId(tables.warehouses), page, idOf),
    couriers: async (page) => pageOf(byId(tables.couriers), page, idOf),
    lanes: async (page) => pageOf(byId(tables.lanes), page, idOf),
    pincodes: async (page) =>
      pageOf([...tables.pincodes.rows.values()], page, ({ pincode }) => pincode),
    reachableCount: async () => tables.routes.rows.size,
  };
  return { tables, view };
}
