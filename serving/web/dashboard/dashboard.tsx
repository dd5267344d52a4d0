/** The dashboard: what happens in the shop now, for analysts, operators and administrators. */
import { useEffect, useState } from 'preact/hooks';
import { Announcements } from '../storefront/client/announce.tsx';
import { openSession, type Refused } from '../storefront/client/api.ts';
import { signOut } from '../storefront/client/cart.ts';
import { useCell } from '../storefront/client/cell.ts';
import { count, price } from '../storefront/client/format.ts';
import { session } from '../storefront/client/session.ts';
import { asRefused } from '../storefront/client/use-load.ts';
import { Field } from '../storefront/parts/field.tsx';
import { ProblemNote } from '../storefront/parts/problem-note.tsx';
import { Charts } from './charts.tsx';
import { Funnel } from './funnel.tsx';
import { Health } from './health.tsx';
import { useLiveCounts } from './live-counts.ts';
import { Operations } from './operations.tsx';
import type { LiveCounts } from './reports.ts';
import { TopItems } from './top-items.tsx';

const admitted = ['analyst', 'operator', 'admin'];
const operators = ['operator', 'admin'];
const operationsPath = '/dashboard/operations';

export function Dashboard() {
  const who = useCell(session);
  const may = (roles: readonly string[]) =>
    who?.roles.some((role) => roles.includes(role)) ?? false;
  const isOperations = location.pathname === operationsPath;
  const isAdmitted = may(isOperations ? operators : admitted);
  return (
    <>
      <header class="bar-head">
        <h1>{isOperations ? 'Millrace, operations' : 'Millrace, live'}</h1>
        <nav aria-label="Pages">
          {may(admitted) && (
            <a href="/dashboard" aria-current={isOperations ? undefined : 'page'}>
              Live
            </a>
          )}
          {may(operators) && (
            <a href={operationsPath} aria-current={isOperations ? 'page' : undefined}>
              Operations
            </a>
          )}
          <a href="/">Storefront</a>
          {isAdmitted && (
            <button type="button" class="link-button" onClick={() => void signOut()}>
              Sign out
            </button>
          )}
        </nav>
      </header>
      <main id="content">
        {!isAdmitted && <SignIn isOther={who !== null} isOperations={isOperations} />}
        {isAdmitted && (isOperations ? <Operations /> : <Panels />)}
      </main>
      <Announcements />
    </>
  );
}

interface SignInProps {
  readonly isOther: boolean;
  readonly isOperations: boolean;
}

function SignIn({ isOther, isOperations }: SignInProps) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<Refused>();
  const enter = async (event: Event) => {
    event.preventDefault();
    setProblem(undefined);
    try {
      await openSession({ email, password });
    } catch (error) {
      setProblem(asRefused(error));
    }
  };
  return (
    <form class="sign-in" onSubmit={(event) => void enter(event)}>
      <h2>Sign in</h2>
      {isOther && <p class="note is-slim">This account may not see this page of the dashboard.</p>}
      <p class="quiet">
        {isOperations
          ? 'For operators and administrators.'
          : 'For analysts, operators and administrators.'}
      </p>
      {problem && <ProblemNote problem={problem} />}
      <Field label="E-mail" type="email" value={email} set={setEmail} autocomplete="email" />
      <Field
        label="Password"
        type="password"
        value={password}
        set={setPassword}
        autocomplete="current-password"
      />
      <button type="submit" class="button is-wide">
        Sign in
      </button>
    </form>
  );
}

/** Reports are asked for again this often; the current minute comes by the stream. */
const ROUND_MS = 15_000;

function Panels() {
  const { counts, isConnected } = useLiveCounts();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setRound((before) => before + 1), ROUND_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="panels">
      <Now counts={counts} isConnected={isConnected} />
      <Charts counts={counts} round={round} />
      <Funnel round={round} />
      <TopItems round={round} />
      <Health round={round} />
    </div>
  );
}

function Now({ counts, isConnected }: { counts: LiveCounts | undefined; isConnected: boolean }) {
  const figure = (name: string, value: string) => (
    <div class="now-figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
  const number = (value: number | undefined) => (value === undefined ? '–' : count(value));
  const rupees = counts && price({ amount: counts.revenue, currency: 'INR' });
  return (
    <section class="panel is-wide" aria-labelledby="now">
      <h2 id="now">
        This minute
        <span class={isConnected ? 'pulse is-live' : 'pulse'} role="status">
          {isConnected ? 'live' : 'connecting …'}
        </span>
      </h2>
      <dl class="now">
        {figure('Searches', number(counts?.searches))}
        {figure('Items viewed', number(counts?.views))}
        {figure('Put into carts', number(counts?.carts))}
        {figure('Orders', number(counts?.orders))}
        {figure('Revenue', rupees ?? '–')}
      </dl>
    </section>
  );
}
