/** The last hour by the minute, and how orders ended in it. */
import { call } from '../storefront/client/api.ts';
import { count, price, sentence } from '../storefront/client/format.ts';
import { useLoad } from '../storefront/client/use-load.ts';
import { ProblemNote } from '../storefront/parts/problem-note.tsx';
import { MinuteChart } from './minute-chart.tsx';
import { type LiveCounts, lastMinutes, type MinutesAnswer, withLive } from './reports.ts';

type LiveName = 'searches' | 'views' | 'carts' | 'orders' | 'revenue';

const charts: readonly (readonly [measure: string, title: string, live: LiveName])[] = [
  ['revenue', 'Revenue', 'revenue'],
  ['orders', 'Orders', 'orders'],
  ['searches', 'Searches', 'searches'],
  ['cart-adds', 'Put into carts', 'carts'],
];

const endings = [
  ['orders', 'placed'],
  ['orders-delivered', 'delivered'],
  ['orders-rejected', 'rejected'],
  ['orders-expired', 'expired'],
  ['orders-cancelled', 'cancelled'],
  ['orders-returned', 'returned'],
] as const;

const MINUTES = 60;

export interface ChartsProps {
  readonly counts: LiveCounts | undefined;
  /** Loads anew when it changes. */
  readonly round: number;
}

export function Charts({ counts, round }: ChartsProps) {
  const measures = [
    ...new Set([...charts.map(([measure]) => measure), ...endings.map(([m]) => m)]),
  ];
  const { value, error, reload } = useRounds(round, () =>
    Promise.all(
      measures.map((measure) =>
        call<MinutesAnswer>('GET', `/v1/analytics/minutes?measure=${measure}`),
      ),
    ),
  );
  if (error && !value) return <ProblemNote problem={error} retry={reload} />;
  const minutesOf = (measure: string) =>
    value?.find((answer) => answer.measure === measure)?.minutes ?? [];
  return (
    <>
      <section class="panel is-wide charts" aria-label="The last hour">
        {charts.map(([measure, title, live]) => {
          const of = measure === 'revenue' ? 'amount' : 'count';
          const points = lastMinutes(minutesOf(measure), of, Date.now(), MINUTES);
          const shown = counts ? withLive(points, Date.parse(counts.minute), counts[live]) : points;
          return <MinuteChart key={measure} title={title} points={shown} format={formatOf(of)} />;
        })}
      </section>
      <section class="panel" aria-labelledby="endings">
        <h2 id="endings">Orders in the last hour</h2>
        <dl class="rows">
          {endings.map(([measure, name]) => (
            <div key={measure}>
              <dt>{sentence(name)}</dt>
              <dd>{count(minutesOf(measure).reduce((sum, minute) => sum + minute.count, 0))}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}

function formatOf(of: 'count' | 'amount'): (value: number) => string {
  // Whole rupees: an axis needs no paise.
  return of === 'count'
    ? count
    : (value) => price({ amount: Math.round(value / 100) * 100, currency: 'INR' });
}

/** Loads each round, and keeps showing the round before until the next has come. */
export function useRounds<Value>(round: number, load: () => Promise<Value>) {
  return useLoad('rounds', load, round);
}
