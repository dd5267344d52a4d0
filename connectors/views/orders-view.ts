/**
 * Orders: the live ones (fed by `orders.state`) and the archived ones (fed by `archival.orders`).
 * An order is in one or, while it moves, in both; never in neither.
 */
import type { Order, OrderId } from '#schemas/orders';
import type { UserId } from '#schemas/users';
import type { Page, PageRequest, ViewReader, ViewWriter } from './view.ts';

export interface OrdersView extends ViewReader {
  get(id: OrderId): Promise<Order | undefined>;
  /**
   * Newest first by `createdAt`, then by id. Without those that were rejected before they were
   * placed: to who wanted them they are no orders. `get` finds them.
   */
  ofUser(userId: UserId, page: OrderPageRequest): Promise<Page<Order>>;
  count(): Promise<number>;
}

/**
 * Live and archived lists have the same order and the same cursor, so that a reader can merge them:
 * a cursor names the last order that was seen, by `createdAt` and id.
 */
export interface OrderPageRequest extends PageRequest {}

export interface OrdersWriter extends ViewWriter<OrderId, Order> {}
