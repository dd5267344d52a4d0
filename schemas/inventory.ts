/**
 * Inventory: commands in, events out, one stock level for each SKU.
 *
 * Topics are keyed by SKU, so every command for one SKU reaches one task, in order.
 */
import { avro, type Decoded, topic } from '#streams';
import { Sku } from './items.ts';
import { OrderId } from './orders.ts';
import { CommandId, CommandReply } from './replies.ts';
import { WarehouseId } from './serviceability.ts';

const {
  array,
  enumeration,
  int,
  literal,
  long,
  map,
  nullable,
  record,
  string,
  timestampMillis,
  union,
} = avro;

export const ReceiveStock = record('ReceiveStock', {
  type: literal('ReceiveStock'),
  commandId: CommandId,
  warehouseId: WarehouseId,
  /** At least 1. */
  quantity: int,
  reference: string,
});
export const AdjustStock = record('AdjustStock', {
  type: literal('AdjustStock'),
  commandId: CommandId,
  warehouseId: WarehouseId,
  /** Added to what is on hand; negative for a loss. Refused below what is reserved. */
  delta: int,
  reason: string,
});
/** Reserves `quantity` from the first warehouse that has it all, else from several in this order. */
export const ReserveStock = record('ReserveStock', {
  type: literal('ReserveStock'),
  orderId: OrderId,
  quantity: int,
  /** Best first; only these are used. */
  warehouses: array(WarehouseId),
});
/** The reserved units of one warehouse have left it. */
export const CommitReservation = record('CommitReservation', {
  type: literal('CommitReservation'),
  orderId: OrderId,
  warehouseId: WarehouseId,
});
/** Gives back what is still open of a reservation. */
export const ReleaseReservation = record('ReleaseReservation', {
  type: literal('ReleaseReservation'),
  orderId: OrderId,
  reason: string,
});
/** Returned goods are back on the shelf: counts as received. */
export const RestockReturn = record('RestockReturn', {
  type: literal('RestockReturn'),
  commandId: CommandId,
  orderId: OrderId,
  warehouseId: WarehouseId,
  quantity: int,
});
export const InventoryCommand = union(
  ReceiveStock,
  AdjustStock,
  ReserveStock,
  CommitReservation,
  ReleaseReservation,
  RestockReturn,
);
export type InventoryCommand = Decoded<typeof InventoryCommand>;

export const Allocation = record('Allocation', { warehouseId: WarehouseId, quantity: int });
export interface Allocation extends Decoded<typeof Allocation> {}

export const StockReceived = record('StockReceived', {
  type: literal('StockReceived'),
  warehouseId: WarehouseId,
  quantity: int,
  reference: string,
});
export const StockAdjusted = record('StockAdjusted', {
  type: literal('StockAdjusted'),
  warehouseId: WarehouseId,
  delta: int,
  reason: string,
});
export const AdjustmentRefused = record('AdjustmentRefused', {
  type: literal('AdjustmentRefused'),
  warehouseId: WarehouseId,
  delta: int,
  onHand: int,
  reserved: int,
});
export const StockReserved = record('StockReserved', {
  type: literal('StockReserved'),
  sku: Sku,
  orderId: OrderId,
  quantity: int,
  allocations: array(Allocation),
});
export const ReservationRejected = record('ReservationRejected', {
  type: literal('ReservationRejected'),
  sku: Sku,
  orderId: OrderId,
  requested: int,
  /** In the warehouses that were asked. */
  available: int,
});
export const ReservationCommitted = record('ReservationCommitted', {
  type: literal('ReservationCommitted'),
  sku: Sku,
  orderId: OrderId,
  allocation: Allocation,
});
export const ReservationReleased = record('ReservationReleased', {
  type: literal('ReservationReleased'),
  sku: Sku,
  orderId: OrderId,
  allocations: array(Allocation),
  reason: string,
});
export const InventoryEvent = union(
  StockReceived,
  StockAdjusted,
  AdjustmentRefused,
  StockReserved,
  ReservationRejected,
  ReservationCommitted,
  ReservationReleased,
);
export type InventoryEvent = Decoded<typeof InventoryEvent>;

/** What orders hear of their reservations. */
export const ReservationOutcome = union(
  StockReserved,
  ReservationRejected,
  ReservationCommitted,
  ReservationReleased,
);
export type ReservationOutcome = Decoded<typeof ReservationOutcome>;

export const WarehouseStock = record('WarehouseStock', {
  /** On the shelf: received + adjusted - shipped. */
  onHand: int,
  /** Promised to orders and still on the shelf; at most `onHand`. */
  reserved: int,
  received: long,
  adjusted: long,
  shipped: long,
});
export interface WarehouseStock extends Decoded<typeof WarehouseStock> {}

export const StockLevel = record('StockLevel', {
  sku: Sku,
  /** By warehouse id. */
  warehouses: map(WarehouseStock),
  version: long,
  updatedAt: timestampMillis,
});
export interface StockLevel extends Decoded<typeof StockLevel> {}

/** A part of a reservation: it stays open until it is committed once or released once. */
export const ReservedPart = record('ReservedPart', {
  warehouseId: WarehouseId,
  quantity: int,
  state: enumeration('ReservedPartState', ['open', 'committed', 'released']),
});
export interface ReservedPart extends Decoded<typeof ReservedPart> {}

/** What one order holds of one SKU. Outlives its end, so that a late repeat changes nothing. */
export const Reservation = record('Reservation', {
  sku: Sku,
  orderId: OrderId,
  /** `withdrawn`: released before it was asked for; what is asked for later is refused. */
  status: enumeration('ReservationStatus', ['reserved', 'rejected', 'withdrawn']),
  requested: int,
  /** In the warehouses that were asked, when it was decided. */
  availableThen: int,
  parts: array(ReservedPart),
  /** Why it was released; empty unless it was. */
  releaseReason: string,
  updatedAt: timestampMillis,
});
export interface Reservation extends Decoded<typeof Reservation> {}

/** A receipt, an adjustment or a return that was decided, so that its repeat changes nothing. */
export const AppliedStockCommand = record('AppliedStockCommand', {
  commandId: CommandId,
  reply: nullable(CommandReply),
});
export interface AppliedStockCommand extends Decoded<typeof AppliedStockCommand> {}

export const inventoryCommands = topic('inventory.commands', { key: Sku, value: InventoryCommand });
export const inventoryEvents = topic('inventory.events', { key: Sku, value: InventoryEvent });
export const stockLevels = topic('inventory.levels', {
  key: Sku,
  value: StockLevel,
  cleanupPolicy: 'compact',
});
export const reservationOutcomes = topic('inventory.reservations', {
  key: OrderId,
  value: ReservationOutcome,
});

/** Units that can still be promised. */
export function available(stock: WarehouseStock): number {
  return stock.onHand - stock.reserved;
}
