/** `/orders`: place, follow, cancel, send back. */
import { type Order, type OrderCommand, type OrderId, orderCommands } from '#schemas/orders';
import type { AddressId } from '#schemas/users';
import { type ApiRequest, callerOf } from '../access.ts';
import { decided } from '../decided.ts';
import type { Dependencies } from '../dependencies.ts';
import { commandIdOf } from '../idempotency.ts';
import { skuInput } from '../items/item-json.ts';
import {
  id,
  integer,
  list,
  nullable,
  object,
  query,
  type Routes,
  reply,
  text,
} from '../json-schema.ts';
import { askingParts } from '../partial-answer.ts';
import { problem } from '../problem.ts';
import { whenShown } from '../read-your-writes.ts';
import { pageOf, pageQuery } from '../wire.ts';
import { type OrderHistory, orderHistory } from './order-history.ts';
import { orderJson, orderReply, paymentMethod } from './order-json.ts';
import { placeOrder } from './place-order.ts';

export type OrderRoutesOptions = Pick<Dependencies, 'views' | 'users' | 'commands' | 'settings'>;

const tags = ['orders'];
const orderParams = object({ id: id<OrderId>('the id of an order') });
const reading = { access: 'member' } as const;
const writing = { access: 'member', idempotent: true } as const;
const response = { 200: orderReply };

export const orderRoutes: Routes<OrderRoutesOptions> = async (app, options) => {
  const { views } = options;
  const history = orderHistory(views.liveOrders, views.archivedOrders);

  app.post(
    '/orders',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Order what is in the cart: every line is reserved, or none',
        body: object({ addressId: id<AddressId>('the id of an address'), paymentMethod }),
        response: { 201: orderReply },
      },
    },
    async (request, reply) => {
      const { addressId, paymentMethod: method } = request.body;
      const inLog = method === 'prepaid' ? 'prepaid' : 'cash_on_delivery';
      const wish = { addressId, paymentMethod: inLog } as const;
      return reply.code(201).send(orderJson(await placeOrder(options, request, wish)));
    },
  );

  app.get(
    '/orders',
    {
      config: reading,
      schema: {
        tags,
        summary: 'My orders, newest first',
        querystring: query(pageQuery),
        response: { 200: object({ orders: list(orderReply), nextCursor: nullable(reply()) }) },
      },
    },
    async (request, reply) => {
      const asked = pageOf(request.query);
      const page = await history.list(callerOf(request).userId, asked, askingParts(reply));
      return { orders: page.items.map(orderJson), nextCursor: page.nextCursor };
    },
  );

  app.get(
    '/orders/:id',
    {
      config: reading,
      schema: { tags, summary: 'One of my orders', params: orderParams, response },
    },
    async (request) => orderJson(await ownOrder(history, request, request.params.id)),
  );

  await app.register(orderChangeRoutes, { ...options, history });
};

interface OrderChangeOptions extends OrderRoutesOptions {
  readonly history: OrderHistory;
}

const orderChangeRoutes: Routes<OrderChangeOptions> = async (app, options) => {
  const { history } = options;

  app.post(
    '/orders/:id/cancel',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Cancel an order that has not left the warehouse',
        params: orderParams,
        body: { ...object({}, { reason: text(500) }), type: ['object', 'null'] },
        response,
      },
    },
    async (request) => {
      const order = await ownOrder(history, request, request.params.id);
      const commandId = commandIdOf(request, 'cancel-order');
      const { reason = '' } = (request.body ?? {}) as { readonly reason?: string };
      const by = callerOf(request).userId;
      return change(options, order.id, { type: 'CancelOrder', commandId, by, reason });
    },
  );

  app.post(
    '/orders/:id/returns',
    {
      config: writing,
      schema: {
        tags,
        summary: 'Send delivered lines back',
        params: orderParams,
        body: object({ lines: list(returnedLine, { minItems: 1, maxItems: 100 }) }, { reason }),
        response,
      },
    },
    async (request) => {
      const order = await ownOrder(history, request, request.params.id);
      const commandId = commandIdOf(request, 'return-lines');
      const { lines, reason: why = '' } = request.body;
      return change(options, order.id, { type: 'ReturnLines', commandId, reason: why, lines });
    },
  );
};

const reason = text(500);
const returnedLine = object({ sku: skuInput, quantity: integer(1, 99) });

/** Another's order does not exist. */
async function ownOrder(history: OrderHistory, request: ApiRequest, id: OrderId): Promise<Order> {
  const order = await history.ofOwner(callerOf(request).userId, id);
  if (!order) throw problem('order-unknown', 'none of your orders has this id');
  return order;
}

/** Sends a command on an order and answers the order as it is then. */
export async function change(
  { views, commands, settings }: Pick<Dependencies, 'views' | 'commands' | 'settings'>,
  orderId: OrderId,
  command: OrderCommand,
) {
  const history = orderHistory(views.liveOrders, views.archivedOrders);
  const timeoutMs = settings.decisionTimeoutMs;
  const { version } = decided(await commands.send(orderCommands, orderId, command, { timeoutMs }));
  const order = await whenShown({
    view: views.liveOrders,
    look: () => history.get(orderId),
    shows: (seen) => (seen?.version ?? 0) >= version,
    timeoutMs: settings.viewTimeoutMs ?? 5_000,
  });
  if (!order) throw problem('order-unknown', `there is no order '${orderId}'`);
  return orderJson(order);
}
