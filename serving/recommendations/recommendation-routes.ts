/** `/recommendations`, `/items/{id}/similar`, `/trending`. */
import type { ItemId, Sku } from '#schemas/items';
import type { RecommendationKey } from '#schemas/recommendations';
import { callerOf } from '../access.ts';
import { pincodeInput } from '../identity/me-routes.ts';
import { availability, availabilityOf } from '../items/item-json.ts';
import { itemParams } from '../items/item-routes.ts';
import { integer, list, nullable, object, query, type Routes, reply } from '../json-schema.ts';
import { askingParts } from '../partial-answer.ts';
import { problem } from '../problem.ts';
import { money } from '../wire.ts';
import { type Suggestion, type SuggestionPorts, suggestions } from './suggested-items.ts';

const summary = {
  id: reply<ItemId>(),
  sku: reply<Sku>(),
  title: reply(),
  brand: reply(),
  category: reply(),
  price: money,
  imageUrl: nullable(reply()),
  reason: reply(),
};
const suggestion = object(summary, { availability });

const tags = ['recommendations'];
const response = { 200: object({ items: list(suggestion) }) };
const querystring = query({ pincode: pincodeInput, limit: integer(1, 50) });
const defaultLimit = 12;
const trending = 'trending' as RecommendationKey;

export const recommendationRoutes: Routes<SuggestionPorts> = async (app, ports) => {
  app.get(
    '/recommendations',
    {
      config: { access: 'visitor' },
      schema: { tags, summary: 'For me, in stock', querystring, response },
    },
    async (request, reply) => {
      const { pincode, limit = defaultLimit } = request.query;
      // The key is the caller's own: there is no way to ask for another's.
      const own = `user:${callerOf(request).userId}` as RecommendationKey;
      const wanted = { keys: [own, trending], pincode, limit };
      return json(await suggestions(ports, wanted, askingParts(reply)));
    },
  );

  app.get(
    '/items/:id/similar',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: 'What people who bought this bought as well',
        params: itemParams,
        querystring,
        response,
      },
    },
    async (request, reply) => {
      const ask = askingParts(reply);
      const { id } = request.params;
      const { pincode, limit = defaultLimit } = request.query;
      const known = await ask('items', async () => ({ item: await ports.views.items.get(id) }));
      if (known && !known.item) {
        throw problem('item-unknown', 'the shop does not list an item with this id');
      }
      const keys = [`item:${id}` as RecommendationKey, trending];
      return json(await suggestions(ports, { keys, pincode, limit, except: [id] }, ask));
    },
  );

  app.get(
    '/trending',
    {
      config: { access: 'anyone' },
      schema: { tags, summary: 'What is popular now, in stock', querystring, response },
    },
    async (request, reply) => {
      const { pincode, limit = defaultLimit } = request.query;
      const wanted = { keys: [trending], pincode, limit };
      return json(await suggestions(ports, wanted, askingParts(reply)));
    },
  );
};

function json(suggested: readonly Suggestion[]) {
  return {
    items: suggested.map(({ item: { item, level }, reason }) => {
      const { id, sku, title, brand, category, price, imageUrl } = item;
      const shown = { id, sku, title, brand, category, price, imageUrl };
      return { ...shown, availability: availabilityOf(level), reason };
    }),
  };
}
