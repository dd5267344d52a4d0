/** Bars, one a minute: a drawing for the eye, a sentence for the ear. */
import { type Point, roundAbove } from './reports.ts';

export interface MinuteChartProps {
  readonly title: string;
  readonly points: readonly Point[];
  readonly format: (value: number) => string;
}

const WIDTH = 600;
const HEIGHT = 150;
const TOP = 14;
const BOTTOM = 22;

export function MinuteChart({ title, points, format }: MinuteChartProps) {
  const peak = Math.max(0, ...points.map(({ value }) => value));
  const total = points.reduce((sum, { value }) => sum + value, 0);
  const top = roundAbove(peak);
  const step = WIDTH / points.length;
  const height = (value: number) => ((HEIGHT - TOP - BOTTOM) * value) / top;
  const words = `${title}: ${format(total)} in the last ${points.length} minutes, ${format(peak)} in the busiest`;
  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        <strong>{format(total)}</strong>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
        <path class="chart-grid" d={`M0 ${TOP}H${WIDTH}M0 ${HEIGHT - BOTTOM}H${WIDTH}`} />
        {points.map(({ atMs, value }, at) => (
          <rect
            key={atMs}
            class={at === points.length - 1 ? 'chart-bar is-now' : 'chart-bar'}
            x={at * step + 1}
            y={HEIGHT - BOTTOM - height(value)}
            width={step - 2}
            height={height(value)}
            rx="2"
          >
            <title>{`${clock(atMs)}: ${format(value)}`}</title>
          </rect>
        ))}
        <text class="chart-word" x="0" y={TOP - 4}>
          {format(top)}
        </text>
        <text class="chart-word" x="0" y={HEIGHT - 5}>
          {clock(points[0]?.atMs ?? 0)}
        </text>
        <text class="chart-word" x={WIDTH} y={HEIGHT - 5} text-anchor="end">
          now
        </text>
      </svg>
    </figure>
  );
}

function clock(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
