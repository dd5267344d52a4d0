/** Rows of (subject, item, score) as one recommendation a subject. */
import type { ItemId } from '#schemas/items';
import type { Recommendation, RecommendationKey } from '#schemas/recommendations';
import type { Row } from './job.ts';

export interface ScoredItems {
  readonly job: string;
  readonly keyOf: (row: Row) => RecommendationKey;
  readonly itemOf: (row: Row) => ItemId;
  readonly reason: string;
}

/** Rows of one key stand together, best first. */
export function scoredItems(
  { job, keyOf, itemOf, reason }: ScoredItems,
  rows: readonly Row[],
  computedAt: number,
): Recommendation[] {
  const byKey = new Map<RecommendationKey, { itemId: ItemId; score: number; reason: string }[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const items = byKey.get(key) ?? [];
    items.push({ itemId: itemOf(row), score: Number(row.score), reason });
    byKey.set(key, items);
  }
  return [...byKey].map(([key, items]) => ({ key, items, job, computedAt }));
}
