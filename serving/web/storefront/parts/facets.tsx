/** What a search can be narrowed to: categories, brands, prices. */
import { useEffect, useState } from 'preact/hooks';
import { count, paise, price } from '../client/format.ts';
import type { Facet, SearchAnswer } from '../client/wire.ts';

/** Of the address; `undefined` takes a parameter away. */
export type Changes = Readonly<Record<string, string | undefined>>;

interface ChangeProps {
  readonly query: URLSearchParams;
  readonly change: (changes: Changes) => void;
}

interface FacetsProps extends ChangeProps {
  readonly answer: SearchAnswer | undefined;
}

const nothingChosen: Changes = {
  category: undefined,
  brand: undefined,
  minPrice: undefined,
  maxPrice: undefined,
};

export function Facets({ query, answer, change }: FacetsProps) {
  const [isOpen, setOpen] = useState(false);
  const facets = answer?.facets;
  const chosen = chosenIn(query).length;
  return (
    <aside class="facets" aria-label="Filters">
      <button
        type="button"
        class="button is-quiet facets-toggle"
        aria-expanded={isOpen}
        aria-controls="facets"
        onClick={() => setOpen(!isOpen)}
      >
        Filters{chosen > 0 ? ` (${chosen})` : ''}
      </button>
      <div id="facets" class={isOpen ? 'facets-body is-open' : 'facets-body'}>
        <FacetList
          title="Category"
          facets={facets?.category ?? []}
          chosen={query.get('category')}
          choose={(value) => change({ category: value })}
          text={(value) => value.split('/').slice(1).join(' › ') || value}
        />
        <PriceRange query={query} change={change} />
        <FacetList
          title="Brand"
          facets={facets?.brand ?? []}
          chosen={query.get('brand')}
          choose={(value) => change({ brand: value })}
          text={(value) => value}
        />
        <button type="button" class="button facets-done" onClick={() => setOpen(false)}>
          {answer ? `Show ${count(answer.total)} items` : 'Show the items'}
        </button>
      </div>
    </aside>
  );
}

/** What was chosen, each to be taken back with one touch. */
export function ChosenFilters({ query, change }: ChangeProps) {
  const chosen = chosenIn(query);
  if (chosen.length === 0) return null;
  return (
    <ul class="chosen" aria-label="Chosen filters">
      {chosen.map(({ text, without }) => (
        <li key={text}>
          <button
            type="button"
            class="chip"
            aria-label={`Remove the filter ${text}`}
            onClick={() => change(without)}
          >
            {text} <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
      {chosen.length > 1 && (
        <li>
          <button type="button" class="link-button" onClick={() => change(nothingChosen)}>
            Clear all filters
          </button>
        </li>
      )}
    </ul>
  );
}

function chosenIn(query: URLSearchParams): { text: string; without: Changes }[] {
  const category = query.get('category');
  const brand = query.get('brand');
  const [low, high] = ['minPrice', 'maxPrice'].map((name) => {
    const amount = Number(query.get(name));
    return amount > 0 ? price({ amount, currency: 'INR' }) : undefined;
  });
  const chosen: { text: string; without: Changes }[] = [];
  if (category) {
    chosen.push({ text: category.replaceAll('/', ' › '), without: { category: undefined } });
  }
  if (brand) chosen.push({ text: brand, without: { brand: undefined } });
  if (low ?? high) {
    const text = low && high ? `${low} to ${high}` : low ? `from ${low}` : `up to ${high}`;
    chosen.push({ text, without: { minPrice: undefined, maxPrice: undefined } });
  }
  return chosen;
}

interface FacetListProps {
  readonly title: string;
  readonly facets: readonly Facet[];
  readonly chosen: string | null;
  readonly choose: (value: string | undefined) => void;
  readonly text: (value: string) => string;
}

const SHOWN = 8;

function FacetList({ title, facets, chosen, choose, text }: FacetListProps) {
  const [showsAll, setShowsAll] = useState(false);
  // What was chosen stays in the list, so that it can be taken back.
  const isListed = chosen === null || facets.some(({ value }) => value === chosen);
  const listed = isListed ? facets : [{ value: chosen, count: -1 }, ...facets];
  if (listed.length === 0) return null;
  return (
    <fieldset>
      <legend>{title}</legend>
      <ul>
        {(showsAll ? listed : listed.slice(0, SHOWN)).map((facet) => (
          <li key={facet.value}>
            <button
              type="button"
              class="facet"
              aria-pressed={facet.value === chosen}
              onClick={() => choose(facet.value === chosen ? undefined : facet.value)}
            >
              <span>{text(facet.value)}</span>
              {facet.count >= 0 && <span class="facet-count">{count(facet.count)}</span>}
            </button>
          </li>
        ))}
      </ul>
      {listed.length > SHOWN && (
        <button type="button" class="link-button" onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? 'Show fewer' : `Show all ${listed.length}`}
        </button>
      )}
    </fieldset>
  );
}

function PriceRange({ query, change }: ChangeProps) {
  const asRupees = (name: string) => {
    const amount = Number(query.get(name));
    return amount > 0 ? String(amount / 100) : '';
  };
  const [low, setLow] = useState(asRupees('minPrice'));
  const [high, setHigh] = useState(asRupees('maxPrice'));
  useEffect(() => {
    setLow(asRupees('minPrice'));
    setHigh(asRupees('maxPrice'));
  }, [query]);

  const take = (event: Event) => {
    event.preventDefault();
    change({ minPrice: paise(low)?.toString(), maxPrice: paise(high)?.toString() });
  };
  const box = (label: string, value: string, set: (value: string) => void) => (
    <label>
      <span>{label}</span>
      <input
        inputMode="decimal"
        value={value}
        maxLength={11}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
  return (
    <fieldset>
      <legend>Price in ₹</legend>
      <form class="price-range" onSubmit={take}>
        {box('from', low, setLow)}
        {box('to', high, setHigh)}
        <button type="submit" class="button is-quiet is-compact">
          Apply
        </button>
      </form>
    </fieldset>
  );
}
