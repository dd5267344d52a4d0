/** From the warehouses that inventory chose to the shipments of an order, each with its promise. */
import type { ReservationOutcome } from '#schemas/inventory';
import type { PendingReservations } from '#schemas/order-entry';
import type { OrderId, PaymentMethod, Shipment, ShipmentId } from '#schemas/orders';
import { type DeliveryPromise, rankedPromises } from '#schemas/promise';
import type { WarehouseId } from '#schemas/serviceability';

interface ParcelLine {
  readonly sku: Shipment['lines'][number]['sku'];
  readonly quantity: number;
  readonly weightGrams: number;
}

interface Parcel {
  readonly lines: readonly ParcelLine[];
  readonly promise: DeliveryPromise;
}

type PromiseOf = (lines: readonly ParcelLine[]) => DeliveryPromise | undefined;

/**
 * One shipment a warehouse; more only where no courier takes all of it in one parcel. The promise
 * is the one search showed for that warehouse at the moment of ordering.
 */
export function shipmentsOf(
  orderId: OrderId,
  pending: PendingReservations,
  paymentMethod: PaymentMethod,
): Shipment[] {
  const parcels = [...linesByWarehouse(pending)].flatMap(([warehouseId, lines]) => {
    const promiseOf = promiseFrom(warehouseId, pending, paymentMethod);
    return parcelsOf(lines, promiseOf, `order '${orderId}' from '${warehouseId}'`);
  });
  return parcels.map(({ lines, promise }, index) => ({
    id: `${orderId}-${index + 1}` as ShipmentId,
    warehouseId: promise.warehouseId,
    courierId: promise.courierId,
    status: 'reserved',
    lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
    fee: promise.fee,
    promisedBy: promise.promisedByMs,
  }));
}

function linesByWarehouse({ lines, outcomes }: PendingReservations) {
  const byWarehouse = new Map<WarehouseId, ParcelLine[]>();
  for (const { sku, weightGrams } of lines) {
    for (const { warehouseId, quantity } of allocationsOf(sku, outcomes)) {
      const parcelLine = { sku, quantity, weightGrams: weightGrams * quantity };
      const others = byWarehouse.get(warehouseId) ?? [];
      byWarehouse.set(warehouseId, [...others, parcelLine]);
    }
  }
  return byWarehouse;
}

function allocationsOf(sku: string, outcomes: readonly ReservationOutcome[]) {
  const outcome = outcomes.find((candidate) => candidate.sku === sku);
  return outcome?.type === 'StockReserved' ? outcome.allocations : [];
}

function promiseFrom(
  warehouseId: WarehouseId,
  { routes, dispatchRules, orderedAt }: PendingReservations,
  paymentMethod: PaymentMethod,
): PromiseOf {
  const rules = dispatchRules.find((candidate) => candidate.warehouseId === warehouseId);
  return (lines) =>
    rankedPromises({
      routes,
      dispatchRules: () => rules,
      stocks: (candidate) => candidate === warehouseId,
      nowMs: orderedAt,
      weightGrams: lines.reduce((sum, line) => sum + line.weightGrams, 0),
      cashOnDelivery: paymentMethod === 'cash_on_delivery',
    })[0];
}

/** Fills each line into the first parcel that stays light enough for a courier. */
function parcelsOf(lines: readonly ParcelLine[], promiseOf: PromiseOf, whose: string): Parcel[] {
  const parcels: Parcel[] = [];
  for (const line of lines) {
    const place = parcels.findIndex((parcel) => promiseOf([...parcel.lines, line]) !== undefined);
    const filled = [...(parcels[place]?.lines ?? []), line];
    const promise = promiseOf(filled);
    // Inventory reserves only where the whole line was promised, so a part of it always is.
    if (promise === undefined) throw new Error(`${whose}: no courier takes '${line.sku}' alone`);
    parcels[place === -1 ? parcels.length : place] = { lines: filled, promise };
  }
  return parcels;
}
