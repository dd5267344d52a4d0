/** Results of the recommendation jobs. Fed by `recommendations.results`. */
import type { Recommendation, RecommendationKey } from '#schemas/recommendations';
import type { ViewReader, ViewWriter } from './view.ts';

export interface RecommendationsView extends ViewReader {
  get(key: RecommendationKey): Promise<Recommendation | undefined>;
}

export interface RecommendationsWriter extends ViewWriter<RecommendationKey, Recommendation> {}
