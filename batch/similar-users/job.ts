/** For a user: what people with the same taste bought. Read by GET /recommendations. */
import { itemIdOf, type Sku } from '#schemas/items';
import type { RecommendationKey } from '#schemas/recommendations';
import { type Job, queryBeside } from '../job.ts';
import { scoredItems } from '../scored-items.ts';

const name = 'similar-users';

export function similarUsers(): Job {
  return {
    name,
    reads: ['orders.events'],
    sql: queryBeside(import.meta.url),
    parameters: {},
    results: (rows, computedAtMs) =>
      scoredItems(
        {
          job: name,
          keyOf: (row) => `user:${String(row.user_id)}` as RecommendationKey,
          itemOf: (row) => itemIdOf(row.item_id as Sku),
          reason: 'similar-users',
        },
        rows,
        computedAtMs,
      ),
  };
}
