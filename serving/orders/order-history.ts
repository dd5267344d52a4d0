/**
 * Live and archived orders as one list. While an order moves it is in both views, never in neither,
 * and a reader sees it once.
 */
import type { Order, OrderId } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import { encodeCursor } from '#views/cursor';
import type { OrdersView } from '#views/orders-view';
import type { Page, PageRequest } from '#views/view';
import { type AskPart, isAway } from '../partial-answer.ts';

export interface OrderHistory {
  /** The order if it is this user's; what is another's does not exist. */
  ofOwner(userId: UserId, id: OrderId): Promise<Order | undefined>;
  get(id: OrderId): Promise<Order | undefined>;
  /** Without what was refused before it was placed: to a shopper that is no order. */
  list(userId: UserId, page: PageRequest, ask: AskPart): Promise<Page<Order>>;
}

export function orderHistory(live: OrdersView, archived: OrdersView): OrderHistory {
  const get = async (id: OrderId): Promise<Order | undefined> => {
    // In this order: what is archived between the two looks is found by the second.
    const current = await orAway(live.get(id));
    if (current.found) return current.found;
    const past = await orAway(archived.get(id));
    // Whether there is no such order can only be said by both.
    if (!past.found && (current.away ?? past.away)) throw current.away ?? past.away;
    return past.found;
  };

  return {
    get,
    async ofOwner(userId, id) {
      const order = await get(id);
      return order?.userId === userId ? order : undefined;
    },
    async list(userId, page, ask) {
      // One after the other: an order that is archived in between is then in the second list.
      const current = await ask('live-orders', () => live.ofUser(userId, page));
      const past = current
        ? await ask('order-history', () => archived.ofUser(userId, page))
        : await archived.ofUser(userId, page);
      const all = newestFirst([...(current?.items ?? []), ...(past?.items ?? [])]);
      const items = all.slice(0, page.limit);
      const isMore = all.length > items.length || current?.nextCursor || past?.nextCursor;
      const last = items.at(-1);
      return { items, nextCursor: isMore && last ? cursorOf(last) : null };
    },
  };
}

interface Look<T> {
  readonly found?: T | undefined;
  /** Why it cannot be said. */
  readonly away?: Error;
}

async function orAway<T>(look: Promise<T>): Promise<Look<T>> {
  try {
    return { found: await look };
  } catch (error) {
    if (!isAway(error)) throw error;
    return { away: error };
  }
}

/** Each order once: of two copies the newer. */
function newestFirst(orders: readonly Order[]): Order[] {
  const byId = new Map<OrderId, Order>();
  for (const order of orders) {
    const known = byId.get(order.id);
    if (!known || known.version < order.version) byId.set(order.id, order);
  }
  return [...byId.values()].sort(
    (a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0),
  );
}

/** Both views continue after this order, whichever of them it is in. */
function cursorOf({ createdAt, id }: Order): string {
  return encodeCursor([createdAt, id]);
}
