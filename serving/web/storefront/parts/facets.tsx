/** What a search can be narrowed to: categories, brands, prices. */
import { useEffect, useState } from 'preact/hooks';
import { count, paise } from '../client/format.ts';
import type { Facet, SearchAnswer } from '../client/wire.ts';

interface FacetsProps {
  readonly query: URLSearchParams;
  readonly facets: SearchAnswer['facets'] | undefined;
  readonly change: (changes: Readonly<Record<string, string | undefined>>) => void;
}

export function Facets({ query, facets, change }: FacetsProps) {
  const category = query.get('category');
  const brand = query.get('brand');
  const hasPrice = query.has('minPrice') || query.has('maxPrice');
  const [isOpen, setOpen] = useState(false);
  const chosen = [category, brand].filter(Boolean).length + (hasPrice ? 1 : 0);
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
        {chosen > 0 && (
          <button
            type="button"
            class="link-button"
            onClick={() =>
              change({
                category: undefined,
                brand: undefined,
                minPrice: undefined,
                maxPrice: undefined,
              })
            }
          >
            Clear all filters
          </button>
        )}
        <FacetList
          title="Category"
          facets={facets?.category ?? []}
          chosen={category}
          choose={(value) => change({ category: value })}
          text={(value) => value.replaceAll('/', ' › ')}
        />
        <PriceRange query={query} change={change} />
        <FacetList
          title="Brand"
          facets={facets?.brand ?? []}
          chosen={brand}
          choose={(value) => change({ brand: value })}
          text={(value) => value}
        />
      </div>
    </aside>
  );
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

function PriceRange({ query, change }: Omit<FacetsProps, 'facets'>) {
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
