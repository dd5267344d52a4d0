/** `/serviceability`: who can bring how much of what where, and when. */

import { available } from '#schemas/inventory';
import { itemIdOf, type Sku } from '#schemas/items';
import { type DeliveryPromise, rankedPromises } from '#schemas/promise';
import type { CourierId, Pincode, WarehouseId } from '#schemas/serviceability';
import type { Dependencies } from '../dependencies.ts';
import { pincodeInput } from '../identity/me-routes.ts';
import { skuInput } from '../items/item-json.ts';
import { boolean, integer, list, object, query, type Routes, reply } from '../json-schema.ts';
import { problem } from '../problem.ts';
import {
  type Destination,
  destinationOf,
  type Parcel,
  promiseQuestion,
} from '../search/delivery.ts';
import { money, rfc3339, time } from '../wire.ts';

export type ServiceabilityRoutesOptions = Pick<Dependencies, 'views' | 'clock'>;

const option = object({
  warehouseId: reply<WarehouseId>(),
  city: reply(),
  courierId: reply<CourierId>(),
  promisedBy: time,
  promisedDate: reply(),
  fee: money,
  cashOnDelivery: boolean,
});

/** What is asked about when no SKU is given: a small parcel that every warehouse has. */
const smallParcelGrams = 500;

export const serviceabilityRoutes: Routes<ServiceabilityRoutesOptions> = async (app, options) => {
  const { views, clock } = options;

  app.get(
    '/serviceability',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['serviceability'],
        summary: 'Every way to bring a parcel, or a quantity of a SKU, to a pincode, best first',
        querystring: query({ sku: skuInput, quantity: integer(1, 99) }, { pincode: pincodeInput }),
        response: {
          200: object({ pincode: reply<Pincode>(), deliverable: boolean, options: list(option) }),
        },
      },
    },
    async (request) => {
      const { pincode, sku, quantity = 1 } = request.query;
      const to = await destinationOf(views.serviceability, pincode);
      if (!to.routes) throw problem('pincode-unknown', `there is no pincode '${pincode}'`);
      const parcel = sku === undefined ? anyParcel(to) : await parcelOf(views, sku, quantity);
      const promises = rankedPromises(promiseQuestion(parcel, to, clock.nowMs()));
      return {
        pincode,
        deliverable: promises.length > 0,
        options: promises.map((promise) => optionJson(promise, to)),
      };
    },
  );
};

function anyParcel({ rules }: Destination): Parcel {
  const warehouseIds = [...rules.keys()];
  return { weightGrams: smallParcelGrams, cashOnDelivery: true, warehouseIds };
}

async function parcelOf(
  views: ServiceabilityRoutesOptions['views'],
  sku: Sku,
  quantity: number,
): Promise<Parcel> {
  const [item, level] = await Promise.all([
    views.items.get(itemIdOf(sku)),
    views.inventory.get(sku),
  ]);
  if (!item) throw problem('sku-unknown', `the shop does not sell '${sku}'`);
  const enough = Object.entries(level?.warehouses ?? {}).filter(
    ([, stock]) => available(stock) >= quantity,
  );
  return {
    weightGrams: item.weightGrams * quantity,
    cashOnDelivery: item.cashOnDelivery,
    warehouseIds: enough.map(([id]) => id as WarehouseId),
  };
}

function optionJson(promise: DeliveryPromise, { rules }: Destination) {
  const { warehouseId, courierId, promisedByMs, promisedDate, fee, cashOnDelivery } = promise;
  const city = rules.get(warehouseId)?.city ?? '';
  const promisedBy = rfc3339(promisedByMs);
  return { warehouseId, city, courierId, promisedBy, promisedDate, fee, cashOnDelivery };
}
