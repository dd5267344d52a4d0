/** What everybody's acknowledged commands add up to: stock that came and left, orders on their way. */
import type { OrderReply, ShipmentReply } from '../journey/replies.ts';

/** An order as far as it was acknowledged; a later look may find it further, never back. */
export interface BookedOrder {
  readonly id: string;
  readonly paymentId: string;
  status: string;
  /** Whether anybody ever asked for its cancellation. */
  cancelAsked: boolean;
  paymentAsked: boolean;
}

export interface BookedShipment {
  readonly order: BookedOrder;
  readonly shipment: ShipmentReply;
  status: string;
}

export class Ledger {
  readonly #onHand = new Map<string, number>();
  /** Of orders that were seen placed; the operator sends them off. */
  readonly toShip: BookedShipment[] = [];

  /** Units that came (or, below 0, left) by an acknowledged command. */
  book(sku: string, warehouseId: string, units: number): void {
    const place = `${sku} ${warehouseId}`;
    this.#onHand.set(place, (this.#onHand.get(place) ?? 0) + units);
  }

  bookShipped(shipment: ShipmentReply): void {
    for (const { sku, quantity } of shipment.lines) {
      this.book(sku, shipment.warehouseId, -quantity);
    }
  }

  onHand(sku: string, warehouseId: string): number {
    return this.#onHand.get(`${sku} ${warehouseId}`) ?? 0;
  }
}

const way = [
  'reserving',
  'awaiting-payment',
  'placed',
  'packed',
  'partly-shipped',
  'shipped',
  'partly-delivered',
  'delivered',
  'completed',
];

/** Whether an order that was acknowledged in its booked status can be in this one now. */
export function canHaveBecome(status: string, order: BookedOrder): boolean {
  const { status: booked, cancelAsked, paymentAsked } = order;
  if (status === booked) return true;
  const from = way.indexOf(booked);
  if (from === -1) return false;
  if (booked === 'awaiting-payment' && status === 'expired') return true;
  // A declined payment cancels.
  if (booked === 'awaiting-payment' && status === 'cancelled') return paymentAsked || cancelAsked;
  if (cancelAsked && status === 'cancelled') return from < way.indexOf('shipped');
  return way.indexOf(status) > from;
}

/** Answers may overtake each other: an older one takes nothing back in the book. */
export function advance(order: BookedOrder, status: string): void {
  if (canHaveBecome(status, order)) order.status = status;
}

/** Units by `sku warehouse` that open orders hold: what is reserved and not yet shipped. */
export function heldBy(orders: readonly OrderReply[]): Map<string, number> {
  const held = new Map<string, number>();
  for (const { status, shipments } of orders) {
    if (!way.includes(status)) continue;
    for (const shipment of shipments) {
      if (shipment.status !== 'reserved' && shipment.status !== 'packed') continue;
      for (const { sku, quantity } of shipment.lines) {
        const place = `${sku} ${shipment.warehouseId}`;
        held.set(place, (held.get(place) ?? 0) + quantity);
      }
    }
  }
  return held;
}
