/** The start page: what the shop is about, the departments, and what may be liked. */

import { drawingOf, MillScene } from '../art/drawings.tsx';
import { call } from '../client/api.ts';
import { pincode } from '../client/cart.ts';
import { useCell } from '../client/cell.ts';
import { Link, useTitle } from '../client/navigation.tsx';
import { session } from '../client/session.ts';
import { useLoad } from '../client/use-load.ts';
import type { SearchAnswer, Suggestion } from '../client/wire.ts';
import { CardsLoading, ItemCard } from '../parts/item-card.tsx';
import { HeroPincode } from '../parts/pincode-box.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { Shelf } from '../parts/shelf.tsx';
import { searchUrl } from '../routes.ts';

const departments = [
  ['Grocery', 'Grocery/Tea'],
  ['Electronics', 'Electronics/Audio/Headphones'],
  ['Clothing', 'Clothing/Men'],
  ['Books', 'Books'],
  ['Home', 'Home/Lighting'],
  ['Kitchen', 'Kitchen/Appliances'],
  ['Beauty', 'Beauty'],
  ['Toys', 'Toys/Outdoor/Ride'],
  ['Sports', 'Sports/Cricket'],
  ['Stationery', 'Stationery/Writing'],
  ['Garden', 'Garden'],
  ['Pets', 'Pets'],
] as const;

export function HomePage() {
  useTitle('');
  const code = useCell(pincode);
  const who = useCell(session);
  return (
    <>
      <Hero code={code} />
      <section class="page" aria-labelledby="departments">
        <h2 id="departments">Departments</h2>
        <ul class="departments">
          {departments.map(([name, kind]) => (
            <li key={name}>
              <Link
                class={`department of-${name.toLowerCase()}`}
                href={searchUrl({ category: name })}
              >
                {drawingOf(kind)}
                <span>{name}</span>
              </Link>
            </li>
          ))}
        </ul>
      </section>
      <div class="page">
        {who !== null && (
          <Shelf
            key={who.userId}
            title="Recommended for you"
            path="/v1/recommendations"
            fits={isPersonal}
          />
        )}
        <Shelf title="Trending now" path="/v1/trending" />
        <NewItems code={code} />
      </div>
    </>
  );
}

/** The shop fills up with what is popular, which has a shelf of its own. */
function isPersonal({ reason }: Suggestion): boolean {
  return reason !== 'trending';
}

function Hero({ code }: { readonly code: string }) {
  return (
    <section class="hero">
      <div class="hero-words">
        <h1>Know the day before you pay.</h1>
        <p>
          Every item here says when it reaches you, from which city, and for how much.
          {code !== '' && ` You are at ${code}.`}
        </p>
        {code === '' && <HeroPincode />}
        <p class="hero-links">
          <Link
            class={code === '' ? 'button is-quiet' : 'button'}
            href={searchUrl({ sort: 'newest' })}
          >
            See what is new
          </Link>
          <Link class="button is-quiet" href={searchUrl({ q: 'tea' })}>
            A cup of tea?
          </Link>
        </p>
      </div>
      <MillScene />
    </section>
  );
}

function NewItems({ code }: { readonly code: string }) {
  const path = `/v1/search?sort=newest&limit=6${code === '' ? '' : `&pincode=${code}`}`;
  const { value, error, reload } = useLoad(path, (signal) =>
    call<SearchAnswer>('GET', path, { signal }),
  );
  return (
    <section class="shelf" aria-labelledby="new">
      <h2 id="new">{code === '' ? 'Just in' : 'Just in, and on its way to you soon'}</h2>
      {error && <ProblemNote problem={error} retry={reload} />}
      {!error && !value && <CardsLoading count={6} />}
      {value && (
        <ul class="cards">
          {value.hits.map((item) => (
            <ItemCard key={item.sku} item={item} />
          ))}
        </ul>
      )}
    </section>
  );
}
