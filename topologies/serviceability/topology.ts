/**
 * Serviceability: from warehouses, couriers, lanes and pincodes, which warehouse reaches which
 * pincode and how, calculated before anybody asks.
 *
 *   pincodes ──────▶ place-pincodes ─┐
 *   lanes ─────────▶ place-lanes ────┤ (by region)
 *   warehouses ──▶ (all regions) ────┼──▶ precalculate-routes ──▶ serviceability.routes
 *   couriers ────▶ (all regions) ────┘
 *
 *   warehouses ─┬─▶ resolve-calendars ──▶ serviceability.dispatch-rules
 *   calendars ──┘
 */
import {
  calendars,
  couriers,
  dispatchRules,
  lanes,
  pincodeRoutes,
  pincodes,
  warehouses,
} from '#schemas/serviceability';
import { avro, StreamsBuilder, type Topology } from '#streams';
import { calendarKept, DispatchFact, resolveCalendars, warehouseKept } from './dispatch-rules.ts';
import {
  courierInAllRegions,
  placeLanes,
  placePincodes,
  warehouseInAllRegions,
} from './place-facts.ts';
import { precalculateRoutes } from './precalculate-routes.ts';
import { RegionFact } from './region-facts.ts';

export function serviceabilityTopology(): Topology {
  const builder = new StreamsBuilder();
  const warehouseFacts = builder.stream(warehouses);

  builder
    .stream(pincodes)
    .process('place-pincodes', placePincodes)
    .merge(builder.stream(lanes).process('place-lanes', placeLanes))
    .merge(warehouseFacts.flatMap(warehouseInAllRegions))
    .merge(builder.stream(couriers).flatMap(courierInAllRegions))
    .repartition('regions', { key: avro.string, value: RegionFact })
    .process('precalculate-routes', precalculateRoutes)
    .to(pincodeRoutes);

  warehouseFacts
    .map(warehouseKept)
    .merge(builder.stream(calendars).map(calendarKept))
    .repartition('dispatch-facts', { key: avro.string, value: DispatchFact, partitions: 1 })
    .process('resolve-calendars', resolveCalendars)
    .to(dispatchRules);

  return builder.build();
}
