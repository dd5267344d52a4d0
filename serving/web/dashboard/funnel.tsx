/** From searching to ordering: how many of each step. */
import { call } from '../storefront/client/api.ts';
import { count, sentence } from '../storefront/client/format.ts';
import { ProblemNote } from '../storefront/parts/problem-note.tsx';
import { useRounds } from './charts.tsx';
import type { FunnelStep } from './reports.ts';

export function Funnel({ round }: { readonly round: number }) {
  const { value, error, reload } = useRounds(round, () =>
    call<{ steps: FunnelStep[] }>('GET', '/v1/analytics/funnel'),
  );
  const widest = Math.max(1, ...(value?.steps.map((step) => step.count) ?? []));
  return (
    <section class="panel" aria-labelledby="funnel">
      <h2 id="funnel">Funnel, last hour</h2>
      {error && !value && <ProblemNote problem={error} retry={reload} />}
      <ol class="funnel">
        {value?.steps.map((step) => (
          <li key={step.step}>
            <span>{sentence(step.step)}</span>
            <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
              <rect class="chart-bar" width={(100 * step.count) / widest} height="6" />
            </svg>
            <strong>{count(step.count)}</strong>
            <span class="quiet">
              {step.ofBefore === null ? '' : `${Math.round(step.ofBefore * 100)} %`}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
