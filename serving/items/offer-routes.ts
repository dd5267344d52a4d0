/** Changing items one by one: suppliers offer, correct and withdraw. Feeds are `inbound/`. */
import {
  type ItemCommand,
  type ItemId,
  type ItemOffer,
  itemCommands,
  itemIdOf,
  type SupplierId,
  shopSupplierId,
} from '#schemas/items';
import { type ApiRequest, callerOf, isAdmin } from '../access.ts';
import { decided } from '../decided.ts';
import type { Dependencies } from '../dependencies.ts';
import { commandIdOf } from '../idempotency.ts';
import type { Described, Routes } from '../json-schema.ts';
import { problem } from '../problem.ts';
import { whenShown } from '../read-your-writes.ts';
import { itemJson, itemReply, offerInput, offerOf, patchInput } from './item-json.ts';
import { skuOf } from './item-lookup.ts';
import { itemParams } from './item-routes.ts';

export type OfferRoutesOptions = Pick<Dependencies, 'views' | 'commands' | 'settings'>;

const tags = ['items'];
const access = ['supplier', 'admin'] as const;
const config = { access, idempotent: true };

export const offerRoutes: Routes<OfferRoutesOptions> = async (app, options) => {
  const items = itemChanges(options);

  app.post(
    '/items',
    {
      config,
      schema: { tags, summary: 'Offer an item', body: offerInput, response: { 201: itemReply } },
    },
    async (request, reply) => {
      const offer = offerOf(request.body);
      const id = itemIdOf(offer.sku);
      await items.offer(request, id, offer);
      return reply.code(201).send(await items.json(id));
    },
  );

  app.put(
    '/items/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Replace an item, or offer it under this id',
        params: itemParams,
        body: offerInput,
        response: { 200: itemReply },
      },
    },
    async (request) => {
      const offer = offerOf(request.body);
      const { id } = request.params;
      if (itemIdOf(offer.sku) !== id) throw differentSku(id);
      await items.offer(request, id, offer);
      return await items.json(id);
    },
  );

  app.patch(
    '/items/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Change fields of an item; with If-Match only when it has this version',
        params: itemParams,
        body: patchInput,
        response: { 200: itemReply },
      },
    },
    async (request) => {
      const { id } = request.params;
      await items.patch(request, id, request.body);
      return await items.json(id);
    },
  );

  app.delete(
    '/items/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Take an item out of the shop',
        params: itemParams,
        response: { 204: { type: 'null', description: 'taken out' } },
      },
    },
    async (request, reply) => {
      await items.delist(request, request.params.id);
      return reply.code(204).send();
    },
  );
};

function itemChanges({ views, commands, settings }: OfferRoutesOptions) {
  const { items, inventory } = views;

  const send = async (id: ItemId, command: ItemCommand, isGone = false): Promise<void> => {
    const timeoutMs = settings.decisionTimeoutMs;
    const { version } = decided(await commands.send(itemCommands, id, command, { timeoutMs }));
    await whenShown({
      view: items,
      look: () => items.get(id),
      shows: (item) => (item === undefined ? isGone : item.version >= version),
      timeoutMs: settings.viewTimeoutMs ?? 5_000,
    });
  };

  return {
    async offer(request: ApiRequest, id: ItemId, offer: ItemOffer): Promise<void> {
      const commandId = commandIdOf(request, 'offer-item');
      const supplierId = supplierOf(request);
      await send(id, { type: 'OfferItem', commandId, supplierId, source: null, offer });
    },
    async patch(request: ApiRequest, id: ItemId, patch: Patch): Promise<void> {
      const commandId = commandIdOf(request, 'patch-item');
      const supplierId = supplierOf(request);
      const expectedVersion = expectedVersionOf(request);
      const fields = changesOf(patch);
      await send(id, { type: 'PatchItem', commandId, supplierId, expectedVersion, ...fields });
    },
    async delist(request: ApiRequest, id: ItemId): Promise<void> {
      const commandId = commandIdOf(request, 'delist-item');
      const supplierId = supplierOf(request);
      await send(id, { type: 'DelistItem', commandId, supplierId }, true);
    },
    async json(id: ItemId) {
      const [item, level] = await Promise.all([items.get(id), inventory.get(skuOf(id))]);
      if (!item) throw problem('item-unknown', 'the item was taken out of the shop meanwhile');
      return itemJson(item, level);
    },
  };
}

/** An administrator acts for the shop. */
function supplierOf(request: ApiRequest): SupplierId {
  const caller = callerOf(request);
  return isAdmin(caller) ? shopSupplierId : (caller.userId as string as SupplierId);
}

type Patch = Described<typeof patchInput>;

/** In the log `null` leaves a field as it is. */
function changesOf(patch: Patch) {
  return {
    title: patch.title ?? null,
    description: patch.description ?? null,
    brand: patch.brand ?? null,
    category: patch.category ?? null,
    attributes: patch.attributes ?? null,
    price: patch.price ?? null,
    weightGrams: patch.weightGrams ?? null,
    cashOnDelivery: patch.cashOnDelivery ?? null,
    imageUrl: patch.imageUrl ?? null,
  };
}

/** `If-Match: "3"` or `If-Match: 3`: only when the item still has version 3. */
function expectedVersionOf({ headers }: ApiRequest): number | null {
  const header = headers['if-match'];
  if (header === undefined) return null;
  const version = /^"?([1-9][0-9]{0,14})"?$/.exec(header)?.[1];
  if (version !== undefined) return Number(version);
  const message = 'must be the version of the item, for instance "3"';
  throw problem('invalid-request', `If-Match ${message}`, {
    extras: { errors: [{ path: 'headers/if-match', message }] },
  });
}

function differentSku(id: ItemId): Error {
  const message = `must be '${id}', as in the address`;
  const errors = [{ path: 'body/sku', message }];
  return problem('invalid-request', `body/sku ${message}`, { extras: { errors } });
}
