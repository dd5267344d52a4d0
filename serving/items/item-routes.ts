/** Reading items: one with its delivery promise, many by id, in bulk. */
import { available, type StockLevel } from '#schemas/inventory';
import type { ItemId } from '#schemas/items';
import type { WarehouseId } from '#schemas/serviceability';
import type { UserId } from '#schemas/users';
import type { Dependencies } from '../dependencies.ts';
import { pincodeInput } from '../identity/me-routes.ts';
import { id, list, matching, object, query, type Routes, reply } from '../json-schema.ts';
import { askingParts } from '../partial-answer.ts';
import { problem } from '../problem.ts';
import { delivery, deliveryOf, destinationOf } from '../search/delivery.ts';
import { availability, itemFields, itemJson, itemReply, itemsReply } from './item-json.ts';
import { skuOf, stockedItems } from './item-lookup.ts';

export type ItemRoutesOptions = Pick<Dependencies, 'views' | 'facts' | 'clock'>;

const tags = ['items'];
export const itemParams = object({ id: id<ItemId>('the id of an item') });

/** Who is not signed in, not even as a guest. */
export const anonymous = 'guest_anonymous' as UserId;

const maxIds = 200;
const idsInput = matching(
  '^[^,\\p{Cc}\\p{Cs}]{1,128}(?:,[^,\\p{Cc}\\p{Cs}]{1,128}){0,199}$',
  `1 to ${maxIds} ids, with commas between them`,
  26_000,
);

export const itemRoutes: Routes<ItemRoutesOptions> = async (app, { views, facts, clock }) => {
  const { items, inventory, serviceability } = views;

  app.get(
    '/items/:id',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: 'An item; with a pincode, also when it would arrive there',
        params: itemParams,
        querystring: query({ pincode: pincodeInput }),
        response: { 200: object(itemFields, { availability, delivery }) },
      },
    },
    async (request, reply) => {
      const ask = askingParts(reply);
      const [item, stock] = await Promise.all([
        items.get(request.params.id),
        ask('inventory', async () => ({ level: await inventory.get(skuOf(request.params.id)) })),
      ]);
      if (!item) throw problem('item-unknown', 'the shop does not list an item with this id');
      facts.note(request.caller?.userId ?? anonymous, { type: 'ItemViewed', itemId: item.id });

      const { pincode } = request.query;
      const json = itemJson(item, stock === undefined ? 'unknown' : stock.level);
      if (pincode === undefined || stock === undefined) return json;
      const to = await ask('serviceability', () => destinationOf(serviceability, pincode));
      if (to === undefined) return json;
      const parcel = { ...item, warehouseIds: stockingWarehouses(stock.level) };
      return { ...json, delivery: deliveryOf(parcel, to, clock.nowMs()) };
    },
  );

  app.get(
    '/items',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: 'The items with these ids, in this order; unknown ones are left out',
        querystring: query({}, { ids: idsInput }),
        response: { 200: itemsReply },
      },
    },
    async (request, reply) => {
      const ids = request.query.ids.split(',') as ItemId[];
      const found = await stockedItems(views, ids, askingParts(reply));
      return { items: found.map(({ item, level }) => itemJson(item, level)) };
    },
  );

  app.post(
    '/items/bulk',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: `Up to ${maxIds} items by id, and which ids are unknown`,
        body: object({ ids: list(id<ItemId>('the id of an item'), { maxItems: maxIds }) }),
        response: { 200: object({ items: list(itemReply), missing: list(reply()) }) },
      },
    },
    async (request, reply) => {
      const { ids } = request.body;
      const found = await stockedItems(views, ids, askingParts(reply));
      const known = new Set(found.map(({ item }) => item.id));
      const missing = [...new Set(ids)].filter((each) => !known.has(each));
      return { items: found.map(({ item, level }) => itemJson(item, level)), missing };
    },
  );
};

export function stockingWarehouses(level: StockLevel | undefined): WarehouseId[] {
  const all = Object.entries(level?.warehouses ?? {});
  return all.filter(([, stock]) => available(stock) > 0).map(([id]) => id as WarehouseId);
}
