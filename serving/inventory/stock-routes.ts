/** `/inventory/{sku}`: what is where, and what came in or was lost. For operators. */
import {
  available,
  type InventoryCommand,
  inventoryCommands,
  type StockLevel,
} from '#schemas/inventory';
import type { Sku } from '#schemas/items';
import { itemIdOf } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';
import { decided } from '../decided.ts';
import type { Dependencies } from '../dependencies.ts';
import { commandIdOf } from '../idempotency.ts';
import { skuInput } from '../items/item-json.ts';
import {
  type Described,
  id,
  integer,
  list,
  object,
  type Routes,
  reply,
  text,
} from '../json-schema.ts';
import { problem } from '../problem.ts';
import { whenShown } from '../read-your-writes.ts';

export type StockRoutesOptions = Pick<Dependencies, 'views' | 'commands' | 'settings'>;

const counts = { onHand: integer(), reserved: integer(), available: integer() } as const;
const stockReply = object({
  sku: reply<Sku>(),
  warehouses: list(object({ id: reply<WarehouseId>(), ...counts })),
  ...counts,
});

const tags = ['inventory'];
const access = ['operator', 'admin'] as const;
const params = object({ sku: skuInput });
const warehouseId = id<WarehouseId>('the id of a warehouse');
const maxUnits = 1_000_000;

export const stockRoutes: Routes<StockRoutesOptions> = async (app, options) => {
  const { views } = options;
  const change = stockChanges(options);

  app.get(
    '/inventory/:sku',
    {
      config: { access },
      schema: { tags, summary: 'The stock of a SKU', params, response: { 200: stockReply } },
    },
    async ({ params: { sku } }) => {
      const level = await views.inventory.get(sku);
      const isKnown = level !== undefined || (await views.items.get(itemIdOf(sku))) !== undefined;
      if (!isKnown) throw problem('sku-unknown', `neither an item nor stock of '${sku}'`);
      return stockJson(sku, level);
    },
  );

  app.post(
    '/inventory/:sku/receipts',
    {
      config: { access, idempotent: true },
      schema: {
        tags,
        summary: 'Units came in',
        params,
        body: object({ warehouseId, quantity: integer(1, maxUnits) }, { reference: text(200) }),
        response: { 201: stockReply },
      },
    },
    async (request, reply) => {
      const { warehouseId: to, quantity, reference = '' } = request.body;
      const commandId = commandIdOf(request, 'receive-stock');
      const command = { type: 'ReceiveStock', commandId, warehouseId: to, quantity } as const;
      const stock = await change(request.params.sku, to, { ...command, reference });
      return reply.code(201).send(stock);
    },
  );

  app.post(
    '/inventory/:sku/adjustments',
    {
      config: { access, idempotent: true },
      schema: {
        tags,
        summary: 'Units were counted, found or lost',
        params,
        body: object({
          warehouseId,
          delta: integer(-maxUnits, maxUnits),
          reason: text(200, 1),
        }),
        response: { 201: stockReply },
      },
    },
    async (request, reply) => {
      const { warehouseId: of, delta, reason } = request.body;
      const commandId = commandIdOf(request, 'adjust-stock');
      const command = { type: 'AdjustStock', commandId, warehouseId: of, delta, reason } as const;
      return reply.code(201).send(await change(request.params.sku, of, command));
    },
  );
};

function stockChanges({ views, commands, settings }: StockRoutesOptions) {
  return async (
    sku: Sku,
    warehouse: WarehouseId,
    command: Extract<InventoryCommand, { type: 'ReceiveStock' | 'AdjustStock' }>,
  ) => {
    if (!(await views.serviceability.warehouse(warehouse))) {
      throw problem('warehouse-unknown', `there is no warehouse '${warehouse}'`);
    }
    const timeoutMs = settings.decisionTimeoutMs;
    const sent = commands.send(inventoryCommands, sku, command, { timeoutMs });
    const { version } = decided(await sent);
    const level = await whenShown({
      view: views.inventory,
      look: () => views.inventory.get(sku),
      shows: (seen) => (seen?.version ?? 0) >= version,
      timeoutMs: settings.viewTimeoutMs ?? 5_000,
    });
    return stockJson(sku, level);
  };
}

function stockJson(sku: Sku, level: StockLevel | undefined): Described<typeof stockReply> {
  const warehouses = Object.entries(level?.warehouses ?? {}).map(([key, stock]) => {
    const { onHand, reserved } = stock;
    return { id: key as WarehouseId, onHand, reserved, available: available(stock) };
  });
  warehouses.sort((a, b) => (a.id < b.id ? -1 : 1));
  const total = (of: 'onHand' | 'reserved' | 'available') =>
    warehouses.reduce((sum, each) => sum + each[of], 0);
  const totals = {
    onHand: total('onHand'),
    reserved: total('reserved'),
    available: total('available'),
  };
  return { sku, warehouses, ...totals };
}
