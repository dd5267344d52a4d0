/** Search: what was asked for, what fits, what it can be narrowed to. All of it is in the address. */
import { useEffect, useState } from 'preact/hooks';
import { drawingOf } from '../art/drawings.tsx';
import { tell } from '../client/announce.tsx';
import { call, type Refused } from '../client/api.ts';
import { pincode } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';
import { count } from '../client/format.ts';
import { Link, navigate, place, useTitle } from '../client/navigation.tsx';
import { asRefused, useLoad } from '../client/use-load.ts';
import type { ItemSummary, SearchAnswer } from '../client/wire.ts';
import { type Changes, ChosenFilters, Facets } from '../parts/facets.tsx';
import { CardsLoading, ItemCard } from '../parts/item-card.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { searchUrl } from '../routes.ts';

/** What of the address goes to the API as it is. */
const passedOn = ['q', 'category', 'brand', 'minPrice', 'maxPrice', 'sort'] as const;

const sorts = [
  ['', 'Best match'],
  ['price-ascending', 'Price, low to high'],
  ['price-descending', 'Price, high to low'],
  ['newest', 'Newest first'],
] as const;

export function SearchPage() {
  const { query } = useCell(place);
  const code = useCell(pincode);
  const asked = query.get('q') ?? '';
  const showsAll = query.get('all') === '1';
  const path = apiPath(query, code, showsAll);
  const { value, error, isLoading, reload } = useLoad(path, (signal) =>
    call<SearchAnswer>('GET', path, { signal }),
  );
  const heading = asked === '' ? (query.get('category') ?? 'Everything') : `“${asked}”`;
  useTitle(asked === '' ? heading.replaceAll('/', ' · ') : asked);
  useEffect(() => {
    if (value && !isLoading) tell(`${count(value.total)} items found`);
  }, [value, isLoading]);

  const change = (changes: Changes) =>
    navigate(searchUrl({ ...Object.fromEntries(query), ...changes }));
  return (
    <div class="results">
      <div class="results-head">
        <h1>{heading.replaceAll('/', ' › ')}</h1>
        <p class="results-total">{value ? totalWords(value.total, code, showsAll) : ' '}</p>
        <SortAndScope query={query} code={code} showsAll={showsAll} change={change} />
      </div>
      <Facets query={query} answer={value} change={change} />
      <section class="results-list" aria-label="Results" aria-busy={isLoading}>
        <ChosenFilters query={query} change={change} />
        {code === '' && value && value.total > 0 && <AskForPincode />}
        {value?.correctedQuery && <Corrected asked={asked} searched={value.correctedQuery} />}
        {error && <ProblemNote problem={error} retry={reload} />}
        {!error && !value && <CardsLoading count={8} />}
        {value && <Hits key={path} path={path} first={value} />}
        {value?.total === 0 && <Nothing query={query} code={code} showsAll={showsAll} />}
      </section>
    </div>
  );
}

function totalWords(total: number, code: string, showsAll: boolean): string {
  const items = `${count(total)} ${total === 1 ? 'item' : 'items'}`;
  return code === '' || showsAll ? items : `${items} reach ${code}`;
}

/** Once above the list: on every card it would be noise. */
function AskForPincode() {
  return (
    <p class="note is-slim">
      Set your pincode to see the day that each item reaches you.{' '}
      <button
        type="button"
        class="link-button"
        onClick={() => document.getElementById('pincode')?.focus()}
      >
        Set it now
      </button>
    </p>
  );
}

function apiPath(query: URLSearchParams, code: string, showsAll: boolean): string {
  const parameters = new URLSearchParams();
  for (const name of passedOn) {
    const value = query.get(name);
    if (value) parameters.set(name, value);
  }
  if (code !== '') {
    parameters.set('pincode', code);
    parameters.set('deliverable', String(!showsAll));
  }
  parameters.set('limit', '24');
  return `/v1/search?${parameters}`;
}

interface ScopeProps {
  readonly query: URLSearchParams;
  readonly code: string;
  readonly showsAll: boolean;
}

function SortAndScope(props: ScopeProps & { readonly change: (changes: Changes) => void }) {
  const { query, code, showsAll, change } = props;
  return (
    <div class="results-tools">
      <label>
        <span class="sort-word">Sort by </span>
        <select
          value={query.get('sort') ?? ''}
          onChange={(event) => change({ sort: event.currentTarget.value })}
        >
          {sorts.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {code !== '' && (
        <label class="switch">
          <input
            type="checkbox"
            checked={showsAll}
            onChange={(event) => change({ all: event.currentTarget.checked ? '1' : undefined })}
          />
          Show undeliverable too
        </label>
      )}
    </div>
  );
}

function Corrected({ asked, searched }: { readonly asked: string; readonly searched: string }) {
  return (
    <p class="note is-slim">
      Nothing is called “{asked}” here. These are the results for <strong>{searched}</strong>.
    </p>
  );
}

function Hits({ path, first }: { readonly path: string; readonly first: SearchAnswer }) {
  const [added, setAdded] = useState<readonly ItemSummary[]>([]);
  const [cursor, setCursor] = useState(first.nextCursor);
  const [error, setError] = useState<Refused>();
  const [isLoading, setLoading] = useState(false);

  const more = async () => {
    setLoading(true);
    setError(undefined);
    try {
      const next = `${path}&cursor=${encodeURIComponent(cursor ?? '')}`;
      const answer = await call<SearchAnswer>('GET', next);
      setAdded((before) => [...before, ...answer.hits]);
      setCursor(answer.nextCursor);
      tell(`${answer.hits.length} more items`);
    } catch (refused) {
      setError(asRefused(refused));
    } finally {
      setLoading(false);
    }
  };
  const hits = [...first.hits, ...added];
  return (
    <>
      <ul class="cards">
        {hits.map((item) => (
          <ItemCard key={item.sku} item={item} />
        ))}
      </ul>
      {error && <ProblemNote problem={error} />}
      {cursor !== null && (
        <p class="more">
          <span>
            {count(hits.length)} of {count(first.total)}
          </span>
          <button type="button" class="button" disabled={isLoading} onClick={() => void more()}>
            {isLoading ? 'Loading …' : 'Show more'}
          </button>
        </p>
      )}
    </>
  );
}

function Nothing({ query, code, showsAll }: ScopeProps) {
  const all = searchUrl({ ...Object.fromEntries(query), all: '1' });
  return (
    <div class="empty">
      <div class="picture is-small of-home paper-1">{drawingOf('')}</div>
      <h2>Nothing fits</h2>
      <p>
        {code === '' || showsAll
          ? 'Try fewer words or other filters.'
          : `Nothing like this reaches ${code}. Try fewer words, other filters or another pincode.`}
      </p>
      <p class="button-row">
        {code !== '' && !showsAll && (
          <Link class="button" href={all}>
            Also show what does not reach {code}
          </Link>
        )}
        <Link class="button is-quiet" href={searchUrl({})}>
          See everything
        </Link>
      </p>
    </div>
  );
}
