/** The way of the goods: packed, shipped, delivered or lost, returned, and the return window. */
import type { Sku } from '#schemas/items';
import type { OrderEntry } from '#schemas/order-entry';
import type { Order, OrderCommand, Shipment } from '#schemas/orders';
import type { CommandId } from '#schemas/replies';
import type { WarehouseId } from '#schemas/serviceability';
import { type Decided, Decision } from './decision.ts';
import {
  deliveredUnits,
  isInFulfilment,
  isReturnable,
  shipmentSteps,
  statusOfShipments,
} from './order-states.ts';
import { refund } from './refund.ts';

type RecordShipmentEvent = Extract<OrderCommand, { type: 'RecordShipmentEvent' }>;
type ReturnLines = Extract<OrderCommand, { type: 'ReturnLines' }>;

export function recordShipmentEvent(
  entry: OrderEntry,
  command: RecordShipmentEvent,
  atMs: number,
  returnWindowMs: number,
): Decided {
  const decision = Decision.on(entry, atMs);
  const { order } = entry;
  const { commandId, event, shipmentId } = command;
  const shipment = order.shipments.find(({ id }) => id === shipmentId);

  if (shipment === undefined) {
    const known = order.shipments.map(({ id }) => id).join(', ') || 'none';
    const message = `no shipment '${shipmentId}' in this order; it has ${known}`;
    decision.refuse(commandId, 'shipment-unknown', message);
  } else if (!isInFulfilment(order.status) || !shipmentSteps[shipment.status].includes(event)) {
    const message =
      `shipment '${shipmentId}' is ${shipment.status} in an order that is ${order.status}: ` +
      `it cannot be ${event}`;
    decision.refuse(commandId, 'impossible-transition', message);
  } else {
    moveShipment(decision, shipment, event);
    startReturnWindow(decision, Math.min(command.at, decision.atMs) + returnWindowMs);
    decision.accept(commandId);
  }
  return decision.close();
}

function moveShipment(
  decision: Decision,
  shipment: Shipment,
  event: RecordShipmentEvent['event'],
): void {
  const moved = { ...shipment, status: event };
  const shipments = decision.order.shipments.map((each) => (each === shipment ? moved : each));
  decision.change({ shipments });
  decision.change({ status: statusOfShipments(decision.order) });
  if (event === 'shipped') commitShipment(decision, shipment);
  if (event === 'lost') refundLost(decision, shipment);
}

function commitShipment(decision: Decision, { lines, warehouseId }: Shipment): void {
  const { orderId } = decision;
  for (const { sku } of lines) {
    const command = { type: 'CommitReservation' as const, orderId, warehouseId };
    decision.tell({ to: 'inventory', sku, command });
  }
}

/** What was lost is not sent again: the shopper has its price and its delivery fee back. */
function refundLost(decision: Decision, { fee, id, lines }: Shipment): void {
  const goods = lines.reduce(
    (sum, { sku, quantity }) => sum + unitPrice(decision.order, sku) * quantity,
    0,
  );
  refund(decision, `${id}-lost`, goods + fee.amount, 'lost in transit');
  if (decision.order.status === 'cancelled') decision.change({ cancelReason: 'lost in transit' });
}

/** From the moment that nothing is on its way any more. */
function startReturnWindow(decision: Decision, dueMs: number): void {
  const { order, orderId } = decision;
  const { status } = order;
  if (status !== 'delivered' && status !== 'partly_returned') return;
  decision.tell({ to: 'timer', timer: { orderId, kind: 'return_window_over', dueMs } });
}

export function complete(entry: OrderEntry, nowMs: number): Decided {
  const decision = Decision.on(entry, nowMs);
  const { status } = entry.order;
  if (status === 'delivered' || status === 'partly_returned') {
    decision.change({ status: 'completed' });
  }
  return decision.close();
}

/** Returned goods go back to stock and their price to the shopper; delivery fees stay. */
export function returnLines(entry: OrderEntry, command: ReturnLines, atMs: number): Decided {
  const decision = Decision.on(entry, atMs);
  const { order } = entry;
  const { commandId, lines, reason } = command;
  const fault = faultOfReturn(order, command);

  if (!isReturnable(order.status)) {
    const message = `an order that is ${order.status} cannot be returned`;
    decision.refuse(commandId, 'order-not-returnable', message);
  } else if (fault !== undefined) {
    decision.refuse(commandId, 'invalid-return', fault);
  } else {
    for (const { sku, quantity } of lines) restock(decision, sku, quantity, commandId);
    const returned = (sku: Sku) => lines.find((line) => line.sku === sku)?.quantity ?? 0;
    decision.change({
      lines: order.lines.map((line) => ({ ...line, returned: line.returned + returned(line.sku) })),
    });
    decision.change({ status: statusOfShipments(decision.order) });
    const price = lines.reduce(
      (sum, { sku, quantity }) => sum + unitPrice(order, sku) * quantity,
      0,
    );
    refund(decision, `${order.id}-return-${commandId}`, price, reason);
    decision.accept(commandId);
  }
  return decision.close();
}

function faultOfReturn(order: Order, { lines }: ReturnLines): string | undefined {
  if (lines.length === 0) return 'a return needs at least one line';
  if (new Set(lines.map((line) => line.sku)).size < lines.length) {
    return 'each SKU may be in one line of a return only';
  }
  for (const { sku, quantity } of lines) {
    const returned = order.lines.find((line) => line.sku === sku)?.returned ?? 0;
    const left = deliveredUnits(order, sku) - returned;
    if (quantity < 1 || quantity > left) {
      return `${quantity} of '${sku}' cannot be returned: ${left} are with the shopper`;
    }
  }
  return undefined;
}

/** Each unit goes back to the warehouse it came from, in the order of the shipments. */
function restock(decision: Decision, sku: Sku, quantity: number, commandId: CommandId): void {
  const { order, orderId } = decision;
  let skipped = order.lines.find((line) => line.sku === sku)?.returned ?? 0;
  let missing = quantity;
  for (const [warehouseId, delivered] of deliveredFrom(order, sku)) {
    const taken = Math.min(Math.max(0, delivered - skipped), missing);
    skipped = Math.max(0, skipped - delivered);
    missing -= taken;
    if (taken === 0) continue;
    const id = `${commandId}-${warehouseId}` as CommandId;
    const to = { orderId, warehouseId, quantity: taken };
    const command = { type: 'RestockReturn' as const, commandId: id, ...to };
    decision.tell({ to: 'inventory', sku, command });
  }
}

function deliveredFrom(order: Order, sku: Sku): [WarehouseId, number][] {
  return order.shipments
    .filter((shipment) => shipment.status === 'delivered')
    .flatMap(({ lines, warehouseId }) =>
      lines
        .filter((line) => line.sku === sku)
        .map(({ quantity }): [WarehouseId, number] => [warehouseId, quantity]),
    );
}

function unitPrice(order: Order, sku: Sku): number {
  return order.lines.find((line) => line.sku === sku)?.unitPrice.amount ?? 0;
}
