/** Every topic that the shop declares: for taps, the lake, the avsc files and creation at start. */
import type { Topic } from '#streams';
import { behaviourEvents, itemTrends, minuteCounts } from './behaviour.ts';
import { cartCommands, cartEvents, carts } from './carts.ts';
import { feedFacts, feedReports } from './inbound.ts';
import {
  inventoryCommands,
  inventoryEvents,
  reservationOutcomes,
  stockLevels,
} from './inventory.ts';
import { itemCommands, itemEvents, itemRejects, items } from './items.ts';
import { notifications } from './notifications.ts';
import { archivedOrders, orderCommands, orderEvents, orders } from './orders.ts';
import { gatewayRequests, paymentCommands, paymentOutcomes, payments } from './payments.ts';
import { recommendations } from './recommendations.ts';
import { findings } from './reconciliation.ts';
import { commandReplies } from './replies.ts';
import {
  calendars,
  couriers,
  dispatchRules,
  lanes,
  pincodeRoutes,
  pincodes,
  warehouses,
} from './serviceability.ts';
import { userEvents } from './users.ts';
import { wishlistCommands, wishlistEvents, wishlists } from './wishlists.ts';

// biome-ignore lint/suspicious/noExplicitAny: who asks for all topics does not know what they hold
export const allTopics: readonly Topic<any, any>[] = [
  behaviourEvents,
  itemTrends,
  minuteCounts,
  cartCommands,
  cartEvents,
  carts,
  feedFacts,
  feedReports,
  inventoryCommands,
  inventoryEvents,
  reservationOutcomes,
  stockLevels,
  itemCommands,
  itemEvents,
  itemRejects,
  items,
  notifications,
  archivedOrders,
  orderCommands,
  orderEvents,
  orders,
  gatewayRequests,
  paymentCommands,
  paymentOutcomes,
  payments,
  recommendations,
  findings,
  commandReplies,
  calendars,
  couriers,
  dispatchRules,
  lanes,
  pincodeRoutes,
  pincodes,
  warehouses,
  userEvents,
  wishlistCommands,
  wishlistEvents,
  wishlists,
];
