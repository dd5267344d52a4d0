/** Whether the shop can serve, how far behind its processors are, and what disagrees. */
import { call, Refused } from '../storefront/client/api.ts';
import { useCell } from '../storefront/client/cell.ts';
import { count } from '../storefront/client/format.ts';
import { session } from '../storefront/client/session.ts';
import { ProblemNote } from '../storefront/parts/problem-note.tsx';
import { useRounds } from './charts.tsx';
import { samplesOf } from './reports.ts';

interface ReadinessAnswer {
  readonly status: string;
  readonly checks: readonly { readonly name: string; ready: boolean; detail: string }[];
}

export function Health({ round }: { readonly round: number }) {
  const { value, error, reload } = useRounds(round, readiness);
  const lag = useRounds(round, recordsBehind);
  return (
    <section class="panel" aria-labelledby="health">
      <h2 id="health">Health</h2>
      {error && !value && <ProblemNote problem={error} retry={reload} />}
      <dl class="rows">
        <div>
          <dt>Records not yet processed</dt>
          <dd>{lag.value === undefined ? '–' : count(lag.value)}</dd>
        </div>
        <Findings round={round} />
        {value && <Parts checks={value.checks} />}
      </dl>
    </section>
  );
}

/** What is well is a number; what is not has a name and a reason. */
function Parts({ checks }: Pick<ReadinessAnswer, 'checks'>) {
  const failing = checks.filter(({ ready }) => !ready);
  return (
    <>
      <div>
        <dt>Parts that are ready</dt>
        <dd class={failing.length === 0 ? 'is-good' : 'is-bad'}>
          {count(checks.length - failing.length)} of {count(checks.length)}
        </dd>
      </div>
      {failing.map(({ name, detail }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="is-bad">{detail || 'not ready'}</dd>
        </div>
      ))}
    </>
  );
}

/** Not ready is an answer too: 503 with the same body. */
async function readiness(): Promise<ReadinessAnswer> {
  try {
    return await call<ReadinessAnswer>('GET', '/readyz');
  } catch (error) {
    const body: unknown = error instanceof Refused ? error.body : undefined;
    if (body !== undefined && 'checks' in (body as object)) return body as ReadinessAnswer;
    throw error;
  }
}

async function recordsBehind(): Promise<number | undefined> {
  const answer = await fetch('/metrics');
  if (!answer.ok) return undefined;
  const samples = samplesOf(await answer.text(), 'millrace_task_lag');
  if (samples.length === 0) return undefined;
  return samples.reduce((sum, { value }) => sum + value, 0);
}

/** Only administrators may see what disagrees. */
function Findings({ round }: { readonly round: number }) {
  const isAdmin = useCell(session)?.roles.includes('admin') ?? false;
  const { value } = useRounds(round, async () =>
    isAdmin ? call<{ openCount: number }>('GET', '/v1/reconciliation?limit=1') : undefined,
  );
  if (!isAdmin) return null;
  const open = value?.openCount;
  return (
    <div>
      <dt>Reconciliation findings, open</dt>
      <dd class={open === 0 ? 'is-good' : open === undefined ? '' : 'is-bad'}>
        {open === undefined ? '–' : count(open)}
      </dd>
    </div>
  );
}
