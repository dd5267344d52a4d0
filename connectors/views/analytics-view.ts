/** Live counts of behaviour. Fed by `behaviour.minute-counts` and `behaviour.item-trends`. */
import type { ItemTrend, MinuteCount } from '#schemas/behaviour';
import type { ViewReader, ViewWriter } from './view.ts';

/** What one of each counts in a ranking. */
export const trendWeights = { views: 1, carts: 3, orders: 10 };

export interface AnalyticsView extends ViewReader {
  /** Minutes in `fromMs`..`toMs` (both inclusive) of one measure, earliest first; empty ones are left out. */
  minutes(measure: string, fromMs: number, toMs: number): Promise<readonly MinuteCount[]>;
  measures(): Promise<readonly string[]>;
  /** Items by weighted activity since `fromMs`, strongest first: a view 1, a cart 3, an order 10. */
  trending(fromMs: number, limit: number): Promise<readonly ItemTrend[]>;
}

export interface AnalyticsWriters {
  readonly minuteCounts: ViewWriter<string, MinuteCount>;
  readonly itemTrends: ViewWriter<string, ItemTrend>;
}
