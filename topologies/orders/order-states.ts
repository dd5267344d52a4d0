/**
 * The states of an order and the ways between them. docs/order-states.md draws this table; a test
 * keeps them equal.
 */
import { type Order, type OrderStatus, orderStatuses, type Shipment } from '#schemas/orders';

/** Where an order can go from each status. What is not here is a bug, not a refusal. */
export const transitions: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  reserving: ['awaiting_payment', 'placed', 'rejected'],
  awaiting_payment: ['placed', 'cancelled', 'expired'],
  placed: ['packed', 'partly_shipped', 'cancelled'],
  packed: ['partly_shipped', 'shipped', 'cancelled'],
  partly_shipped: ['shipped', 'partly_delivered'],
  shipped: ['partly_delivered', 'delivered', 'cancelled'],
  partly_delivered: ['delivered', 'partly_returned', 'returned'],
  delivered: ['completed', 'partly_returned', 'returned'],
  partly_returned: ['completed', 'returned'],
  completed: [],
  rejected: [],
  cancelled: [],
  expired: [],
  returned: [],
};

/** A new order is in one of these. */
export const firstStatuses: readonly OrderStatus[] = ['reserving', 'rejected'];

export function canMove(from: OrderStatus, to: OrderStatus): boolean {
  return transitions[from].includes(to);
}

/** Before anything of it has left a warehouse. */
export function isCancellable(status: OrderStatus): boolean {
  return status === 'awaiting_payment' || status === 'placed' || status === 'packed';
}

/** Accepted and not ended before shipping: its shipments may move. */
export function isInFulfilment(status: OrderStatus): boolean {
  return (
    status === 'placed' ||
    status === 'packed' ||
    status === 'partly_shipped' ||
    status === 'shipped' ||
    status === 'partly_delivered'
  );
}

/** Whether delivered lines may come back. */
export function isReturnable(status: OrderStatus): boolean {
  return status === 'partly_delivered' || status === 'delivered' || status === 'partly_returned';
}

type ShipmentStatus = Shipment['status'];

/** What may happen to a shipment in each status. */
export const shipmentSteps: Readonly<Record<ShipmentStatus, readonly ShipmentStatus[]>> = {
  reserved: ['packed'],
  packed: ['shipped'],
  shipped: ['delivered', 'lost'],
  delivered: [],
  lost: [],
  cancelled: [],
};

/** The status that the shipments and returns of an accepted order add up to. */
export function statusOfShipments(order: Order): OrderStatus {
  const statuses = order.shipments.map((shipment) => shipment.status);
  const all = (...of: ShipmentStatus[]) => statuses.every((status) => of.includes(status));
  const some = (...of: ShipmentStatus[]) => statuses.some((status) => of.includes(status));

  if (all('lost')) return 'cancelled';
  if (all('delivered', 'lost')) return statusOfReturns(order);
  if (some('delivered')) return 'partly_delivered';
  if (all('shipped', 'lost')) return 'shipped';
  if (some('shipped', 'lost')) return 'partly_shipped';
  return all('packed') ? 'packed' : 'placed';
}

function statusOfReturns(order: Order): OrderStatus {
  const returned = order.lines.reduce((sum, line) => sum + line.returned, 0);
  if (returned === 0) return 'delivered';
  const delivered = order.lines.reduce((sum, line) => sum + deliveredUnits(order, line.sku), 0);
  return returned === delivered ? 'returned' : 'partly_returned';
}

export function deliveredUnits(order: Order, sku: string): number {
  return order.shipments
    .filter((shipment) => shipment.status === 'delivered')
    .flatMap((shipment) => shipment.lines)
    .filter((line) => line.sku === sku)
    .reduce((sum, line) => sum + line.quantity, 0);
}

/** The state machine as the mermaid diagram that docs/order-states.md shows. */
export function stateDiagram(): string {
  const lines = ['stateDiagram-v2'];
  for (const status of firstStatuses) lines.push(`  [*] --> ${status}`);
  for (const from of orderStatuses) {
    for (const to of transitions[from]) lines.push(`  ${from} --> ${to}`);
    if (transitions[from].length === 0) lines.push(`  ${from} --> [*]`);
  }
  return `${lines.join('\n')}\n`;
}
