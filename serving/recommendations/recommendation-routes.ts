/** `/recommendations`, `/items/{id}/similar`, `/trending`. */
import type { ItemId, Sku } from '#schemas/items';
import type { RecommendationKey } from '#schemas/recommendations';
import { callerOf } from '../access.ts';
import { pincodeInput } from '../identity/me-routes.ts';
import { availability, availabilityOf } from '../items/item-json.ts';
import { itemParams } from '../items/item-routes.ts';
import { integer, list, nullable, object, query, type Routes, reply } from '../json-schema.ts';
import { problem } from '../problem.ts';
import { money } from '../wire.ts';
import { type Suggestion, type SuggestionPorts, suggestions } from './suggested-items.ts';

const suggestion = object({
  id: reply<ItemId>(),
  sku: reply<Sku>(),
  title: reply(),
  brand: reply(),
  category: reply(),
  price: money,
  imageUrl: nullable(reply()),
  availability,
  reason: reply(),
});

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
    async (request) => {
      const { pincode, limit = defaultLimit } = request.query;
      // The key is the caller's own: there is no way to ask for another's.
      const own = `user:${callerOf(request).userId}` as RecommendationKey;
      return json(await suggestions(ports, { keys: [own, trending], pincode, limit }));
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
    async (request) => {
      const { id } = request.params;
      const { pincode, limit = defaultLimit } = request.query;
      if (!(await ports.views.items.get(id))) {
        throw problem('item-unknown', 'the shop does not list an item with this id');
      }
      const keys = [`item:${id}` as RecommendationKey, trending];
      return json(await suggestions(ports, { keys, pincode, limit, except: [id] }));
    },
  );

  app.get(
    '/trending',
    {
      config: { access: 'anyone' },
      schema: { tags, summary: 'What is popular now, in stock', querystring, response },
    },
    async (request) => {
      const { pincode, limit = defaultLimit } = request.query;
      return json(await suggestions(ports, { keys: [trending], pincode, limit }));
    },
  );
};

function json(suggested: readonly Suggestion[]) {
  return {
    items: suggested.map(({ item: { item, level }, reason }) => {
      const { id, sku, title, brand, category, price, imageUrl } = item;
      const summary = { id, sku, title, brand, category, price, imageUrl };
      return { ...summary, availability: availabilityOf(level), reason };
    }),
  };
}
