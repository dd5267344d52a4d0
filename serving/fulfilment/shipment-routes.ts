/** `/shipments/{id}/events`: what warehouses and couriers report of a shipment. For operators. */
import type { OrderId, ShipmentId } from '#schemas/orders';
import type { Dependencies } from '../dependencies.ts';
import { commandIdOf } from '../idempotency.ts';
import { matching, object, oneOf, type Routes } from '../json-schema.ts';
import { orderHistory } from '../orders/order-history.ts';
import { orderReply } from '../orders/order-json.ts';
import { change } from '../orders/order-routes.ts';
import { problem } from '../problem.ts';

export type ShipmentRoutesOptions = Pick<Dependencies, 'views' | 'commands' | 'clock' | 'settings'>;

const shipmentId = matching<ShipmentId>(
  '^[A-Za-z0-9_.-]{1,120}-[0-9]{1,4}$',
  'the id of a shipment: the id of its order, a dash, a number',
);

export const shipmentRoutes: Routes<ShipmentRoutesOptions> = async (app, options) => {
  const { views, clock } = options;
  const history = orderHistory(views.liveOrders, views.archivedOrders);

  app.post(
    '/shipments/:id/events',
    {
      config: { access: ['operator', 'admin'], idempotent: true },
      schema: {
        tags: ['fulfilment'],
        summary: 'A shipment was packed, shipped, delivered or lost',
        params: object({ id: shipmentId }),
        body: object({ event: oneOf('packed', 'shipped', 'delivered', 'lost') }),
        response: { 200: orderReply },
      },
    },
    async (request) => {
      const { id } = request.params;
      const orderId = id.slice(0, id.lastIndexOf('-')) as OrderId;
      const order = await history.get(orderId);
      if (!order?.shipments.some((shipment) => shipment.id === id)) {
        throw problem('shipment-unknown', `there is no shipment '${id}'`);
      }
      return change(options, orderId, {
        type: 'RecordShipmentEvent',
        commandId: commandIdOf(request, 'record-shipment-event'),
        shipmentId: id,
        event: request.body.event,
        at: clock.nowMs(),
      });
    },
  );
};
