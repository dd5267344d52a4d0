/** Similar items: what the same people bought. Read by GET /items/{id}/similar. */
import { itemIdOf, type Sku } from '#schemas/items';
import type { RecommendationKey } from '#schemas/recommendations';
import { type Job, queryBeside } from '../job.ts';
import { scoredItems } from '../scored-items.ts';

const name = 'similar-items';

/** `minimumBuyers`: how many people must have bought both; 2 suits a young shop, 3 an older one. */
export function similarItems({ minimumBuyers = 2 } = {}): Job {
  return {
    name,
    reads: ['orders.events'],
    sql: queryBeside(import.meta.url),
    parameters: { minimum_buyers: minimumBuyers },
    results: (rows, computedAtMs) =>
      scoredItems(
        {
          job: name,
          keyOf: (row) => `item:${itemIdOf(row.item_id as Sku)}` as RecommendationKey,
          itemOf: (row) => itemIdOf(row.other_id as Sku),
          reason: 'bought-together',
        },
        rows,
        computedAtMs,
      ),
  };
}
