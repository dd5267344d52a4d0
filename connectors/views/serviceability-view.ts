/** Routes by pincode, dispatch rules by warehouse, and the reference data itself. */
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
import type { Page, PageRequest, ViewReader, ViewWriter } from './view.ts';

export interface ServiceabilityView extends ViewReader {
  /** `undefined`: the pincode is unknown. */
  routes(pincode: Pincode): Promise<PincodeRoutes | undefined>;
  dispatchRules(warehouseId: WarehouseId): Promise<DispatchRules | undefined>;
  calendar(id: CalendarId): Promise<Calendar | undefined>;
  warehouse(id: WarehouseId): Promise<Warehouse | undefined>;
  courier(id: CourierId): Promise<Courier | undefined>;
  lane(id: LaneId): Promise<Lane | undefined>;
  pincode(pincode: Pincode): Promise<PincodeArea | undefined>;
  calendars(page: PageRequest): Promise<Page<Calendar>>;
  warehouses(page: PageRequest): Promise<Page<Warehouse>>;
  couriers(page: PageRequest): Promise<Page<Courier>>;
  lanes(page: PageRequest): Promise<Page<Lane>>;
  pincodes(page: PageRequest): Promise<Page<PincodeArea>>;
  /** How many pincodes have at least one route. */
  reachableCount(): Promise<number>;
}

export interface ServiceabilityWriters {
  readonly routes: ViewWriter<Pincode, PincodeRoutes>;
  readonly dispatchRules: ViewWriter<WarehouseId, DispatchRules>;
  readonly calendars: ViewWriter<CalendarId, Calendar>;
  readonly warehouses: ViewWriter<WarehouseId, Warehouse>;
  readonly couriers: ViewWriter<CourierId, Courier>;
  readonly lanes: ViewWriter<LaneId, Lane>;
  readonly pincodes: ViewWriter<Pincode, PincodeArea>;
}
