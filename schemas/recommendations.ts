/** Recommendations: what the batch jobs found. */
import { avro, type Decoded, topic } from '#streams';
import { ItemId } from './items.ts';

const { array, double, id, record, string, timestampMillis } = avro;

/** `item:<item id>` for similar items, `user:<user id>` for a user, `trending` for everybody. */
export const RecommendationKey = id('RecommendationKey');
export type RecommendationKey = Decoded<typeof RecommendationKey>;

export const Recommendation = record('Recommendation', {
  key: RecommendationKey,
  /** Best first. */
  items: array(
    record('ScoredItem', {
      itemId: ItemId,
      score: double,
      /** Why: `bought-together`, `similar-users`, `trending`. */
      reason: string,
    }),
  ),
  /** The job and its run. */
  job: string,
  computedAt: timestampMillis,
});
export interface Recommendation extends Decoded<typeof Recommendation> {}

export const recommendations = topic('recommendations.results', {
  key: RecommendationKey,
  value: Recommendation,
  cleanupPolicy: 'compact',
});
