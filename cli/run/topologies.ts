/** Every topology of the shop by the id of its application, with the options it takes. */
import type { Topology } from '#streams';
import { archivalTopology } from '../../topologies/archival/topology.ts';
import { behaviourTopology } from '../../topologies/behaviour/topology.ts';
import { cartsTopology } from '../../topologies/carts/topology.ts';
import { inventoryTopology } from '../../topologies/inventory/topology.ts';
import { itemsTopology } from '../../topologies/items/topology.ts';
import { notificationsTopology } from '../../topologies/notifications/topology.ts';
import { ordersTopology } from '../../topologies/orders/topology.ts';
import { paymentsTopology } from '../../topologies/payments/topology.ts';
import { reconciliationTopology } from '../../topologies/reconciliation/topology.ts';
import { serviceabilityTopology } from '../../topologies/serviceability/topology.ts';
import { wishlistsTopology } from '../../topologies/wishlists/topology.ts';
import type { Configuration } from '../configuration.ts';

type Deadlines = Pick<
  Configuration,
  'paymentDeadlineMs' | 'returnWindowMs' | 'archiveAfterMs' | 'reconciliationGraceMs'
>;

export const topologyNames = [
  'items',
  'serviceability',
  'inventory',
  'carts',
  'wishlists',
  'orders',
  'payments',
  'notifications',
  'behaviour',
  'archival',
  'reconciliation',
] as const;

export function shopTopologies(deadlines: Deadlines): ReadonlyMap<string, Topology> {
  const { paymentDeadlineMs, returnWindowMs, archiveAfterMs, reconciliationGraceMs } = deadlines;
  const topologies: Readonly<Record<(typeof topologyNames)[number], Topology>> = {
    items: itemsTopology(),
    serviceability: serviceabilityTopology(),
    inventory: inventoryTopology(),
    carts: cartsTopology(),
    wishlists: wishlistsTopology(),
    orders: ordersTopology({ paymentDeadlineMs, returnWindowMs }),
    payments: paymentsTopology(),
    notifications: notificationsTopology(),
    behaviour: behaviourTopology(),
    archival: archivalTopology({ archiveAfterMs }),
    reconciliation: reconciliationTopology({ graceMs: reconciliationGraceMs }),
  };
  return new Map(Object.entries(topologies));
}
