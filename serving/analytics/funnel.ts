/** The funnel: how many searched, looked, took, ordered. */
import type { AnalyticsView } from '#views/analytics-view';

/** Measures of the behaviour topology, in the order of a shopper's way. */
export const funnelSteps = ['searches', 'views', 'cart-adds', 'orders'] as const;

export interface FunnelStep {
  readonly step: (typeof funnelSteps)[number];
  readonly count: number;
  /** Part of the step before, 0 to 1 and more; `null` for the first, and after nothing. */
  readonly ofBefore: number | null;
}

export async function funnelOf(
  view: AnalyticsView,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<FunnelStep[]> {
  const counts = await Promise.all(
    funnelSteps.map(async (step) => {
      const minutes = await view.minutes(step, fromMs, toMs);
      return minutes.reduce((sum, { count }) => sum + count, 0);
    }),
  );
  return funnelSteps.map((step, index) => {
    const count = counts[index] ?? 0;
    const before = index === 0 ? 0 : (counts[index - 1] ?? 0);
    return { step, count, ofBefore: before === 0 ? null : count / before };
  });
}
