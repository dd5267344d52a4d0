/** What of an order can be sent back: units that arrived and have not come back yet. */
import type { Order } from './wire.ts';

const statuses = ['partly-delivered', 'delivered', 'partly-returned'];

export interface ReturnableLine {
  readonly sku: string;
  readonly title: string;
  readonly units: number;
}

type Delivered = Pick<Order, 'status' | 'lines' | 'shipments'>;

/** Lines that are still on their way, lost or back already are left out. */
export function returnableLines({ status, lines, shipments }: Delivered): ReturnableLine[] {
  if (!statuses.includes(status)) return [];
  const arrived = new Map<string, number>();
  for (const shipment of shipments.filter((each) => each.status === 'delivered')) {
    for (const { sku, quantity } of shipment.lines) {
      arrived.set(sku, (arrived.get(sku) ?? 0) + quantity);
    }
  }
  return lines
    .map(({ sku, title, returned }) => ({ sku, title, units: (arrived.get(sku) ?? 0) - returned }))
    .filter(({ units }) => units > 0);
}
