/** What each event of stock leaves behind: the level of the SKU and the order's reservation. */
import type {
  Allocation,
  InventoryEvent,
  Reservation,
  StockLevel,
  WarehouseStock,
} from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { OrderId } from '#schemas/orders';
import { type Stock, stockOf } from './stock.ts';

type Event<Type extends InventoryEvent['type']> = Extract<InventoryEvent, { type: Type }>;

/** How one warehouse's numbers move by a quantity. */
type Move = (stock: WarehouseStock, quantity: number) => Partial<WarehouseStock>;

const receive: Move = ({ onHand, received }, quantity) => ({
  onHand: onHand + quantity,
  received: received + quantity,
});
const adjust: Move = ({ onHand, adjusted }, delta) => ({
  onHand: onHand + delta,
  adjusted: adjusted + delta,
});
const reserve: Move = ({ reserved }, quantity) => ({ reserved: reserved + quantity });
const release: Move = ({ reserved }, quantity) => ({ reserved: reserved - quantity });
const ship: Move = ({ onHand, reserved, shipped }, quantity) => ({
  onHand: onHand - quantity,
  reserved: reserved - quantity,
  shipped: shipped + quantity,
});

/** `atMs`: time of the record that caused the event. */
export function evolve(stock: Stock, event: InventoryEvent, atMs: number): Stock {
  const { level, reservation } = stock;
  switch (event.type) {
    case 'StockReceived':
      return { ...stock, level: moved(level, [event], receive, atMs) };
    case 'StockAdjusted': {
      const { warehouseId, delta } = event;
      return { ...stock, level: moved(level, [{ warehouseId, quantity: delta }], adjust, atMs) };
    }
    case 'AdjustmentRefused':
      return stock;
    case 'StockReserved':
      return {
        level: moved(level, event.allocations, reserve, atMs),
        reservation: newReservation(event, atMs),
      };
    case 'ReservationRejected':
      return { level, reservation: refusedReservation(event, atMs) };
    case 'ReservationCommitted':
      return {
        level: moved(level, [event.allocation], ship, atMs),
        reservation: reservation && committed(reservation, event.allocation, atMs),
      };
    case 'ReservationReleased':
      return {
        level: moved(level, event.allocations, release, atMs),
        reservation: reservation ? released(reservation, event, atMs) : withdrawn(event, atMs),
      };
  }
}

/** One version later, however many warehouses it moves; unchanged when it moves none. */
function moved(
  level: StockLevel,
  allocations: readonly Allocation[],
  move: Move,
  atMs: number,
): StockLevel {
  if (allocations.length === 0) return level;
  // By entries: a warehouse may have any id, and assigning to `__proto__` would not add it.
  const warehouses = new Map(Object.entries(level.warehouses));
  for (const { warehouseId, quantity } of allocations) {
    const before = stockOf(level, warehouseId);
    warehouses.set(warehouseId, { ...before, ...move(before, quantity) });
  }
  const updatedAt = Math.max(level.updatedAt, atMs);
  const version = level.version + 1;
  return { ...level, warehouses: Object.fromEntries(warehouses), version, updatedAt };
}

function reservationOf(event: { sku: Sku; orderId: OrderId }, atMs: number) {
  const { sku, orderId } = event;
  return { sku, orderId, availableThen: 0, parts: [], releaseReason: '', updatedAt: atMs };
}

function newReservation(event: Event<'StockReserved'>, atMs: number): Reservation {
  const parts = event.allocations.map((part) => ({ ...part, state: 'open' as const }));
  const requested = event.quantity;
  return { ...reservationOf(event, atMs), status: 'reserved', requested, parts };
}

function refusedReservation(event: Event<'ReservationRejected'>, atMs: number): Reservation {
  const { requested, available } = event;
  const reservation = reservationOf(event, atMs);
  return { ...reservation, status: 'rejected', requested, availableThen: available };
}

function withdrawn(event: Event<'ReservationReleased'>, atMs: number): Reservation {
  const releaseReason = event.reason;
  return { ...reservationOf(event, atMs), status: 'withdrawn', requested: 0, releaseReason };
}

function committed(reservation: Reservation, { warehouseId }: Allocation, atMs: number) {
  const parts = reservation.parts.map((part) =>
    part.warehouseId === warehouseId && part.state === 'open'
      ? { ...part, state: 'committed' as const }
      : part,
  );
  return { ...reservation, parts, updatedAt: atMs };
}

function released(reservation: Reservation, event: Event<'ReservationReleased'>, atMs: number) {
  const parts = reservation.parts.map((part) =>
    part.state === 'open' ? { ...part, state: 'released' as const } : part,
  );
  return { ...reservation, parts, releaseReason: event.reason, updatedAt: atMs };
}
