/**
 * The rules of stock: what each command does to a SKU. Pure: no clock, no I/O, no engine.
 *
 * A command that has been done before has no events; its answer is made from what is remembered.
 */
import {
  type Allocation,
  available,
  type InventoryCommand,
  type InventoryEvent,
  type Reservation,
  type StockLevel,
  type WarehouseStock,
} from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';

/** What is remembered of a SKU and, for a command of an order, of that order's reservation. */
export interface Stock {
  readonly level: StockLevel;
  readonly reservation: Reservation | undefined;
}

type Command<Type extends InventoryCommand['type']> = Extract<InventoryCommand, { type: Type }>;

/** Avro's `int`: a level beyond it could not be written. */
const largestCount = 2_147_483_647;

const noStock: WarehouseStock = { onHand: 0, reserved: 0, received: 0, adjusted: 0, shipped: 0 };

export function emptyLevel(sku: Sku): StockLevel {
  return { sku, warehouses: {}, version: 0, updatedAt: 0 };
}

export function stockOf(level: StockLevel, warehouseId: WarehouseId): WarehouseStock {
  return Object.hasOwn(level.warehouses, warehouseId)
    ? (level.warehouses[warehouseId] ?? noStock)
    : noStock;
}

/**
 * What a command does. Receipts, adjustments and returns must not have been applied before; the
 * others may come again and then do nothing.
 */
export function decide(stock: Stock, command: InventoryCommand): InventoryEvent[] {
  switch (command.type) {
    case 'ReceiveStock':
      return receive(stock.level, command, command.reference);
    case 'RestockReturn':
      return receive(stock.level, command, `return of ${command.orderId}`);
    case 'AdjustStock':
      return adjust(stock.level, command);
    case 'ReserveStock':
      return stock.reservation === undefined ? reserve(stock.level, command) : [];
    case 'CommitReservation':
      return commit(stock, command);
    case 'ReleaseReservation':
      return release(stock, command);
  }
}

/** Whether a quantity can be received at a warehouse at all. */
function canReceive(level: StockLevel, warehouseId: WarehouseId, quantity: number): boolean {
  return quantity >= 1 && stockOf(level, warehouseId).onHand + quantity <= largestCount;
}

function receive(
  level: StockLevel,
  { warehouseId, quantity }: { warehouseId: WarehouseId; quantity: number },
  reference: string,
): InventoryEvent[] {
  if (!canReceive(level, warehouseId, quantity)) return [];
  return [{ type: 'StockReceived', warehouseId, quantity, reference }];
}

function adjust(level: StockLevel, command: Command<'AdjustStock'>): InventoryEvent[] {
  const { warehouseId, delta, reason } = command;
  const { onHand, reserved } = stockOf(level, warehouseId);
  const left = onHand + delta;
  if (delta === 0) return [];
  if (left < reserved || left > largestCount) {
    return [{ type: 'AdjustmentRefused', warehouseId, delta, onHand, reserved }];
  }
  return [{ type: 'StockAdjusted', warehouseId, delta, reason }];
}

function reserve(level: StockLevel, command: Command<'ReserveStock'>): InventoryEvent[] {
  const { orderId, quantity } = command;
  const { sku } = level;
  const warehouses = [...new Set(command.warehouses)];
  const free = (warehouseId: WarehouseId) => available(stockOf(level, warehouseId));
  const total = warehouses.reduce((sum, warehouseId) => sum + free(warehouseId), 0);

  if (quantity < 1 || total < quantity) {
    // The sum over many warehouses may be more than an `int` holds.
    const shown = Math.min(total, largestCount);
    return [{ type: 'ReservationRejected', sku, orderId, requested: quantity, available: shown }];
  }
  const whole = warehouses.find((warehouseId) => free(warehouseId) >= quantity);
  const allocations =
    whole === undefined ? split(warehouses, quantity, free) : [{ warehouseId: whole, quantity }];
  return [{ type: 'StockReserved', sku, orderId, quantity, allocations }];
}

/** Takes as much as there is from each warehouse in turn. */
function split(
  warehouses: readonly WarehouseId[],
  quantity: number,
  free: (warehouseId: WarehouseId) => number,
): Allocation[] {
  const allocations: Allocation[] = [];
  let missing = quantity;
  for (const warehouseId of warehouses) {
    const taken = Math.min(free(warehouseId), missing);
    if (taken > 0) allocations.push({ warehouseId, quantity: taken });
    missing -= taken;
  }
  return allocations;
}

function commit(
  { level, reservation }: Stock,
  command: Command<'CommitReservation'>,
): InventoryEvent[] {
  const { orderId, warehouseId } = command;
  const part = reservation?.parts.find(
    (candidate) => candidate.warehouseId === warehouseId && candidate.state === 'open',
  );
  if (part === undefined) return [];
  const allocation = { warehouseId, quantity: part.quantity };
  return [{ type: 'ReservationCommitted', sku: level.sku, orderId, allocation }];
}

/** A release that comes before its reservation is an event too: it forbids the reservation. */
function release(
  { level, reservation }: Stock,
  { orderId, reason }: Command<'ReleaseReservation'>,
): InventoryEvent[] {
  const open = reservation?.parts.filter((part) => part.state === 'open') ?? [];
  if (reservation !== undefined && open.length === 0) return [];
  const allocations = open.map(({ warehouseId, quantity }) => ({ warehouseId, quantity }));
  return [{ type: 'ReservationReleased', sku: level.sku, orderId, allocations, reason }];
}
