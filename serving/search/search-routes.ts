/**
 * `/search`: items by words and filters, each with when it would arrive.
 *
 *   pincode ─▶ routes ─▶ warehouses that reach it ─▶ filter inside the query ─▶ a promise for each hit
 */
import type { ItemId, Sku } from '#schemas/items';
import { reachingWarehouses } from '#schemas/promise';
import type { SearchHit, SearchQuery, SearchSort } from '#views/search-view';
import type { Dependencies } from '../dependencies.ts';
import { pincodeInput } from '../identity/me-routes.ts';
import { anonymous } from '../items/item-routes.ts';
import {
  boolean,
  type Described,
  integer,
  list,
  nullable,
  object,
  oneOf,
  query,
  type Routes,
  reply,
  text,
  withDescription,
} from '../json-schema.ts';
import { askingParts } from '../partial-answer.ts';
import { cursor, money, pageLimit } from '../wire.ts';
import { type Destination, delivery, deliveryOf, destinationOf } from './delivery.ts';

export type SearchRoutesOptions = Pick<Dependencies, 'views' | 'facts' | 'clock'>;

const maxAmount = 1_000_000_000_000;
const searchQuery = query({
  q: text(200),
  pincode: pincodeInput,
  category: text(200),
  brand: text(100),
  minPrice: integer(0, maxAmount),
  maxPrice: integer(0, maxAmount),
  deliverable: withDescription(
    boolean,
    'true, as when a pincode is given: only what can be delivered there; false: all, marked',
  ),
  sort: oneOf<SearchSort>('relevance', 'price-ascending', 'price-descending', 'newest'),
  limit: pageLimit,
  cursor,
});

const facets = list(object({ value: reply(), count: integer() }));
const searchReply = object({
  hits: list(
    object({
      sku: reply<Sku>(),
      itemId: reply<ItemId>(),
      title: reply(),
      brand: reply(),
      category: reply(),
      price: money,
      imageUrl: nullable(reply()),
      delivery: nullable(delivery),
    }),
  ),
  total: integer(),
  facets: object({ category: facets, brand: facets }),
  correctedQuery: nullable(reply()),
  nextCursor: nullable(reply()),
});

const tags = ['search'];

export const searchRoutes: Routes<SearchRoutesOptions> = async (app, { views, facts, clock }) => {
  app.get(
    '/search',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: 'Search items; with a pincode, only what can be delivered there, and when',
        querystring: searchQuery,
        response: { 200: searchReply },
      },
    },
    async (request, reply) => {
      const { q = '', pincode } = request.query;
      const nowMs = clock.nowMs();
      // Without an answer nothing is filtered and nothing promised; a header says so.
      const to = await askingParts(reply)('serviceability', async () =>
        pincode === undefined ? null : destinationOf(views.serviceability, pincode),
      );
      const found = await views.search.search(questionOf(request.query, to ?? null, nowMs));
      facts.note(request.caller?.userId ?? anonymous, {
        type: 'Searched',
        query: q,
        pincode: pincode ?? null,
        total: found.total,
      });
      return {
        hits: found.hits.map((hit) => hitJson(hit, to ?? null, nowMs)),
        total: found.total,
        facets: found.facets,
        correctedQuery: found.correctedText,
        nextCursor: found.nextCursor,
      };
    },
  );

  app.get(
    '/search/suggest',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: 'Completions of what is being typed',
        querystring: query({ limit: integer(1, 20) }, { q: text(200) }),
        response: { 200: object({ suggestions: list(reply()) }) },
      },
    },
    async ({ query: { q, limit = 8 } }) => ({ suggestions: await views.search.suggest(q, limit) }),
  );
};

function questionOf(
  asked: Described<typeof searchQuery>,
  to: Destination | null,
  nowMs: number,
): SearchQuery {
  const { q = '', sort, limit = 24, deliverable = true, ...filters } = asked;
  const { category, brand, minPrice, maxPrice, cursor: after } = filters;
  const deliverableFrom = to && deliverable ? reachable(to, nowMs) : undefined;
  return {
    text: q,
    category: category || undefined,
    brand: brand || undefined,
    minPrice,
    maxPrice,
    deliverableFrom,
    // Without words nothing is more relevant than anything else.
    sort: sort ?? 'relevance',
    limit,
    cursor: after,
  };
}

function reachable({ routes, rules }: Destination, nowMs: number) {
  const dispatchRules = (id: Parameters<typeof rules.get>[0]) => rules.get(id);
  return reachingWarehouses({ routes, dispatchRules, nowMs, cashOnDelivery: false });
}

function hitJson(hit: SearchHit, to: Destination | null, nowMs: number) {
  const { sku, itemId, title, brand, category, price, imageUrl } = hit;
  const promised = to ? deliveryOf(hit, to, nowMs) : null;
  return { sku, itemId, title, brand, category, price, imageUrl, delivery: promised };
}
